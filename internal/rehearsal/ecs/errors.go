package ecs

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func clientError(text string) error { return &types.ClientException{Message: &text} }

func invalidParameter(text string) error { return &types.InvalidParameterException{Message: &text} }

func serviceNotFound() error {
	text := "Service not found."
	return &types.ServiceNotFoundException{Message: &text}
}

func serviceNotActive() error {
	text := "Service was not ACTIVE."
	return &types.ServiceNotActiveException{Message: &text}
}

func clusterNotFound() error {
	text := "Cluster not found."
	return &types.ClusterNotFoundException{Message: &text}
}

// missing is the failure of a describe call that found no resource of that name.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
func missing(arn string) types.Failure {
	reason := "MISSING"
	return types.Failure{Arn: &arn, Reason: &reason}
}
