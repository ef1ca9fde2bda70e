package ecsservice

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Scale-ins, Spot interruptions, stops by a person and ends after a long life are not the version's failures.
func TestFailuresOfTheVersion(t *testing.T) {
	at := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	task := func(code types.TaskStopCode, reason string, lived time.Duration) *types.Task {
		return &types.Task{TaskDefinitionArn: aws.String("d"), StopCode: code, StoppedReason: aws.String(reason), StartedAt: aws.Time(at), StoppedAt: aws.Time(at.Add(lived))}
	}
	for name, c := range map[string]struct {
		task *types.Task
		want bool
	}{
		"scale-in":                {task(types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by (deployment ecs-svc/1)", time.Minute), false},
		"spot":                    {task(types.TaskStopCodeSpotInterruption, "Your Spot Task was interrupted.", time.Minute), false},
		"person":                  {task(types.TaskStopCodeUserInitiated, "Task stopped by user", time.Minute), false},
		"maintenance":             {task(types.TaskStopCodeTerminationNotice, "AWS Fargate task maintenance", time.Minute), false},
		"exit after a long life":  {task(types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", time.Hour), false},
		"exit after a short life": {task(types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", time.Minute), true},
		"never started":           {task(types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError", 0), true},
		"ill":                     {task(types.TaskStopCodeServiceSchedulerInitiated, "Task failed container health checks", time.Hour), true},
		"runs":                    {&types.Task{TaskDefinitionArn: aws.String("d")}, false},
	} {
		if got := len(failures([]*types.Task{c.task}, func(d string) bool { return d == "d" })) == 1; got != c.want {
			t.Errorf("%s: failed %t", name, got)
		}
		if len(failures([]*types.Task{c.task}, func(string) bool { return false })) > 0 {
			t.Errorf("%s: counted for another revision", name)
		}
	}
	for desired, want := range map[int32]int{0: 2, 1: 2, 3: 2, 4: 2, 5: 3, 10: 5, 1000: 20} {
		if got := failureLimit(desired); got != want {
			t.Errorf("limit of %d is %d, want %d", desired, got, want)
		}
	}
}
