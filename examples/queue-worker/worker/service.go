package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// service returns the name of the ECS service that this task belongs to: canary and primary run the same definition,
// and this is what tells their metrics apart. Outside of ECS it is SERVICE, or "worker".
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
func service(ctx context.Context, getenv func(string) string) string {
	if name := getenv("SERVICE"); name != "" {
		return name
	}
	const unknown = "worker"
	endpoint := getenv("ECS_CONTAINER_METADATA_URI_V4")
	if endpoint == "" {
		return unknown
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/task", nil)
	if err != nil {
		return unknown
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return unknown
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	var task struct{ ServiceName, Family string }
	if err := json.NewDecoder(answer.Body).Decode(&task); err != nil {
		return unknown
	}
	if task.ServiceName != "" {
		return task.ServiceName
	}
	return task.Family // older platforms do not name the service; the families of the two services differ
}
