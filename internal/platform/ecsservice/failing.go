package ecsservice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// startup is how long a task may take until it runs, image pull and placement included, before the capacity or the
// image is called missing.
const startup = 15 * time.Minute

// shortLife is how soon after its start a task that ends by itself has failed, whatever its exit code: a worker that
// has nothing wrong with it does not leave within minutes.
const shortLife = 5 * time.Minute

// failureLimit is how many failed tasks make a failed revision: half of those wanted, at least 2 so that one
// accident of the infrastructure is none, and at most 20. ECS's own circuit breaker waits for 3 to 200 and counts only
// tasks that never ran.
func failureLimit(desired int32) int {
	return min(20, max(2, int(desired+1)/2))
}

// failures returns the tasks of the new revision that failed by themselves, the latest first. ECS's circuit breaker
// does not count tasks that ran and then ended, so the stopped tasks, which ECS remembers for an hour, are counted.
func failures(all []*types.Task, isOurs func(string) bool) []*types.Task {
	var failed []*types.Task
	for _, task := range all {
		if isOurs(aws.ToString(task.TaskDefinitionArn)) && hasFailed(task) {
			failed = append(failed, task)
		}
	}
	slices.SortStableFunc(failed, func(a, b *types.Task) int { return endOf(b).Compare(endOf(a)) })
	return failed
}

func hasFailed(task *types.Task) bool {
	switch task.StopCode {
	case types.TaskStopCodeTaskFailedToStart:
		return true
	case types.TaskStopCodeEssentialContainerExited:
		return task.StartedAt == nil || endOf(task).Sub(*task.StartedAt) < shortLife
	}
	// ECS replaces tasks whose container health check fails, as the service scheduler.
	return strings.Contains(aws.ToString(task.StoppedReason), "health check")
}

// endOf returns when a task's work ended; the zero time while it works.
func endOf(task *types.Task) time.Time {
	return aws.ToTime(cmp.Or(task.ExecutionStoppedAt, task.StoppingAt, task.StoppedAt))
}

// why says in a few words why a task failed.
func why(task *types.Task) string {
	var reasons []string
	if text := aws.ToString(task.StoppedReason); text != "" && task.StopCode != types.TaskStopCodeEssentialContainerExited {
		reasons = append(reasons, shorten(text))
	}
	for _, c := range task.Containers {
		if c.ExitCode != nil {
			reasons = append(reasons, fmt.Sprintf("container %s ended with exit code %d", aws.ToString(c.Name), *c.ExitCode))
		}
		if text := aws.ToString(c.Reason); text != "" {
			reasons = append(reasons, "container "+aws.ToString(c.Name)+": "+shorten(text))
		}
	}
	if len(reasons) == 0 {
		return "ECS gives no reason"
	}
	return strings.Join(reasons, ", ")
}

// crashing says why the new revision does not stay up in a service, or "".
func (c *Call) crashing(s *Side) string {
	mine := func(definition string) bool { return c.made.holds(definition, s.next) }
	failed := failures(s.tasks, mine)
	desired := s.service.DesiredCount
	if limit := failureLimit(desired); len(failed) >= limit {
		return fmt.Sprintf("%d tasks of the new revision in %s failed: %s", len(failed), s.arm.Service, why(failed[0]))
	}
	current := primaryDeployment(s.service)
	if mine(aws.ToString(current.TaskDefinition)) && int(current.FailedTasks) >= failureLimit(desired) {
		text := fmt.Sprintf("%d tasks of the new revision in %s failed to start", current.FailedTasks, s.arm.Service)
		if len(failed) > 0 {
			return text + ": " + why(failed[0])
		}
		return text + "; " + lastEvent(s.service)
	}
	return ""
}
