package ecsqueue

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
)

// Status values that the SDK has no constants for.
const (
	statusActive  = "ACTIVE"
	statusPrimary = "PRIMARY"
	taskRunning   = "RUNNING"
	taskStopped   = "STOPPED"
)

// world is an account in which one workload lives: ECS with the rules that this package depends on, a repository, a
// queue and its scaling. Nothing happens in it but by a call or by tick.
type world struct {
	at          time.Time
	services    map[string]*fakeService
	definitions []*fakeDefinition
	images      map[string][]string // digest -> tags, of repository "orders-worker"
	archived    map[string]bool
	elsewhere   map[string]string // other registries: name:tag -> digest
	queues      map[string]map[string]string
	targets     []scalingtypes.ScalableTarget
	behaves     map[string]behaviour // by digest
	capacity    int                  // tasks that can run at all; 0 means any number
	serial      int
	parameters  map[string]string

	// Stale reads: with lag, DescribeServices answers what was so long ago, and lists leave out what is newer.
	lag  func() time.Duration
	then map[string][]snapshot

	calls    []string // every call, as "UpdateService orders-worker-canary ..."
	disturb  func(n int, action string) fault
	nthCall  int
	changes  int // calls that change something
	pageSize int
}

// snapshot is a service as it was.
type snapshot struct {
	at      time.Time
	service types.Service
}

// fault is what goes wrong with one call.
type fault struct{ before, after error }

// behaviour is what a version of the worker does.
type behaviour struct {
	starts    time.Duration // from launch to RUNNING
	stops     time.Duration // from being told to STOPPED
	exitAfter time.Duration // 0: never ends by itself
	exitCode  int32
	unhealthy bool // container health check fails after a minute
	noPull    bool // never starts
	protects  bool // its tasks protect themselves
}

type fakeDefinition struct {
	types.TaskDefinition
	tags    []types.Tag
	deleted bool
}

type fakeService struct {
	types.Service
	deployments []*fakeDeployment // the PRIMARY one first
	tasks       []*fakeTask
	past        []*fakeDeployment // all, oldest first
	last        *fakeDeployment   // the last completed one
}

type fakeDeployment struct {
	id         string
	definition string
	digests    map[string]string
	state      types.DeploymentRolloutState
	status     types.ServiceDeploymentStatus
	reason     string
	created    time.Time
	steady     time.Time
	failed     int32
	reverts    *fakeDeployment // the deployment that this one takes back, and of which ECS lists it as a part
}

type fakeTask struct {
	types.Task
	deployment *fakeDeployment
	launched   time.Time
	told       time.Time // to stop
	protected  bool
}

// worker returns the index of the released container.
func (t *fakeTask) worker() int {
	return slices.IndexFunc(t.Containers, func(c types.Container) bool { return aws.ToString(c.Name) == "worker" })
}

func (t *fakeTask) digest() string { return aws.ToString(t.Containers[t.worker()].ImageDigest) }

func (s *fakeService) primary() *fakeDeployment { return s.deployments[0] }

func arnOf(kind, rest string) string {
	return "arn:aws:ecs:eu-west-1:111122223333:" + kind + "/" + rest
}

func apiError(code, text string) error {
	return &smithy.GenericAPIError{Code: code, Message: text, Fault: smithy.FaultClient}
}

// serve lets a call happen unless it is disturbed.
func serve[Out any](w *world, action, note string, effect func() (*Out, error)) (*Out, error) {
	w.nthCall++
	w.calls = append(w.calls, strings.TrimSpace(action+" "+note))
	if !reads(action) {
		w.changes++
	}
	var bad fault
	if w.disturb != nil {
		bad = w.disturb(w.nthCall, action)
	}
	if bad.before != nil {
		return nil, bad.before
	}
	out, err := effect()
	if bad.after != nil {
		return nil, bad.after
	}
	return out, err
}

// mutations returns the calls that change something.
func (w *world) mutations() []string {
	return slices.DeleteFunc(slices.Clone(w.calls), reads)
}

func reads(call string) bool {
	return strings.HasPrefix(call, "Describe") || strings.HasPrefix(call, "List") || strings.HasPrefix(call, "Get")
}

func (w *world) definition(name string) *fakeDefinition {
	for _, d := range w.definitions {
		if !d.deleted && (aws.ToString(d.TaskDefinitionArn) == name || ecsservice.ShortName(aws.ToString(d.TaskDefinitionArn)) == name) {
			return d
		}
	}
	return nil
}

func (w *world) service(name string) *fakeService { return w.services[ecsservice.ShortName(name)] }

// digestOf resolves an image as a registry would, now.
func (w *world) digestOf(image string) string {
	ref, err := ecrimage.Parse(image)
	if err != nil {
		return ""
	}
	if ref.Digest != "" {
		return string(ref.Digest)
	}
	if ref.Repository == "orders-worker" {
		for digest, tags := range w.images {
			if slices.Contains(tags, ref.Tag) {
				return digest
			}
		}
	}
	return w.elsewhere[image]
}

// deploy starts a deployment.
func (w *world) deploy(s *fakeService, definition string, digests map[string]string) *fakeDeployment {
	w.serial++
	d := &fakeDeployment{
		id: fmt.Sprintf("ecs-svc/%019d", w.serial), definition: definition, created: w.at, digests: digests,
		state: types.DeploymentRolloutStateInProgress, status: types.ServiceDeploymentStatusInProgress,
	}
	if digests == nil {
		d.digests = map[string]string{}
		for _, c := range w.definition(definition).ContainerDefinitions {
			d.digests[aws.ToString(c.Name)] = w.digestOf(aws.ToString(c.Image))
		}
	}
	if len(s.deployments) > 0 && s.primary().status == types.ServiceDeploymentStatusInProgress && s.primary().reverts == nil {
		s.primary().status = types.ServiceDeploymentStatusStopped
		s.primary().reason = "Service deployment was stopped because of a new deployment."
	}
	s.deployments = append([]*fakeDeployment{d}, s.deployments...)
	s.past = append(s.past, d)
	s.TaskDefinition = aws.String(definition)
	return d
}

// tick lets time pass in steps of five seconds.
func (w *world) tick(d time.Duration) {
	for end := w.at.Add(d); w.at.Before(end); {
		w.at = w.at.Add(min(5*time.Second, end.Sub(w.at)))
		for _, name := range slices.Sorted(maps.Keys(w.services)) {
			w.step(w.services[name])
		}
	}
}

// step lets ECS look at one service.
func (w *world) step(s *fakeService) {
	if aws.ToString(s.Status) != statusActive {
		return
	}
	s.tasks = slices.DeleteFunc(s.tasks, func(t *fakeTask) bool { // ECS forgets stopped tasks
		return aws.ToString(t.LastStatus) == taskStopped && w.at.Sub(aws.ToTime(t.StoppedAt)) > time.Hour
	})
	for _, t := range s.tasks {
		w.live(t)
	}
	w.breaker(s)
	w.stopOld(s)
	w.launch(s)
	w.complete(s)
	if w.lag != nil {
		name := aws.ToString(s.ServiceName)
		w.then[name] = append(w.then[name], snapshot{w.at, w.answerService(s)})
	}
}

// shown returns until when what was made is listed already.
func (w *world) shown() time.Time {
	if w.lag == nil {
		return w.at
	}
	return w.at.Add(-w.lag())
}

// view returns a service as ECS shows it.
func (w *world) view(s *fakeService) types.Service {
	if w.lag == nil {
		return w.answerService(s)
	}
	until := w.at.Add(-w.lag())
	for _, old := range slices.Backward(w.then[aws.ToString(s.ServiceName)]) {
		if !old.at.After(until) {
			if until.Equal(w.at) {
				break
			}
			return old.service
		}
	}
	return w.answerService(s)
}

// live lets a task start, end, fall ill or stop.
func (w *world) live(t *fakeTask) {
	does := w.behaves[t.digest()]
	starts, stops := does.starts, does.stops
	if starts == 0 {
		starts = 30 * time.Second
	}
	if stops == 0 {
		stops = 20 * time.Second
	}
	age := w.at.Sub(t.launched)
	switch aws.ToString(t.LastStatus) {
	case taskStopped:
	case "PENDING":
		_, exists := w.images[t.digest()]
		switch {
		case aws.ToString(t.DesiredStatus) == taskStopped:
			w.stopped(t, types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by deployment", nil)
		case age >= starts && (does.noPull || !exists):
			w.stopped(t, types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: image manifest not found", nil)
			t.deployment.failed++
		case age >= starts:
			t.LastStatus, t.StartedAt = aws.String(taskRunning), aws.Time(w.at)
			t.protected = does.protects
			if !does.unhealthy {
				t.deployment.failed = 0
			}
		}
	case taskRunning:
		switch {
		case aws.ToString(t.DesiredStatus) == taskStopped && w.at.Sub(t.told) >= stops:
			w.stopped(t, types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by deployment", aws.Int32(143))
		case does.exitAfter > 0 && age >= starts+does.exitAfter:
			w.stopped(t, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", aws.Int32(does.exitCode))
		case does.unhealthy && age >= starts+time.Minute:
			w.stopped(t, types.TaskStopCodeServiceSchedulerInitiated, "Task failed container health checks", aws.Int32(137))
			t.deployment.failed++
		}
	}
}

func (w *world) stopped(t *fakeTask, code types.TaskStopCode, reason string, exit *int32) {
	t.LastStatus, t.DesiredStatus = aws.String(taskStopped), aws.String(taskStopped)
	t.StopCode, t.StoppedReason, t.StoppedAt, t.ExecutionStoppedAt = code, aws.String(reason), aws.Time(w.at), aws.Time(w.at)
	t.Containers[t.worker()].ExitCode = exit
}

// breaker reverts a deployment of which three tasks in a row never ran.
func (w *world) breaker(s *fakeService) {
	d := s.primary()
	config := s.DeploymentConfiguration.DeploymentCircuitBreaker
	if config == nil || !config.Enable || d.state != types.DeploymentRolloutStateInProgress || d.failed < 3 {
		return
	}
	d.state, d.reason = types.DeploymentRolloutStateFailed, "ECS deployment circuit breaker: tasks failed to start."
	if !config.Rollback || s.last == nil || d.reverts != nil {
		d.status = types.ServiceDeploymentStatusStopped
		return
	}
	back := w.deploy(s, s.last.definition, s.last.digests)
	d.status, back.reverts = types.ServiceDeploymentStatusRollbackInProgress, d
}

// wantedOf returns the tasks of a deployment that nobody told to stop; of any with nil.
func (s *fakeService) wantedOf(d *fakeDeployment) []*fakeTask {
	var found []*fakeTask
	for _, t := range s.tasks {
		if aws.ToString(t.DesiredStatus) != taskStopped && (d == nil || t.deployment == d) {
			found = append(found, t)
		}
	}
	return found
}

func runningOf(tasks []*fakeTask) int {
	n := 0
	for _, t := range tasks {
		if aws.ToString(t.LastStatus) == taskRunning {
			n++
		}
	}
	return n
}

// stopOld tells tasks to stop: too many of the current deployment, and those of older ones as far as enough stay.
func (w *world) stopOld(s *fakeService) {
	desired := int(s.DesiredCount)
	current := s.wantedOf(s.primary())
	for _, t := range current[min(len(current), desired):] {
		w.tell(t)
	}
	least := (desired*int(aws.ToInt32(s.DeploymentConfiguration.MinimumHealthyPercent)) + 99) / 100
	for _, t := range s.wantedOf(nil) {
		if t.deployment == s.primary() {
			continue
		}
		if aws.ToString(t.LastStatus) != taskRunning || runningOf(s.wantedOf(nil))-1 >= least {
			w.tell(t)
		}
	}
}

func (w *world) tell(t *fakeTask) {
	if !t.protected {
		t.DesiredStatus, t.told = aws.String(taskStopped), w.at
	}
}

// launch starts what is missing, within the maximum percent.
func (w *world) launch(s *fakeService) {
	d := s.primary()
	if d.state == types.DeploymentRolloutStateFailed {
		return
	}
	most := int(s.DesiredCount) * int(aws.ToInt32(s.DeploymentConfiguration.MaximumPercent)) / 100
	for len(s.wantedOf(d)) < int(s.DesiredCount) && len(s.wantedOf(nil)) < most {
		if w.capacity > 0 && w.wanted() >= w.capacity {
			s.Events = []types.ServiceEvent{{Message: aws.String("service " + aws.ToString(s.ServiceName) + " was unable to place a task: Capacity is unavailable at this time.")}}
			return
		}
		w.start(s, d)
	}
}

func (w *world) wanted() int {
	n := 0
	for _, s := range w.services {
		n += len(s.wantedOf(nil))
	}
	return n
}

func (w *world) start(s *fakeService, d *fakeDeployment) *fakeTask {
	w.serial++
	t := &fakeTask{deployment: d, launched: w.at, Task: types.Task{
		TaskArn:           aws.String(arnOf("task", fmt.Sprintf("prod/%032d", w.serial))),
		TaskDefinitionArn: aws.String(d.definition), LastStatus: aws.String("PENDING"), DesiredStatus: aws.String(taskRunning),
		HealthStatus: types.HealthStatusUnknown, CreatedAt: aws.Time(w.at), StartedBy: aws.String(d.id),
	}}
	for _, c := range w.definition(d.definition).ContainerDefinitions {
		t.Containers = append(t.Containers, types.Container{Name: c.Name, Image: c.Image, ImageDigest: aws.String(d.digests[aws.ToString(c.Name)])})
	}
	s.tasks = append(s.tasks, t)
	return t
}

// complete ends deployments.
func (w *world) complete(s *fakeService) {
	d := s.primary()
	s.deployments = slices.DeleteFunc(s.deployments, func(old *fakeDeployment) bool {
		return old != d && len(s.wantedOf(old)) == 0 // its last tasks may still be stopping
	})
	if d.state != types.DeploymentRolloutStateInProgress || len(s.deployments) != 1 || runningOf(s.wantedOf(d)) != int(s.DesiredCount) {
		d.steady = time.Time{}
		return
	}
	if d.steady.IsZero() {
		d.steady = w.at
	}
	if w.at.Sub(d.steady) < 20*time.Second {
		return
	}
	d.state, d.status, s.last = types.DeploymentRolloutStateCompleted, types.ServiceDeploymentStatusSuccessful, d
	if d.reverts != nil {
		d.reverts.status, d.reverts.reason = types.ServiceDeploymentStatusRollbackSuccessful, "Deployment circuit breaker: tasks failed to start."
	}
}
