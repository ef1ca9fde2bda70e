package ecs

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/golden"
)

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html (half of desired, 3 to
// 200) and https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
func TestThreshold(t *testing.T) {
	config := func(kind types.ThresholdType, value int32) *types.DeploymentCircuitBreaker {
		return &types.DeploymentCircuitBreaker{Enable: true, ThresholdConfiguration: &types.ThresholdConfiguration{Type: kind, Value: value}}
	}
	for _, c := range []struct {
		desired int
		breaker *types.DeploymentCircuitBreaker
		want    int
	}{
		{0, breaker(false), 3},
		{1, breaker(false), 3},
		{6, breaker(false), 3},
		{7, breaker(false), 4},
		{25, breaker(false), 13},
		{400, breaker(false), 200},
		{800, breaker(false), 200},
		{25, nil, 13},
		{10, config(types.ThresholdTypeBoundedPercent, 80), 8},
		{2, config(types.ThresholdTypeBoundedPercent, 50), 3},
		{2, config(types.ThresholdTypeUnboundedPercent, 50), 1},
		{1000, config(types.ThresholdTypeUnboundedPercent, 50), 500},
		{100, config(types.ThresholdTypeCount, 1), 1},
	} {
		s := &service{desired: c.desired, rolling: types.DeploymentConfiguration{DeploymentCircuitBreaker: c.breaker}}
		if got := s.threshold(); got != c.want {
			t.Errorf("desired %d, %+v: %d, want %d", c.desired, c.breaker, got, c.want)
		}
	}
}

// TestBreakerStory writes down what the API shows, from the update to the end of the rollback.
func TestBreakerStory(t *testing.T) {
	for _, tag := range []string{"crash", "gone", "large", "sick"} {
		t.Run(tag, func(t *testing.T) {
			w := newWorld(t, 7)
			w.orders(2, rolling(100, 200, breaker(true)))
			w.update(to(w.define(tag, checked)))
			golden.Text(t, "breaker-"+tag, w.story(30*time.Minute))
		})
	}
}

// story tells of each change in the deployments of orders, with ids by order of appearance.
func (w *world) story(d time.Duration) string {
	var text strings.Builder
	names := map[string]string{}
	last := ""
	look := func() {
		var line strings.Builder
		for _, d := range w.view().Deployments {
			if names[*d.Id] == "" {
				names[*d.Id] = fmt.Sprintf("deployment-%d", len(names))
			}
			fmt.Fprintf(&line, "\n    %s %s %s %s pending %d running %d failed %d: %s", names[*d.Id], *d.Status, d.RolloutState, taskID(*d.TaskDefinition),
				d.PendingCount, d.RunningCount, d.FailedTasks, *d.RolloutStateReason)
		}
		fmt.Fprintf(&line, "\n    history %v, serving %v\n", w.statuses(), w.digests())
		if line.String() != last {
			last = line.String()
			text.WriteString(w.loop.Now().Sub(start).Round(time.Second).String() + last)
		}
	}
	look()
	w.watch(d, look)
	story := text.String()
	for id, name := range names {
		story = strings.ReplaceAll(story, id, name)
	}
	return story
}

// With rollback on, ECS returns to the last completed deployment: a new one, with that revision and its digests.
func TestBreakerRollsBackToTheCompletedRevision(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(4, rolling(100, 200, breaker(true)))
	before := w.view()
	w.update(to(w.define("crash")))
	w.images[repo+":latest"] = other // the baseline's tag moves: the revision's digest counts
	w.until(10*time.Minute, "rollback", func() bool { return w.statuses()[0] == types.ServiceDeploymentStatusRollbackInProgress })
	v := w.view()
	now, bad := v.Deployments[0], v.Deployments[1]
	if *now.Id == *before.Deployments[0].Id || *v.TaskDefinition != *before.TaskDefinition || now.RolloutState != types.DeploymentRolloutStateInProgress ||
		*now.RolloutStateReason != "ECS deployment circuit breaker: rolling back to deploymentId "+*before.Deployments[0].Id+"." {
		t.Errorf("PRIMARY is %+v %s", now, *now.RolloutStateReason)
	}
	if bad.RolloutState != types.DeploymentRolloutStateFailed || bad.FailedTasks != 3 || *bad.RolloutStateReason != "ECS deployment circuit breaker: tasks failed to start." {
		t.Errorf("the bad one is %+v", bad)
	}
	w.until(10*time.Minute, "home", w.settled)
	if !maps.Equal(w.digests(), map[string]int{good: 4}) {
		t.Errorf("rolled back to %v", w.digests())
	}
	out, err := w.describeDeployments(&sdk.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*w.history()[0].ServiceDeploymentArn}})
	if err != nil {
		t.Fatal(err)
	}
	r := out.ServiceDeployments[0]
	if r.Status != types.ServiceDeploymentStatusRollbackSuccessful || r.FinishedAt == nil || r.Rollback == nil || *r.Rollback.ServiceRevisionArn != *r.SourceServiceRevisions[0].Arn ||
		r.DeploymentCircuitBreaker.Status != types.ServiceDeploymentRollbackMonitorsStatusTriggered || r.DeploymentCircuitBreaker.FailureCount != 3 || r.DeploymentCircuitBreaker.Threshold != 3 {
		t.Errorf("record %+v, rollback %+v, breaker %+v", r, r.Rollback, r.DeploymentCircuitBreaker)
	}
	if len(w.history()) != 2 {
		t.Errorf("the rollback has a record of its own: %v", w.statuses())
	}
}

// Without rollback the deployment stays FAILED, starts nothing any more, and its record is STOPPED.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html (stoppedAt)
func TestBreakerWithoutRollbackStalls(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(2, rolling(100, 200, breaker(false)))
	w.update(to(w.define("crash")))
	w.pass(10 * time.Minute)
	v := w.view()
	if v.Deployments[0].RolloutState != types.DeploymentRolloutStateFailed || w.statuses()[0] != types.ServiceDeploymentStatusStopped || !maps.Equal(w.digests(), map[string]int{good: 2}) {
		t.Errorf("%+v, %v, %v", v.Deployments, w.statuses(), w.digests())
	}
	started := w.taskCount
	w.pass(2 * time.Hour)
	if w.taskCount != started {
		t.Error("a failed deployment starts tasks")
	}
	w.update(to(w.define("other")))
	w.until(10*time.Minute, "the next update", w.settled)
	if !maps.Equal(w.digests(), map[string]int{other: 2}) {
		t.Errorf("%v", w.digests())
	}
}

// A task that was healthy and crashes then is replaced, but is no failed task of the deployment (the same page).
func TestACrashOfAHealthyTaskIsNoFailure(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(3)
	w.protectOne() // keeps the deployment going
	w.update(to(w.define("other")))
	fresh := func() *task { return w.named("orders").tasks[len(w.named("orders").tasks)-1] }
	w.until(5*time.Minute, "a healthy task", func() bool { return fresh().healthy && fresh().digest() == other })
	fresh().crash()
	if d := w.view().Deployments[0]; d.FailedTasks != 0 || d.RolloutState != types.DeploymentRolloutStateInProgress {
		t.Errorf("%+v", d)
	}
	w.pass(5 * time.Minute)
	if got := w.digests()[other]; got != 3 {
		t.Errorf("%d tasks of the new version", got)
	}
}

// A failed deployment that stays moves nothing, although some of its tasks are healthy.
func TestAFailedDeploymentReplacesNothing(t *testing.T) {
	w := newWorld(t, 1)
	b := breaker(false)
	b.ResetOnHealthyTask, b.ThresholdConfiguration = aws.Bool(false), &types.ThresholdConfiguration{Type: types.ThresholdTypeCount, Value: 1}
	w.orders(4, rolling(100, 200, b))
	w.update(to(w.define("other")))
	w.until(2*time.Minute, "all running", func() bool { return w.view().Deployments[0].RunningCount == 4 })
	w.named("orders").tasks[len(w.named("orders").tasks)-1].crash()
	before := w.digests()[good]
	w.pass(time.Hour)
	if w.view().Deployments[0].RolloutState != types.DeploymentRolloutStateFailed || !maps.Equal(w.digests(), map[string]int{good: before, other: 3}) || before == 0 {
		t.Errorf("%v, before %d of the running version", w.digests(), before)
	}
}

// After the steady state, tasks that fail to start are throttled, but fail no deployment.
func TestACompletedDeploymentIsNotWatched(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(2, rolling(100, 200, breaker(true)))
	delete(w.images, repo+":latest")
	delete(w.images, repo+":good")
	w.Kill("orders")
	w.pass(2 * time.Hour)
	if d := w.view().Deployments[0]; d.RolloutState != types.DeploymentRolloutStateCompleted || d.FailedTasks != 0 || len(w.history()) != 1 {
		t.Errorf("%+v", d)
	}
}

// A rollback that fails too has nothing to return to.
func TestARollbackCanFail(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1, rolling(0, 100, breaker(true)))
	w.update(to(w.define("crash")))
	w.pass(20 * time.Second)
	delete(w.images, repo+":latest")
	delete(w.images, repo+":good")
	w.pass(2 * time.Hour)
	if w.statuses()[0] != types.ServiceDeploymentStatusRollbackFailed || w.view().Deployments[0].RolloutState != types.DeploymentRolloutStateFailed || len(w.digests()) != 0 {
		t.Errorf("%v, %v", w.statuses(), w.digests())
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html (resetOnHealthyTask):
// consecutive failures by default, all of them otherwise.
func TestFailuresInARow(t *testing.T) {
	for _, c := range []struct {
		reset *bool
		want  int32
	}{{nil, 0}, {aws.Bool(true), 0}, {aws.Bool(false), 1}} {
		w := newWorld(t, 1)
		b := breaker(true)
		b.ResetOnHealthyTask = c.reset
		w.orders(3, rolling(100, 200, b))
		w.update(to(w.define("other")))
		w.until(2*time.Minute, "a running task", func() bool { return w.view().Deployments[0].RunningCount > 0 })
		w.named("orders").tasks[3].crash() // the first of the new ones, if it runs; one of them does
		for _, t := range w.named("orders").tasks[3:] {
			if w.view().Deployments[0].FailedTasks == 0 {
				t.crash()
			}
		}
		if got := w.view().Deployments[0].FailedTasks; got != 1 {
			t.Fatalf("%d failed tasks", got)
		}
		w.until(10*time.Minute, "the steady state", w.settled)
		if got := w.view().Deployments[0].FailedTasks; got != c.want {
			t.Errorf("reset %v: %d failed tasks, want %d", c.reset, got, c.want)
		}
	}
}

// The breaker watches until the steady state is reached; a version that crashes later is replaced for ever.
// https://repost.aws/knowledge-center/ecs-deployment-roll-back-failure
func TestALateCrashLoopPassesTheBreaker(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1, rolling(100, 200, breaker(true)))
	w.update(to(w.define("late")))
	w.until(5*time.Minute, "the steady state", w.settled)
	w.pass(2 * time.Hour)
	v := w.view()
	if !w.settled() || v.Deployments[0].FailedTasks != 0 || w.statuses()[0] != types.ServiceDeploymentStatusSuccessful {
		t.Errorf("%+v", v.Deployments[0])
	}
	if n := w.stoppedCount(types.TaskStopCodeEssentialContainerExited); n < 10 || n > 25 {
		t.Errorf("%d crashes within the last hour", n)
	}
}

// stoppedCount is how many stopped tasks of orders the API shows with a stop code.
func (w *world) stoppedCount(code types.TaskStopCode) (n int) {
	w.within(func(ctx context.Context) {
		out, err := w.ListTasks(ctx, &sdk.ListTasksInput{Cluster: aws.String("prod"), ServiceName: aws.String("orders"), DesiredStatus: types.DesiredStatusStopped})
		if err != nil || len(out.TaskArns) == 0 {
			w.t.Errorf("%v, %v", out, err)
			return
		}
		tasks, err := w.DescribeTasks(ctx, &sdk.DescribeTasksInput{Cluster: aws.String("prod"), Tasks: out.TaskArns})
		if err != nil {
			w.t.Error(err)
			return
		}
		for _, t := range tasks.Tasks {
			if t.StopCode == code {
				n++
			}
		}
	})
	return n
}

// Tasks that never reach RUNNING are started at growing intervals, up to 27 minutes; a new deployment starts at once.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
func TestThrottle(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	w.update(to(w.define("gone")))
	var launches []time.Duration
	known := w.taskCount
	w.watch(8*time.Hour, func() {
		if w.taskCount != known {
			known = w.taskCount
			launches = append(launches, w.loop.Now().Sub(start))
		}
	})
	for i := 2; i < len(launches); i++ {
		wait, last := launches[i]-launches[i-1], launches[i-1]-launches[i-2]
		if wait > 27*time.Minute+pullFailMax+2*noticeMax || i < 7 && wait <= last {
			t.Errorf("launch %d after %v, the one before after %v", i, wait, last)
		}
	}
	if len(launches) < 15 || len(launches) > 30 {
		t.Errorf("%d launches in 8 hours", len(launches))
	}
	if !w.told("is unable to consistently start tasks successfully") {
		t.Error("no event tells of it")
	}
	w.update(to(w.define("other")))
	w.until(3*time.Minute, "an unthrottled update", w.settled)
}

// Tasks that stop after RUNNING do not throttle (the same page).
func TestCrashesAfterRunningAreNotThrottled(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	w.update(to(w.define("crash")))
	before := w.taskCount
	w.pass(time.Hour)
	if n := w.taskCount - before; n < 45 || n > 120 {
		t.Errorf("%d launches in an hour", n)
	}
	if v := w.view(); v.Deployments[0].FailedTasks < 40 || v.Deployments[0].RolloutState != types.DeploymentRolloutStateInProgress || !maps.Equal(w.digests(), map[string]int{good: 1}) && len(w.digests()) != 2 {
		t.Errorf("%+v, %v", v.Deployments[0], w.digests())
	}
}
