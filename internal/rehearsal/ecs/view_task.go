package ecs

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// listTasks lists tasks in the order of their creation, those that are to be RUNNING where the caller asks for no
// status. A token names the last task of the page before, so that tasks that come and go shift nothing.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
func (c *Control) listTasks(in *sdk.ListTasksInput) (*sdk.ListTasksOutput, error) {
	cl, err := c.cluster(aws.ToString(in.Cluster))
	if err != nil {
		return nil, err
	}
	if in.StartedBy != nil && (in.ServiceName != nil || in.Family != nil) {
		return nil, invalidParameter("startedBy cannot be combined with other filters.")
	}
	if in.ServiceName != nil {
		if s := c.in(cl, *in.ServiceName); s == nil || s.gone() {
			return nil, serviceNotFound()
		}
	}
	size := 100
	if in.MaxResults != nil {
		if size = int(*in.MaxResults); size < 1 || size > 100 {
			return nil, invalidParameter("maxResults must be between 1 and 100.")
		}
	}
	if c.pages > 0 {
		size = min(size, c.pages)
	}
	var after uint64
	if in.NextToken != nil {
		if after, err = strconv.ParseUint(*in.NextToken, 36, 64); err != nil {
			return nil, invalidParameter("Invalid token.")
		}
	}
	found := c.matching(cl, in, after)
	out := &sdk.ListTasksOutput{TaskArns: make([]string, 0, min(size, len(found)))}
	if len(found) > size {
		found = found[:size]
		out.NextToken = aws.String(strconv.FormatUint(found[size-1].seq, 36))
	}
	for _, t := range found {
		out.TaskArns = append(out.TaskArns, t.arn)
	}
	return out, nil
}

func (c *Control) matching(cl *cluster, in *sdk.ListTasksInput, after uint64) (found []*task) {
	now := c.loop.Now()
	gone := in.DesiredStatus == types.DesiredStatusStopped
	if in.DesiredStatus == types.DesiredStatusPending || in.ContainerInstance != nil {
		return nil // ECS never wants a task to be PENDING, and there are no container instances
	}
	for _, s := range c.services {
		if s.cluster != cl || in.ServiceName != nil && s.name != *in.ServiceName && s.arn != *in.ServiceName {
			continue
		}
		if found == nil {
			found = make([]*task, 0, len(s.stopped)+len(s.tasks))
		}
		for _, group := range [...][]*task{s.stopped, s.tasks} {
			for _, t := range group {
				if (t.state >= stopping) == gone && t.seq > after && t.visible(now) && t.matches(in) {
					found = append(found, t)
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b *task) int { return cmp.Compare(a.seq, b.seq) })
	return found
}

func (t *task) matches(in *sdk.ListTasksInput) bool {
	d := t.deployment
	return (in.StartedBy == nil || *in.StartedBy == d.id) &&
		(in.Family == nil || *in.Family == *d.revision.definition.data.Family) &&
		(in.LaunchType == "" || in.LaunchType == d.service.launchType)
}

// describeTasks answers for up to a hundred tasks; stopped ones can be described for an hour.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
func (c *Control) describeTasks(in *sdk.DescribeTasksInput) (*sdk.DescribeTasksOutput, error) {
	cl, err := c.cluster(aws.ToString(in.Cluster))
	if err != nil {
		return nil, err
	}
	if len(in.Tasks) == 0 {
		return nil, invalidParameter("Tasks cannot be empty.")
	}
	if len(in.Tasks) > 100 {
		return nil, invalidParameter("The number of tasks must be at most 100.")
	}
	out := &sdk.DescribeTasksOutput{}
	views := make([]*types.Task, 0, len(in.Tasks))
	for _, name := range in.Tasks {
		t := c.taskIn(cl, name)
		if t == nil {
			arn := name
			if !strings.HasPrefix(arn, arnPrefix) {
				arn = arnPrefix + "task/" + cl.name + "/" + name
			}
			out.Failures = append(out.Failures, missing(arn))
			continue
		}
		views = append(views, t.view())
	}
	out.Tasks = c.taskLists.Of(views)
	return out, nil
}

// stopTask is StopTask by an API call: protection does not hold it.
func (c *Control) stopTask(in *sdk.StopTaskInput) (*sdk.StopTaskOutput, error) {
	cl, err := c.cluster(aws.ToString(in.Cluster))
	if err != nil {
		return nil, err
	}
	t := c.taskIn(cl, aws.ToString(in.Task))
	if t == nil {
		return nil, invalidParameter("The referenced task was not found.")
	}
	why := aws.ToString(in.Reason)
	if why == "" {
		why = "Task stopped by user"
	}
	t.terminate(types.TaskStopCodeUserInitiated, why)
	t.deployment.service.wake()
	v := *t.view()
	return &sdk.StopTaskOutput{Task: &v}, nil
}

// looks is everything that changes about a task which an answer shows.
type looks struct {
	revision                                        *revision
	launchType                                      types.LaunchType
	strategy                                        *types.CapacityProviderStrategyItem
	state                                           taskState
	health                                          types.HealthStatus
	started, pulling, pulled, stoppingAt, stoppedAt time.Time
	stopCode                                        types.TaskStopCode
	stopReason, exitReason                          string
	exitCode                                        *int32
}

func (t *task) looks() looks {
	s := t.deployment.service
	var strategy *types.CapacityProviderStrategyItem
	if len(s.strategy) > 0 {
		strategy = &s.strategy[0]
	}
	return looks{
		t.deployment.revision, s.launchType, strategy, t.state, t.health,
		t.started, t.pulling, t.pulled, t.stoppingAt, t.stoppedAt, t.stopCode, t.stopReason, t.exitReason, t.exitCode,
	}
}

// view is the task as an answer shows it. Tasks are looked at far more often than they change, so that one answer may
// share with a later one what both say; with the world it shares nothing.
func (t *task) view() *types.Task {
	if now := t.looks(); t.shown == nil || t.shownAs != now {
		v := t.render(newSlab(24, 8))
		t.shown, t.shownAs = &v, now
	}
	return t.shown
}

func (t *task) render(a *slab) types.Task {
	d := t.deployment
	s := d.service
	def := &d.revision.definition.data
	v := types.Task{
		TaskArn: a.text(t.arn), ClusterArn: a.text(s.cluster.arn), TaskDefinitionArn: a.text(d.revision.definition.arn),
		Group: a.text(s.group), StartedBy: a.text(d.id), LaunchType: s.launchType,
		LastStatus: a.text(t.state.String()), DesiredStatus: a.text("RUNNING"), HealthStatus: t.health,
		Cpu: a.copied(def.Cpu), Memory: a.copied(def.Memory), PlatformVersion: a.text("1.4.0"), PlatformFamily: a.text("Linux"),
		CreatedAt: a.when(t.created), StartedAt: a.when(t.started), StoppingAt: a.when(t.stoppingAt), StoppedAt: a.when(t.stoppedAt),
		StopCode: t.stopCode, StoppedReason: a.some(t.stopReason), Version: int64(t.state) + 1,
		Containers: make([]types.Container, len(t.images)),
	}
	if t.state >= stopping {
		*v.DesiredStatus = "STOPPED"
	}
	if t.state == stopped {
		v.ExecutionStoppedAt = a.when(t.stoppedAt)
	}
	if !t.started.IsZero() {
		v.Connectivity, v.ConnectivityAt = types.ConnectivityConnected, a.when(t.pulled)
		v.PullStartedAt, v.PullStoppedAt = a.when(t.pulling), a.when(t.pulled)
	}
	if len(s.strategy) > 0 {
		v.CapacityProviderName = a.copied(s.strategy[0].CapacityProvider)
	}
	for i := range t.images {
		v.Containers[i] = t.container(a, i)
	}
	return v
}

// container is what a task says of one of its containers. The digest is known once the image is pulled.
func (t *task) container(a *slab, i int) types.Container {
	img := &t.images[i]
	v := types.Container{
		ContainerArn: a.text(arnPrefix + "container/" + t.deployment.service.cluster.name + "/" + t.id + "/" + strconv.Itoa(i)),
		TaskArn:      a.text(t.arn), Name: a.text(img.container), Image: a.text(img.name),
		LastStatus: a.text(t.state.String()), HealthStatus: types.HealthStatusUnknown,
	}
	if !t.started.IsZero() {
		v.ImageDigest = a.some(img.digest)
	}
	if t.deployment.revision.definition.data.ContainerDefinitions[i].HealthCheck != nil {
		v.HealthStatus = t.health
	}
	if t.state == stopped {
		v.ExitCode = ptr(t.exitCode)
	}
	if i == t.deployment.revision.app {
		v.Reason = a.some(t.exitReason)
	} else if v.ExitCode != nil {
		*v.ExitCode = 0 // the others are stopped because the app container ended
	}
	return v
}
