package ecs

import (
	"errors"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ServiceSpec says which service a world has from the beginning. Cluster, Name and TaskDefinition are needed.
type ServiceSpec struct {
	Cluster        string // name
	Name           string
	TaskDefinition string // ARN, family:revision, or family
	Desired        int    // tasks, all of them RUNNING and healthy at once
	Container      string // whose digest counts as the version; empty means the first essential one

	Age        time.Duration // how long ago it was created and deployed; zero means 24 h
	Rolling    *types.DeploymentConfiguration
	Controller types.DeploymentControllerType // zero means ECS
	LaunchType types.LaunchType               // zero means FARGATE, where there is no strategy
	Strategy   []types.CapacityProviderStrategyItem
	Network    *types.NetworkConfiguration
	Tags       []types.Tag
	Inactive   bool      // a deleted service, which has no tasks
	Balanced   *Balanced // nil: no load balancer is before it
}

// CreateCluster makes a cluster and returns its ARN. One that exists stays as it is.
func (c *Control) CreateCluster(name string) string {
	if cl, err := c.cluster(name); err == nil {
		return cl.arn
	}
	cl := &cluster{name: name, arn: arnPrefix + "cluster/" + name}
	c.clusters = append(c.clusters, cl)
	return cl.arn
}

// CreateTaskDefinition registers a task definition, like RegisterTaskDefinition, and returns its ARN.
func (c *Control) CreateTaskDefinition(in *sdk.RegisterTaskDefinitionInput) (string, error) {
	d, err := c.register(in)
	if err != nil {
		return "", err
	}
	return d.arn, nil
}

// CreateService makes a service in its steady state and returns its ARN. Its images are resolved now; one that cannot
// be resolved is an error.
func (c *Control) CreateService(spec ServiceSpec) (string, error) {
	cl, err := c.cluster(spec.Cluster)
	if err != nil {
		return "", err
	}
	d := c.definition(spec.TaskDefinition)
	if d == nil {
		return "", errors.New("service " + spec.Name + ": there is no task definition " + spec.TaskDefinition)
	}
	if before := c.in(cl, spec.Name); before != nil {
		if !before.inactive || len(before.tasks) > 0 {
			return "", errors.New("service " + spec.Name + " exists already")
		}
		c.services = slices.DeleteFunc(c.services, func(s *service) bool { return s == before })
	}
	s := c.newService(cl, spec)
	r := c.revise(s, d)
	for _, img := range r.images {
		if img.digest == "" && spec.Desired > 0 {
			return "", errors.New("service " + spec.Name + ": image " + img.name + " is not in the registry")
		}
	}
	c.services = append(c.services, s)
	dep := s.add(r)
	dep.record = s.record(dep, nil)
	s.complete(dep)
	s.backdate()
	if spec.Inactive {
		s.inactive, s.desired = true, 0
		return s.arn, nil
	}
	for range spec.Desired {
		c.settledTask(dep)
	}
	return s.arn, nil
}

func (c *Control) newService(cl *cluster, spec ServiceSpec) *service {
	if spec.Age == 0 {
		spec.Age = 24 * time.Hour
	}
	s := &service{
		control: c, cluster: cl, name: spec.Name, container: spec.Container,
		arn: arnPrefix + "service/" + cl.name + "/" + spec.Name, group: "service:" + spec.Name,
		created: c.loop.Now().Add(-spec.Age), desired: spec.Desired,
		controller: spec.Controller, launchType: spec.LaunchType, platform: "LATEST",
		balanced: spec.Balanced, strategy: cloneStrategy(spec.Strategy), network: cloneNetwork(spec.Network), tags: cloneTags(spec.Tags),
	}
	if s.controller == "" {
		s.controller = types.DeploymentControllerTypeEcs
	}
	if s.launchType == "" && len(s.strategy) == 0 {
		s.launchType = types.LaunchTypeFargate
	}
	if spec.Rolling != nil {
		s.rolling = *cloneRollout(spec.Rolling)
	}
	least, most := int32(100), int32(200) // the defaults of a replica service
	if s.rolling.MinimumHealthyPercent == nil {
		s.rolling.MinimumHealthyPercent = &least
	}
	if s.rolling.MaximumPercent == nil {
		s.rolling.MaximumPercent = &most
	}
	if s.rolling.Strategy == "" {
		s.rolling.Strategy = types.DeploymentStrategyRolling
	}
	return s
}

// backdate makes the only deployment of a new service as old as the service.
func (s *service) backdate() {
	d := s.primary()
	d.created, d.updated, d.revision.created = s.created, s.created, s.created
	r := d.record
	r.created, r.started, r.updated, r.finished = s.created, s.created, s.created, s.created
	for i := range s.events {
		s.events[i].at = s.created
	}
}

// settledTask makes a task that has been running for as long as its service exists.
func (c *Control) settledTask(d *deployment) {
	t := c.newTask(d)
	t.created, t.pulling, t.pulled, t.started = d.created, d.created, d.created, d.created
	d.pending--
	d.running++
	t.state = running
	t.pass()
	t.work(true)
	if t.behaviour.CrashAfter > 0 {
		c.loop.After(t.behaviour.CrashAfter, t.crash)
	}
	c.firstRunning(t.digest())
}

// ForeignUpdate is an UpdateService by somebody else: it takes effect at once and leaves no trace at the door.
func (c *Control) ForeignUpdate(in *sdk.UpdateServiceInput) error {
	_, err := c.update(in)
	return err
}

// ForeignDeregister is a DeregisterTaskDefinition by somebody else, as infrastructure code does with revisions it has
// replaced. name is an ARN or family:revision.
func (c *Control) ForeignDeregister(name string) error {
	_, err := c.deregister(name)
	return err
}

// ForeignDelete is a DeleteService with force by somebody else: the service is DRAINING until its tasks have stopped, and
// INACTIVE from then on. It reports whether there was such a service.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
func (c *Control) ForeignDelete(name string) bool {
	s := c.named(name)
	if s == nil || s.inactive {
		return false
	}
	s.inactive, s.desired, s.shown = true, 0, nil
	if r := s.primary().record; !r.over() {
		r.turn(types.ServiceDeploymentStatusStopped, "Service deployment stopped because the service was deleted.")
	}
	for _, t := range slices.Clone(s.tasks) {
		t.terminate(types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by (deployment "+s.primary().id+")")
	}
	return true
}

// Kill ends the oldest running task of a service, as a failing host does; false where it has none. service is its
// name, or cluster/name.
func (c *Control) Kill(service string) bool {
	s := c.named(service)
	if s == nil {
		return false
	}
	for _, t := range s.tasks {
		if t.state == running {
			t.terminate(types.TaskStopCodeInfrastructureHealth, "Amazon ECS replaced the task because its host is impaired.")
			s.wake()
			return true
		}
	}
	return false
}

// named finds a service by its name or by cluster/name; nil where there is none.
func (c *Control) named(name string) *service {
	for _, s := range c.services {
		if s.name == name || len(name) == len(s.cluster.name)+1+len(s.name) && strings.HasPrefix(name, s.cluster.name+"/") && strings.HasSuffix(name, s.name) {
			return s
		}
	}
	return nil
}
