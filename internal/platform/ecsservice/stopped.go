package ecsservice

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// maxStopped is how many failed tasks are told of at one look: the latest say as much as all of them.
const maxStopped = 3

// stopped tells of the new revision's tasks that failed, and where their logs are: ECS forgets a stopped task after an
// hour, and the definition that names its logs is removed with the release. What was told before is left out.
func (c *Call) stopped(ctx context.Context) []release.Stopped {
	var told []release.Stopped
	for _, s := range []*Side{c.canary, c.primary} {
		failed := failures(s.tasks, func(definition string) bool { return c.made.holds(definition, s.next) })
		for _, task := range failed[:min(len(failed), maxStopped)] {
			id := ShortName(aws.ToString(task.TaskArn))
			if slices.ContainsFunc(c.rel.Stopped, func(known release.Stopped) bool { return known.Task == id }) {
				continue
			}
			told = append(told, c.logged(ctx, task, release.Stopped{Task: id, Service: s.arm.Service, At: endOf(task), Why: why(task)}))
		}
	}
	return told
}

// logged adds where the log of a task's released container is, where it goes to CloudWatch. It is worth a look, and no
// reason to fail one.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
func (c *Call) logged(ctx context.Context, task *types.Task, s release.Stopped) release.Stopped {
	definition, _, err := c.describe(ctx, aws.ToString(task.TaskDefinitionArn))
	if err != nil {
		return s
	}
	for _, container := range definition.ContainerDefinitions {
		logs := container.LogConfiguration
		if aws.ToString(container.Name) != c.place.Container || logs == nil || logs.LogDriver != types.LogDriverAwslogs || logs.Options["awslogs-stream-prefix"] == "" {
			continue
		}
		s.LogGroup, s.LogStream = logs.Options["awslogs-group"], logs.Options["awslogs-stream-prefix"]+"/"+c.place.Container+"/"+s.Task
	}
	return s
}
