package ecs

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// described returns the tasks of orders that a ListTasks with the status finds, in the order of their creation.
func (w *world) described(status types.DesiredStatus) []types.Task {
	w.t.Helper()
	found, err := w.listTasks(&sdk.ListTasksInput{Cluster: aws.String("prod"), ServiceName: aws.String("orders"), DesiredStatus: status})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(found.TaskArns) == 0 {
		return nil
	}
	out, err := w.describeTasks(&sdk.DescribeTasksInput{Cluster: aws.String("prod"), Tasks: found.TaskArns})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Tasks
}

// A task from start to end. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
func TestTheLifeOfATask(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1, func(s *ServiceSpec) {
		s.TaskDefinition = w.define("latest", func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions = append(in.ContainerDefinitions, types.ContainerDefinition{Name: aws.String("side"), Image: aws.String("side:1"), Essential: aws.Bool(false)})
		})
	})
	w.SetDesired("orders", 2)
	newest := func() types.Task { return *w.named("orders").tasks[1].view() }
	w.until(10*time.Second, "a new task", func() bool { return len(w.named("orders").tasks) == 2 })
	v := newest()
	if *v.LastStatus != "PENDING" || *v.DesiredStatus != "RUNNING" || v.StartedAt != nil || v.Containers[0].ImageDigest != nil || *v.Group != "service:orders" ||
		*v.StartedBy != *w.view().Deployments[0].Id || *v.TaskDefinitionArn != *w.view().TaskDefinition || v.HealthStatus != types.HealthStatusUnknown {
		t.Errorf("%+v", v)
	}
	created := *v.CreatedAt
	w.until(startUpMax, "RUNNING", func() bool { return *newest().LastStatus == "RUNNING" })
	v = newest()
	if took := v.StartedAt.Sub(created); took < startUpMin || took > startUpMax {
		t.Errorf("started after %v", took)
	}
	if *v.Containers[0].ImageDigest != good || *v.Containers[1].ImageDigest != "sha256:5555" || *v.Containers[0].Image != repo+":latest" || *v.Containers[1].Name != "side" {
		t.Errorf("%+v", v.Containers)
	}
	w.pass(settled)
	last := newest()
	w.SetDesired("orders", 0)
	w.until(noticeMax, "SIGTERM", func() bool { return len(w.digests()) == 0 })
	stopping := w.described(types.DesiredStatusStopped)
	if len(stopping) != 2 || *stopping[1].LastStatus != "STOPPING" || *stopping[1].DesiredStatus != "STOPPED" || stopping[1].StoppedAt != nil || stopping[1].StoppingAt == nil {
		t.Errorf("%+v", stopping)
	}
	if v := w.view(); v.RunningCount != 0 {
		t.Errorf("%d tasks run while they stop", v.RunningCount)
	}
	w.pass(30 * time.Second)
	v = w.described(types.DesiredStatusStopped)[1]
	if *v.LastStatus != "STOPPED" || v.StopCode != types.TaskStopCodeServiceSchedulerInitiated || !strings.HasPrefix(*v.StoppedReason, "Scaling activity initiated by (deployment ecs-svc/") ||
		*v.Containers[0].ExitCode != 0 || *v.TaskArn != *last.TaskArn || v.StoppedAt.Before(*v.StoppingAt) {
		t.Errorf("%+v", v)
	}
	w.pass(time.Hour)
	if gone := w.described(types.DesiredStatusStopped); len(gone) != 0 {
		t.Errorf("%d tasks are shown for longer than an hour", len(gone))
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
func TestWhyTasksStop(t *testing.T) {
	for tag, want := range map[string]struct {
		code   types.TaskStopCode
		reason string
		exit   int32
	}{
		"crash": {types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", 1},
		"gone":  {types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " + repo + ":gone", -1},
		"sick":  {types.TaskStopCodeServiceSchedulerInitiated, "Task failed container health checks", 0},
	} {
		w := newWorld(t, 1)
		w.orders(1)
		w.update(to(w.define(tag, checked)))
		w.until(5*time.Minute, "a stopped task", func() bool { return len(w.named("orders").stopped) > 0 })
		v := w.described(types.DesiredStatusStopped)[0]
		exit := int32(-1)
		if v.Containers[0].ExitCode != nil {
			exit = *v.Containers[0].ExitCode
		}
		if v.StopCode != want.code || !strings.HasPrefix(*v.StoppedReason, want.reason) || exit != want.exit {
			t.Errorf("%s: %s %q exit %d", tag, v.StopCode, *v.StoppedReason, exit)
		}
		if tag == "gone" && (v.StartedAt != nil || !strings.Contains(*v.Containers[0].Reason, "CannotPullContainerError")) {
			t.Errorf("%+v", v)
		}
	}
}

// An image that was deleted after the deployment resolved it cannot be pulled either.
func TestADeletedDigestCannotBePulled(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	delete(w.images, repo+":latest")
	delete(w.images, repo+":good")
	w.Kill("orders")
	w.pass(3 * time.Minute)
	if v := w.described(types.DesiredStatusStopped); len(w.digests()) != 0 || len(v) < 2 || !strings.Contains(*v[1].StoppedReason, repo+"@"+good) {
		t.Errorf("%v, %+v", w.digests(), v)
	}
}

// The number of tasks that stop within their stopTimeout, which is drawn.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout)
func TestStopTimeout(t *testing.T) {
	for _, c := range []struct {
		timeout *int32
		most    time.Duration
	}{{nil, 30 * time.Second}, {aws.Int32(5), 5 * time.Second}, {aws.Int32(120), 120 * time.Second}, {aws.Int32(300), 120 * time.Second}} {
		w := newWorld(t, 1)
		w.orders(40, func(s *ServiceSpec) {
			s.TaskDefinition = w.define("latest", func(in *sdk.RegisterTaskDefinitionInput) { in.ContainerDefinitions[0].StopTimeout = c.timeout })
		})
		w.SetDesired("orders", 0)
		w.pass(5 * time.Minute)
		var longest time.Duration
		for _, v := range w.described(types.DesiredStatusStopped) {
			longest = max(longest, v.StoppedAt.Sub(*v.StoppingAt))
		}
		if longest > c.most || longest < c.most/2 {
			t.Errorf("the slowest took %v of %v", longest, c.most)
		}
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (minimumHealthyPercent):
// without a health check a task counts after 40 s, with one when it has passed.
func TestWhenATaskCounts(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sdk.RegisterTaskDefinitionInput)
		after  time.Duration
		health types.HealthStatus
		works  bool // from RUNNING on
	}{
		"no check": {func(*sdk.RegisterTaskDefinitionInput) {}, 40 * time.Second, types.HealthStatusUnknown, true},
		"check":    {checked, 10 * time.Second, types.HealthStatusHealthy, false},
		"default check": {func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].HealthCheck = &types.HealthCheck{Command: []string{"CMD-SHELL", "x"}}
		}, 30 * time.Second, types.HealthStatusHealthy, false},
		"check off": {func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions[0].HealthCheck = &types.HealthCheck{Command: []string{"NONE"}}
		}, 40 * time.Second, types.HealthStatusUnknown, true},
	} {
		w := newWorld(t, 1)
		w.orders(0, func(s *ServiceSpec) { s.TaskDefinition = w.define("latest", c.change) })
		w.SetDesired("orders", 1)
		first := func() *task { return w.named("orders").tasks[0] }
		w.until(2*time.Minute, "RUNNING", func() bool { return len(w.named("orders").tasks) > 0 && first().state == running })
		if got := len(w.digests()) == 1; got != c.works {
			t.Errorf("%s: works at RUNNING is %v", name, got)
		}
		w.until(time.Minute, "healthy", func() bool { return first().healthy })
		if took := w.loop.Now().Sub(first().started); took != c.after || first().view().HealthStatus != c.health || len(w.digests()) != 1 {
			t.Errorf("%s: %v, %s, %v", name, took, first().view().HealthStatus, w.digests())
		}
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
func TestListTasks(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(5)
	w.define("good", func(in *sdk.RegisterTaskDefinitionInput) { in.Family = aws.String("billing") })
	if _, err := w.CreateService(ServiceSpec{Cluster: "prod", Name: "billing", TaskDefinition: "billing", Desired: 2}); err != nil {
		t.Fatal(err)
	}
	w.Kill("orders")
	w.pass(time.Minute * 2)
	id := *w.view().Deployments[0].Id
	for name, c := range map[string]struct {
		in   sdk.ListTasksInput
		want int
	}{
		"cluster":        {sdk.ListTasksInput{}, 7},
		"service":        {sdk.ListTasksInput{ServiceName: aws.String("orders")}, 5},
		"service by ARN": {sdk.ListTasksInput{ServiceName: aws.String(arnPrefix + "service/prod/orders")}, 5},
		"family":         {sdk.ListTasksInput{Family: aws.String("billing")}, 2},
		"deployment":     {sdk.ListTasksInput{StartedBy: &id}, 5},
		"stopped":        {sdk.ListTasksInput{DesiredStatus: types.DesiredStatusStopped}, 1},
		"pending":        {sdk.ListTasksInput{DesiredStatus: types.DesiredStatusPending}, 0}, // a documented nothing
		"launch type":    {sdk.ListTasksInput{LaunchType: types.LaunchTypeEc2}, 0},
	} {
		for _, size := range []int32{0, 1, 2, 100} {
			in := c.in
			in.Cluster = aws.String("prod")
			if size > 0 {
				in.MaxResults = &size
			}
			var all []string
			w.within(func(ctx context.Context) {
				for {
					out, err := w.ListTasks(ctx, &in)
					if err != nil {
						t.Errorf("%s: %v", name, err)
						return
					}
					all = append(all, out.TaskArns...)
					if in.NextToken = out.NextToken; in.NextToken == nil {
						return
					}
				}
			})
			if slices.Sort(all); len(slices.Compact(all)) != c.want {
				t.Errorf("%s in pages of %d: %d, want %d", name, size, len(all), c.want)
			}
		}
	}
	w.within(func(ctx context.Context) {
		for want, in := range map[string]*sdk.ListTasksInput{
			"ServiceNotFoundException":  {Cluster: aws.String("prod"), ServiceName: aws.String("payments")},
			"ClusterNotFoundException":  {Cluster: aws.String("dev")},
			"InvalidParameterException": {Cluster: aws.String("prod"), MaxResults: aws.Int32(101)},
		} {
			if _, err := w.ListTasks(ctx, in); code(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if _, err := w.ListTasks(ctx, &sdk.ListTasksInput{Cluster: aws.String("prod"), StartedBy: &id, ServiceName: aws.String("orders")}); code(err) != "InvalidParameterException" {
			t.Errorf("startedBy with another filter: %v", err)
		}
	})
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
func TestDescribeTasksRefuses(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1)
	w.within(func(ctx context.Context) {
		describe := func(names ...string) (*sdk.DescribeTasksOutput, error) {
			return w.DescribeTasks(ctx, &sdk.DescribeTasksInput{Cluster: aws.String("prod"), Tasks: names})
		}
		for _, names := range [][]string{nil, slices.Repeat([]string{"x"}, 101)} {
			if _, err := describe(names...); code(err) != "InvalidParameterException" {
				t.Errorf("%d names: %v", len(names), err)
			}
		}
		id := w.named("orders").tasks[0].id
		out, err := describe(id, arnPrefix+"task/prod/"+id, "unknown")
		if err != nil || len(out.Tasks) != 2 || len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" {
			t.Errorf("%+v, %v", out, err)
		}
		*out.Tasks[0].LastStatus, *out.Tasks[0].Containers[0].ImageDigest = "spoilt", "spoilt"
		if again := w.named("orders").tasks[0].render(newSlab(0, 0)); *again.LastStatus != "RUNNING" || *again.Containers[0].ImageDigest != good {
			t.Error("an answer is a window into the world")
		}
	})
}

func TestStopTaskIsReplaced(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(2)
	w.Protect("orders", time.Hour) // which does not hold a person's call
	w.within(func(ctx context.Context) {
		id := w.named("orders").tasks[0].id
		out, err := w.StopTask(ctx, &sdk.StopTaskInput{Cluster: aws.String("prod"), Task: &id, Reason: aws.String("bad host")})
		if err != nil || *out.Task.DesiredStatus != "STOPPED" || out.Task.StopCode != types.TaskStopCodeUserInitiated || *out.Task.StoppedReason != "bad host" {
			t.Errorf("%+v, %v", out, err)
		}
		if _, err := w.StopTask(ctx, &sdk.StopTaskInput{Cluster: aws.String("prod"), Task: aws.String("x")}); code(err) != "InvalidParameterException" {
			t.Errorf("an unknown task: %v", err)
		}
	})
	if w.Working("orders") != 1 {
		t.Errorf("%d work", w.Working("orders"))
	}
	w.pass(5 * time.Minute)
	if w.Working("orders") != 2 || !w.settled() {
		t.Errorf("%d work", w.Working("orders"))
	}
}
