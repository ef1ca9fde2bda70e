package ecs

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// A protected task is not stopped by a deployment or a scale-in, for two hours or up to 48; it can still end by itself
// and be stopped by a person.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
const (
	protectsMinutes    = 120
	protectsMinutesMax = 2880
	protectTasksMax    = 10
)

func (c *Control) protect(in *sdk.UpdateTaskProtectionInput) (*sdk.UpdateTaskProtectionOutput, error) {
	cl, err := c.cluster(aws.ToString(in.Cluster))
	if err != nil {
		return nil, err
	}
	if len(in.Tasks) == 0 || len(in.Tasks) > protectTasksMax {
		return nil, invalidParameter("The number of tasks must be between 1 and 10.")
	}
	minutes := int32(protectsMinutes)
	if in.ExpiresInMinutes != nil {
		minutes = *in.ExpiresInMinutes
	}
	if minutes < 1 || minutes > protectsMinutesMax {
		return nil, invalidParameter("expiresInMinutes must be between 1 and 2880.")
	}
	out := &sdk.UpdateTaskProtectionOutput{}
	for _, name := range in.Tasks {
		t := c.taskIn(cl, name)
		if t == nil || t.state == stopped {
			out.Failures = append(out.Failures, missing(name))
			continue
		}
		t.protects = in.ProtectionEnabled
		if t.protects {
			t.protectedUntil = c.loop.Now().Add(time.Duration(minutes) * time.Minute)
			c.loop.At(t.protectedUntil, t.deployment.service.wake)
		}
		t.deployment.service.wake()
		out.ProtectedTasks = append(out.ProtectedTasks, t.protectedView(c.loop.Now()))
	}
	return out, nil
}

func (c *Control) protection(in *sdk.GetTaskProtectionInput) (*sdk.GetTaskProtectionOutput, error) {
	cl, err := c.cluster(aws.ToString(in.Cluster))
	if err != nil {
		return nil, err
	}
	if len(in.Tasks) > 100 {
		return nil, invalidParameter("The number of tasks must be at most 100.")
	}
	out := &sdk.GetTaskProtectionOutput{}
	for _, name := range in.Tasks {
		t := c.taskIn(cl, name)
		if t == nil || t.state == stopped {
			out.Failures = append(out.Failures, missing(name))
			continue
		}
		out.ProtectedTasks = append(out.ProtectedTasks, t.protectedView(c.loop.Now()))
	}
	return out, nil
}

func (t *task) protectedView(now time.Time) types.ProtectedTask {
	v := types.ProtectedTask{TaskArn: aws.String(t.arn), ProtectionEnabled: t.protected(now)}
	if v.ProtectionEnabled {
		v.ExpirationDate = aws.Time(t.protectedUntil)
	}
	return v
}

// Protect protects every running task of a service for d, as its workers do from inside; it returns how many.
func (c *Control) Protect(service string, d time.Duration) int {
	s := c.named(service)
	if s == nil {
		return 0
	}
	n := 0
	for _, t := range s.tasks {
		if t.state == running {
			t.protects, t.protectedUntil = true, c.loop.Now().Add(d)
			n++
		}
	}
	c.loop.After(d, s.wake)
	return n
}

// taskIn finds a task of a cluster by id or ARN; nil where there is none that the API still shows.
func (c *Control) taskIn(cl *cluster, name string) *task {
	t := c.tasks[taskID(name)]
	if t == nil || t.deployment.service.cluster != cl || !t.visible(c.loop.Now()) {
		return nil
	}
	return t
}
