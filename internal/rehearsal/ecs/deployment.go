package ecs

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// revision is a service revision: what one deployment runs, with the digest of every container. Tags are resolved
// once, when the deployment starts, so all its tasks run the same images wherever the tag moves afterwards.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-container-image-stability.html
type revision struct {
	arn         string
	service     *service
	definition  *definition
	images      []image
	floating    bool // some container has versionConsistency disabled: its tag is resolved for every task
	app         int  // index of the container that does the work
	stopTimeout time.Duration
	health      *healthCheck // nil where no essential container has one
	created     time.Time
}

// image of one container of a revision.
type image struct {
	container string
	name      string // as the definition says it
	digest    string // "" where it could not be resolved
	pull      string // what a task pulls: repository@digest, or name where there is no digest
	floats    bool
}

// healthCheck of a container, with the defaults of
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
type healthCheck struct {
	first time.Duration // until it passes for the first time
	fails time.Duration // until it has failed too often
}

// deployment is one entry of a service's deployments.
type deployment struct {
	id       string
	service  *service
	revision *revision
	record   *serviceDeployment
	state    types.DeploymentRolloutState
	reason   string
	created  time.Time
	updated  time.Time
	held     int // desired tasks of one that is being replaced; the primary's are the service's

	failed       int       // consecutive failed tasks, see breaker.go
	failedStarts int       // consecutive launches of which no task reached RUNNING
	failedBatch  int       // the last launch counted in failedStarts
	batch        int       // launches so far
	notBefore    time.Time // throttled until then
	blocked      bool      // the service was told that its configuration lets nothing move

	pending, running, healthy, stopping int // tasks; healthy are some of running
}

func (d *deployment) alive() int { return d.pending + d.running }

func (d *deployment) empty() bool { return d.pending+d.running+d.stopping == 0 }

func (d *deployment) primary() bool { return d.service.deployments[0] == d }

func (d *deployment) active() bool { return d.state == types.DeploymentRolloutStateInProgress }

func (d *deployment) turn(state types.DeploymentRolloutState, reason string) {
	d.state, d.reason, d.updated = state, reason, d.service.control.loop.Now()
}

// serviceDeployment is the record of a deployment that stays after it is over. A rollback belongs to the record of
// the deployment it undoes.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
type serviceDeployment struct {
	arn     string
	service *service
	target  *deployment
	sources []*revision
	rolling *types.DeploymentConfiguration
	status  types.ServiceDeploymentStatus
	reason  string
	breaker types.ServiceDeploymentRollbackMonitorsStatus

	created, started, updated, finished, stopped time.Time

	rollback   *revision
	rolledBack time.Time // when the rollback started
}

func (r *serviceDeployment) turn(status types.ServiceDeploymentStatus, reason string) {
	r.status, r.reason, r.updated = status, reason, r.service.control.loop.Now()
	switch status {
	case types.ServiceDeploymentStatusStopped:
		r.stopped, r.finished = r.updated, r.updated
	case types.ServiceDeploymentStatusSuccessful, types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusRollbackFailed:
		r.finished = r.updated
	case types.ServiceDeploymentStatusInProgress:
		r.started = r.updated
	default:
	}
}

func (r *serviceDeployment) over() bool { return !r.finished.IsZero() }

// deploy makes a deployment of d the primary one. The one before stays as long as it has tasks; if it was not done,
// its record ends as STOPPED.
func (s *service) deploy(d *definition) *deployment {
	sources := make([]*revision, len(s.deployments))
	for i, old := range s.deployments {
		sources[i] = old.revision
	}
	next := s.add(s.control.revise(s, d))
	next.record = s.record(next, sources)
	return next
}

// add puts a deployment of r first and lets those go that have no tasks.
func (s *service) add(r *revision) *deployment {
	c := s.control
	next := &deployment{id: "ecs-svc/" + c.number(), service: s, revision: r, created: c.loop.Now()}
	next.turn(types.DeploymentRolloutStateInProgress, "ECS deployment "+next.id+" in progress.")
	if len(s.deployments) > 0 {
		last := s.primary()
		last.held = s.desired
		if last.record != nil && !last.record.over() && last.active() {
			last.record.turn(types.ServiceDeploymentStatusStopped, "Service deployment stopped because a newer one started.")
		}
	}
	s.deployments = slices.Insert(s.deployments, 0, next)
	s.drop()
	return next
}

func (s *service) record(d *deployment, sources []*revision) *serviceDeployment {
	c := s.control
	r := &serviceDeployment{
		arn:     arnPrefix + "service-deployment/" + s.cluster.name + "/" + s.name + "/" + c.word(),
		service: s, target: d, sources: sources, rolling: cloneRollout(&s.rolling),
		created: c.loop.Now(), breaker: types.ServiceDeploymentRollbackMonitorsStatusDisabled,
	}
	if b := s.rolling.DeploymentCircuitBreaker; b != nil && b.Enable {
		r.breaker = types.ServiceDeploymentRollbackMonitorsStatusMonitoring
	}
	r.turn(types.ServiceDeploymentStatusPending, "")
	s.history = append(s.history, r)
	c.histories[r.arn] = r
	return r
}

// drop lets replaced deployments go that have no tasks left, stopping ones included.
func (s *service) drop() {
	s.deployments = slices.DeleteFunc(s.deployments, func(d *deployment) bool { return !d.primary() && d.empty() })
}

// revise resolves the images of a definition and makes a service revision of it.
func (c *Control) revise(s *service, d *definition) *revision {
	r := &revision{
		arn:     arnPrefix + "service-revision/" + s.cluster.name + "/" + s.name + "/" + c.number(),
		service: s, definition: d, created: c.loop.Now(), app: -1, stopTimeout: 2 * time.Second,
	}
	containers := d.data.ContainerDefinitions
	r.images = make([]image, len(containers))
	for i := range containers {
		cd := &containers[i]
		img := image{container: *cd.Name, name: *cd.Image, floats: cd.VersionConsistency == types.VersionConsistencyDisabled}
		c.resolve(&img)
		r.images[i] = img
		r.floating = r.floating || img.floats
		if img.container == s.container || r.app < 0 && s.container == "" && *cd.Essential {
			r.app = i
		}
		r.stopTimeout = max(r.stopTimeout, stopTimeout(cd))
		if *cd.Essential {
			r.health = slowest(r.health, cd.HealthCheck)
		}
	}
	if r.app < 0 {
		r.app = slices.IndexFunc(containers, func(cd types.ContainerDefinition) bool { return *cd.Essential })
	}
	c.revisions[r.arn] = r
	return r
}

func (c *Control) resolve(img *image) {
	digest, ok := c.registry.Resolve(img.name)
	img.digest, img.pull = digest, img.name
	if ok {
		img.pull = repository(img.name) + "@" + digest
	}
}

// repository returns an image's name without its tag and digest. A colon before the last slash is a port.
func repository(name string) string {
	name, _, _ = strings.Cut(name, "@")
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		name = name[:at]
	}
	return name
}

// stopTimeout is how long a container may take between SIGTERM and SIGKILL: 30 s by default, 120 s at most on Fargate.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
func stopTimeout(cd *types.ContainerDefinition) time.Duration {
	if cd.StopTimeout == nil {
		return 30 * time.Second
	}
	return time.Duration(min(*cd.StopTimeout, 120)) * time.Second
}

func slowest(known *healthCheck, h *types.HealthCheck) *healthCheck {
	if h == nil || len(h.Command) == 0 || h.Command[0] == "NONE" {
		return known
	}
	seconds := func(p *int32, otherwise int32) time.Duration {
		if p != nil {
			otherwise = *p
		}
		return time.Duration(otherwise) * time.Second
	}
	interval := seconds(h.Interval, 30)
	retries := aws.ToInt32(h.Retries)
	if h.Retries == nil {
		retries = 3
	}
	next := &healthCheck{first: interval, fails: seconds(h.StartPeriod, 0) + time.Duration(retries)*interval}
	if known != nil {
		next.first, next.fails = max(next.first, known.first), max(next.fails, known.fails)
	}
	return next
}
