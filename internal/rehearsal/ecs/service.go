package ecs

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// service is one ECS service with the rolling update deployment controller, unless controller says otherwise.
type service struct {
	control   *Control
	cluster   *cluster
	name      string
	arn       string
	group     string // of its tasks
	container string // the app container; "" is the first essential one
	inactive  bool   // deleted
	created   time.Time

	desired    int
	balanced   *Balanced // nil: no load balancer is before it
	rolling    types.DeploymentConfiguration
	controller types.DeploymentControllerType
	launchType types.LaunchType
	strategy   []types.CapacityProviderStrategyItem
	network    *types.NetworkConfiguration
	platform   string
	tags       []types.Tag

	deployments []*deployment        // PRIMARY first, then those it replaces, newest first
	completed   *deployment          // what the circuit breaker would roll back to; nil where there is nothing
	history     []*serviceDeployment // oldest first
	tasks       []*task              // not yet STOPPED, oldest first
	stopped     []*task              // oldest first
	events      []event              // oldest first, at most 100

	awake bool      // the scheduler is about to look
	alarm time.Time // when it looks because a throttle ends

	shown   *types.Service // the last answer; nil: its configuration has changed since
	shownAs serviceLooks
}

type event struct {
	at      time.Time
	id      string
	message string
}

// maxActive deployments can exist at once; a sixth is refused.
// https://github.com/aws/containers-roadmap/issues/2836
const maxActive = 5

func (s *service) primary() *deployment { return s.deployments[0] }

// source is the deployment that the primary one replaces and that last reached the steady state, where it still has
// tasks.
func (s *service) source() *deployment {
	if s.completed != nil && s.completed != s.primary() && slices.Contains(s.deployments, s.completed) {
		return s.completed
	}
	return nil
}

func (s *service) deploying() bool {
	return s.primary().state == types.DeploymentRolloutStateInProgress || len(s.deployments) > 1
}

// tell adds a service event. ECS shows the last 100.
func (s *service) tell(message string) {
	const shown = 100
	if len(s.events) == shown {
		s.events = append(s.events[:0], s.events[1:]...)
	}
	s.events = append(s.events, event{at: s.control.loop.Now(), id: s.control.hexID(), message: "(service " + s.name + ") " + message})
}

// cluster finds a cluster by name or ARN; "" is the cluster named default.
func (c *Control) cluster(name string) (*cluster, error) {
	name = strings.TrimPrefix(name, arnPrefix+"cluster/")
	if name == "" {
		name = "default"
	}
	for _, cl := range c.clusters {
		if cl.name == name {
			return cl, nil
		}
	}
	return nil, clusterNotFound()
}

// in finds a service of a cluster by name or ARN; nil where there is none.
func (c *Control) in(cl *cluster, name string) *service {
	for _, s := range c.services {
		if s.cluster == cl && (s.name == name || s.arn == name) {
			return s
		}
	}
	return nil
}

// gone reports whether a service was deleted and its last task has stopped: it is described for a while, and nothing else.
func (s *service) gone() bool { return s.inactive && len(s.tasks) == 0 }

func (c *Control) service(clusterName, name *string) (*service, error) {
	cl, err := c.cluster(aws.ToString(clusterName))
	if err != nil {
		return nil, err
	}
	s := c.in(cl, aws.ToString(name))
	if s == nil {
		return nil, serviceNotFound()
	}
	return s, nil
}

// update does what UpdateService does. Task definition, network, platform version and force start a deployment;
// desired count, deployment configuration, capacity providers and the rest change the running one. A call that names
// the definition the service has already starts a deployment too, as the page says of the parameter.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
func (c *Control) update(in *sdk.UpdateServiceInput) (*service, error) {
	s, d, err := c.updatable(in)
	if err != nil {
		return nil, err
	}
	deploys := d != nil || in.ForceNewDeployment || in.NetworkConfiguration != nil || in.PlatformVersion != nil
	if deploys && len(s.deployments) >= maxActive {
		return nil, invalidParameter("5 active deployments exist, unable to create new deployment.")
	}
	if err := s.configure(in); err != nil {
		return nil, err
	}
	desired := s.desired
	if in.DesiredCount != nil {
		desired = int(*in.DesiredCount)
	}
	if deploys {
		if d == nil {
			d = s.primary().revision.definition
		}
		s.deploy(d)
		s.desired = desired
	} else if in.DesiredCount != nil {
		s.scale(desired)
	}
	s.wake()
	return s, nil
}

// updatable finds the service of an update, and the task definition where it names one.
func (c *Control) updatable(in *sdk.UpdateServiceInput) (*service, *definition, error) {
	s, err := c.service(in.Cluster, in.Service)
	if err != nil {
		return nil, nil, err
	}
	if s.inactive {
		return nil, nil, serviceNotActive()
	}
	if in.DesiredCount != nil && *in.DesiredCount < 0 {
		return nil, nil, invalidParameter("desiredCount cannot be negative.")
	}
	if in.TaskDefinition == nil {
		return s, nil, nil
	}
	d := c.definition(*in.TaskDefinition)
	if d == nil {
		return nil, nil, clientError("TaskDefinition not found.")
	}
	if !d.active() {
		return nil, nil, invalidParameter("TaskDefinition is inactive")
	}
	return s, d, nil
}

func (c *Control) updateService(in *sdk.UpdateServiceInput) (*sdk.UpdateServiceOutput, error) {
	s, err := c.update(in)
	if err != nil {
		return nil, err
	}
	v := *s.view()
	return &sdk.UpdateServiceOutput{Service: &v}, nil
}

// configure takes over what does not need a deployment of its own.
func (s *service) configure(in *sdk.UpdateServiceInput) error {
	s.shown = nil
	if in.DeploymentConfiguration != nil {
		next := *cloneRollout(in.DeploymentConfiguration)
		if next.MinimumHealthyPercent == nil {
			next.MinimumHealthyPercent = s.rolling.MinimumHealthyPercent
		}
		if next.MaximumPercent == nil {
			next.MaximumPercent = s.rolling.MaximumPercent
		}
		if next.DeploymentCircuitBreaker == nil {
			next.DeploymentCircuitBreaker = s.rolling.DeploymentCircuitBreaker
		}
		if *next.MaximumPercent <= 100 && *next.MinimumHealthyPercent >= 100 {
			return invalidParameter("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
		}
		s.rolling = next
	}
	if in.CapacityProviderStrategy != nil {
		s.strategy, s.launchType = cloneStrategy(in.CapacityProviderStrategy), ""
	}
	if in.NetworkConfiguration != nil {
		s.network = cloneNetwork(in.NetworkConfiguration)
	}
	if in.PlatformVersion != nil {
		s.platform = *in.PlatformVersion
	}
	return nil
}

// scale changes the desired count of a service without a deployment. While one is under way, scaling out applies to
// both revisions, so that the running version can carry the load although the new one is failing.
// https://aws.amazon.com/about-aws/whats-new/2025/11/amazon-ecs-service-availability-rolling-deployments
func (s *service) scale(desired int) {
	more := max(0, desired-s.desired)
	s.desired = desired
	if old := s.source(); old != nil {
		old.held = min(desired, old.held+more)
	}
	s.primary().updated = s.control.loop.Now()
}

// limits are the least number of healthy tasks and the greatest number of PENDING and RUNNING tasks during a
// deployment: the first rounded up, the second rounded down.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func (s *service) limits() (least, most int) {
	least = (s.desired*int(*s.rolling.MinimumHealthyPercent) + 99) / 100
	most = s.desired * int(*s.rolling.MaximumPercent) / 100
	return least, most
}
