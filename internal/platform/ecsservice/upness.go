package ecsservice

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// upness is how far a service has come to run one revision and no other.
type upness struct {
	completed bool // ECS called the deployment completed
	running   int  // wanted tasks of the revision that run
	pending   int  // wanted tasks of the revision that do not run yet
	others    int  // tasks of other revisions, being stopped or not, that may still take messages
}

// upness counts for the new revision.
func (c *Call) upness(s *Side) upness { return c.count(s, s.next) }

// count counts a side's tasks for the definitions of some parts.
func (c *Call) count(s *Side, parts ...part) upness {
	mine := func(definition string) bool { return c.made.holds(definition, parts...) }
	if slices.Contains(parts, s.before) {
		mine = func(definition string) bool {
			return definition == s.arm.Definition || c.made.holds(definition, s.before)
		}
	}
	up := upness{completed: primaryDeployment(s.service).RolloutState == types.DeploymentRolloutStateCompleted}
	for _, task := range s.tasks {
		wanted := aws.ToString(task.DesiredStatus) != taskStopped
		switch status := aws.ToString(task.LastStatus); {
		case status == taskStopped:
		case !mine(aws.ToString(task.TaskDefinitionArn)):
			up.others++
		case !wanted: // scaled in: it ends by itself
		case status == taskRunning:
			up.running++
		default:
			up.pending++
		}
	}
	return up
}

// complete reports whether all wanted tasks run and nothing else does. later says that the deployment was completed
// before, and only the number of tasks was changed since.
func (u upness) complete(count int32, later bool) bool {
	return (u.completed || later) && u.running == int(count) && u.pending == 0 && u.others == 0
}

// rests is complete for a service that has come down to its number of tasks: more may still run where they protected
// themselves, and ECS ends them when they let it. ECS does not complete such a deployment, so one that is the only one
// left does as well - but not while the circuit breaker can still revert it, which would bring back the revision that
// was completed last: after a rollback, that is the bad one.
func (u upness) rests(count int32, service *types.Service) bool {
	single := len(service.Deployments) == 1 && (u.running > int(count) || !reverts(service))
	return (u.completed || single) && u.running >= int(count) && u.pending == 0 && u.others == 0
}

// reverts reports whether ECS brings back the deployment that was completed last where one fails.
func reverts(service *types.Service) bool {
	c := service.DeploymentConfiguration
	return c != nil && c.DeploymentCircuitBreaker != nil && c.DeploymentCircuitBreaker.Enable && c.DeploymentCircuitBreaker.Rollback
}

// rest says what else there is.
func (u upness) rest() string {
	text := ""
	if u.others == 1 {
		text = ", 1 task of another revision still works"
	} else if u.others > 1 {
		text = fmt.Sprintf(", %d tasks of other revisions still work", u.others)
	}
	if !u.completed {
		text += ", ECS has not completed the deployment"
	}
	return text
}

// oursOf returns the tasks of the new revision that may still take messages.
func (c *Call) oursOf(s *Side) []*types.Task {
	var found []*types.Task
	for _, task := range s.tasks {
		if aws.ToString(task.LastStatus) != taskStopped && c.made.holds(aws.ToString(task.TaskDefinitionArn), s.next) {
			found = append(found, task)
		}
	}
	return found
}

// wanted returns the tasks that nobody has told to stop yet.
func wanted(tasks []*types.Task) []*types.Task {
	return slices.DeleteFunc(slices.Clone(tasks), func(task *types.Task) bool { return aws.ToString(task.DesiredStatus) == taskStopped })
}
