package ecs

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

type taskState int

// The states, in order. Tasks skip those in the middle when they end early.
const (
	pending taskState = iota
	running
	stopping // SIGTERM is sent, the containers are still there
	stopped
)

func (s taskState) String() string {
	return [...]string{"PENDING", "RUNNING", "STOPPING", "STOPPED"}[s]
}

// task is one task of a service.
type task struct {
	id, arn    string
	seq        uint64 // order of creation in the account
	deployment *deployment
	images     []image // the revision's, unless some float
	behaviour  Behaviour
	batch      int
	state      taskState
	healthy    bool // counts towards minimumHealthyPercent
	works      bool // takes messages
	health     types.HealthStatus

	created, pulling, pulled, started, stoppingAt, stoppedAt time.Time

	stopCode   types.TaskStopCode
	stopReason string
	exitCode   *int32
	exitReason string // of the app container

	protectedUntil time.Time
	protects       bool

	shown   *types.Task // as it was shown last,
	shownAs looks       // when it looked so
}

// Times that AWS leaves open: they depend on the image and on the day.
const (
	startUpMin  = 20 * time.Second // from PENDING to RUNNING, where a version does not say
	startUpMax  = 60 * time.Second
	pullTime    = 10 * time.Second // of which the images are pulled in the end
	pullFailMin = 45 * time.Second // a pull is tried again before the task is given up
	pullFailMax = 90 * time.Second
	cancelMax   = 2 * time.Second // to stop a task that has no container yet
)

// settled is how long a task without a container health check runs before it counts as healthy.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (minimumHealthyPercent)
const settled = 40 * time.Second

// newTask makes a task of d that is still PENDING.
func (c *Control) newTask(d *deployment) *task {
	c.taskCount++
	t := &task{
		id: c.hexID(), seq: c.taskCount, deployment: d, images: d.revision.images, batch: d.batch,
		created: c.loop.Now(), health: types.HealthStatusUnknown,
	}
	t.arn = arnPrefix + "task/" + d.service.cluster.name + "/" + t.id
	if d.revision.floating {
		t.images = slices.Clone(t.images)
		for i := range t.images {
			if t.images[i].floats {
				c.resolve(&t.images[i])
			}
		}
	}
	t.behaviour = c.behave(t.digest())
	d.pending++
	d.service.tasks = append(d.service.tasks, t)
	c.tasks[t.id] = t
	return t
}

// start launches a task: PENDING now, RUNNING when it has started, or STOPPED when an image cannot be pulled.
func (c *Control) start(d *deployment) {
	t := c.newTask(d)
	if bad := c.unpullable(t.images); bad != nil {
		c.loop.After(c.draw(pullFailMin, pullFailMax), func() { t.cannotPull(bad) })
		return
	}
	wait := t.behaviour.StartUp
	if wait == (Range{}) {
		wait = Range{startUpMin, startUpMax}
	}
	took := c.draw(wait.Min, wait.Max)
	t.pulling = t.created.Add(max(0, took-pullTime))
	t.pulled = t.created.Add(took)
	c.loop.After(took, t.run)
}

func (c *Control) unpullable(images []image) *image {
	for i := range images {
		if images[i].digest == "" {
			return &images[i]
		}
		if _, ok := c.registry.Resolve(images[i].pull); !ok {
			return &images[i]
		}
	}
	return nil
}

func (t *task) digest() string { return t.images[t.deployment.revision.app].digest }

func (t *task) control() *Control { return t.deployment.service.control }

// run is the moment a task becomes RUNNING.
func (t *task) run() {
	if t.state != pending {
		return
	}
	c, d := t.control(), t.deployment
	d.pending--
	d.running++
	t.state, t.started = running, c.loop.Now()
	d.failedStarts, d.notBefore = 0, time.Time{}
	switch check := d.revision.health; {
	case d.service.balanced != nil:
		t.register()
	case check == nil:
		t.work(true)
		c.loop.After(settled, t.pass)
	case t.behaviour.Unhealthy:
		c.loop.After(check.fails, t.failHealth)
	default:
		c.loop.After(check.first, t.pass)
	}
	if t.behaviour.CrashAfter > 0 {
		c.loop.After(t.behaviour.CrashAfter, t.crash)
	}
	c.firstRunning(t.digest())
}

// pass is the moment a task counts as healthy: its health check passed, or it has run for long enough without one.
func (t *task) pass() {
	if t.state != running || t.healthy {
		return
	}
	t.healthy = true
	t.deployment.healthy++
	if t.deployment.revision.health != nil {
		t.health = types.HealthStatusHealthy
	}
	t.work(true)
	t.deployment.success()
	t.deployment.service.wake()
}

// failHealth ends a task whose health check failed too often. The scheduler stops it and counts it as failed.
func (t *task) failHealth() {
	if t.state != running {
		return
	}
	t.health = types.HealthStatusUnhealthy
	t.deployment.failure()
	t.terminate(types.TaskStopCodeServiceSchedulerInitiated, "Task failed container health checks")
	t.deployment.service.wake()
}

// crash ends a running task because its app container exited.
func (t *task) crash() {
	if t.state != running {
		return
	}
	early := !t.healthy
	code := int32(1)
	t.exitCode = &code
	t.stopCode, t.stopReason = types.TaskStopCodeEssentialContainerExited, "Essential container in task exited"
	t.stoppingAt = t.control().loop.Now()
	t.finish()
	if early {
		t.deployment.failure()
	}
	t.deployment.service.wake()
}

func (t *task) cannotPull(bad *image) {
	if t.state != pending {
		return
	}
	why := "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " + bad.pull + ": " + bad.pull + ": not found"
	t.stopCode, t.stopReason, t.exitReason = types.TaskStopCodeTaskFailedToStart, why, why
	t.stoppingAt = t.control().loop.Now()
	t.finish()
	t.deployment.failToStart(t.batch)
	t.deployment.service.wake()
}

// terminate sends SIGTERM: the task takes no more work and is STOPPED when its containers have exited, at the latest
// when their stopTimeout is over.
func (t *task) terminate(code types.TaskStopCode, why string) {
	if t.state >= stopping {
		return
	}
	c, d := t.control(), t.deployment
	t.work(false)
	most, drains := cancelMax, time.Duration(0)
	if t.state == running {
		most, drains = d.revision.stopTimeout, d.service.drains()
		graceful := int32(0)
		t.exitCode = &graceful
	}
	t.leave()
	d.stopping++
	t.state, t.stoppingAt = stopping, c.loop.Now()
	t.stopCode, t.stopReason = code, why
	c.loop.After(drains+c.draw(0, most), func() {
		t.finish()
		d.service.wake()
	})
}

// finish makes a task STOPPED and forgets those that stopped too long ago to be seen.
func (t *task) finish() {
	c, s := t.control(), t.deployment.service
	t.work(false)
	t.leave()
	t.state, t.stoppedAt = stopped, c.loop.Now()
	at := slices.Index(s.tasks, t)
	s.tasks = slices.Delete(s.tasks, at, at+1)
	s.stopped = append(s.stopped, t)
	old := 0
	for old < len(s.stopped) && !s.stopped[old].visible(t.stoppedAt) {
		delete(c.tasks, s.stopped[old].id)
		old++
	}
	s.stopped = slices.Delete(s.stopped, 0, old)
	s.drop()
}

// leave takes a task out of the numbers of its deployment.
func (t *task) leave() {
	d := t.deployment
	switch t.state {
	case pending:
		d.pending--
	case running:
		d.running--
	case stopping:
		d.stopping--
	case stopped:
	}
	if t.healthy {
		d.healthy--
		t.healthy = false
	}
}

// work begins or ends a task's share of the work. Whoever counts work done so far is told before.
func (t *task) work(on bool) {
	if t.works == on {
		return
	}
	for _, tell := range t.control().before {
		tell()
	}
	t.works = on
}

func (t *task) protected(now time.Time) bool { return t.protects && now.Before(t.protectedUntil) }

// visible reports whether the API still shows the task.
func (t *task) visible(now time.Time) bool {
	return t.state < stopped || now.Before(t.stoppedAt.Add(stoppedVisible))
}

// taskID returns the id in a task ARN, or the id itself.
func taskID(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
