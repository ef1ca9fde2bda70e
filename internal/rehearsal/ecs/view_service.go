package ecs

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// describeServices answers for up to ten services.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
func (c *Control) describeServices(in *sdk.DescribeServicesInput) (*sdk.DescribeServicesOutput, error) {
	cl, err := c.cluster(aws.ToString(in.Cluster))
	if err != nil {
		return nil, err
	}
	if len(in.Services) == 0 {
		return nil, invalidParameter("Services cannot be empty.")
	}
	if len(in.Services) > 10 {
		return nil, invalidParameter("You can describe at most 10 services at once.")
	}
	out := &sdk.DescribeServicesOutput{}
	views := make([]*types.Service, 0, len(in.Services))
	for _, name := range in.Services {
		s := c.in(cl, name)
		if s == nil {
			out.Failures = append(out.Failures, missing(serviceARN(cl, name)))
			continue
		}
		v := s.view()
		if slices.Contains(in.Include, types.ServiceFieldTags) {
			tagged := *v
			tagged.Tags = cloneTags(s.tags)
			v = &tagged
		}
		views = append(views, v)
	}
	out.Services = c.serviceLists.Of(views)
	return out, nil
}

func serviceARN(cl *cluster, name string) string {
	if len(name) > len(arnPrefix) && name[:len(arnPrefix)] == arnPrefix {
		return name
	}
	return arnPrefix + "service/" + cl.name + "/" + name
}

// serviceLooks is everything that changes about a service between two updates of it which an answer shows.
type serviceLooks struct {
	primary                           *deployment
	deployments                       int
	desired, pending, running, failed int
	state                             types.DeploymentRolloutState
	reason                            string
	updated                           time.Time
	inactive                          bool
	lastEvent                         string
}

func (s *service) looks() serviceLooks {
	p := s.primary()
	now := serviceLooks{
		p, len(s.deployments), s.desired, p.pending, p.running, p.failed, p.state, p.reason, p.updated, s.inactive, "",
	}
	if n := len(s.events); n > 0 {
		now.lastEvent = s.events[n-1].id
	}
	return now
}

// view is the service as an answer shows it. As with tasks, one answer may share with a later one what both say. While
// several deployments have tasks, each answer is its own.
func (s *service) view() *types.Service {
	now := s.looks()
	if now.deployments > 1 || s.balanced != nil || s.inactive {
		return s.render()
	}
	if s.shown == nil || s.shownAs != now {
		s.shown, s.shownAs = s.render(), now
	}
	return s.shown
}

func (s *service) render() *types.Service {
	p := s.primary()
	a := newSlab(16+8*len(s.deployments)+2*len(s.events), 2+2*len(s.deployments)+len(s.events))
	v := &types.Service{
		ServiceName: a.text(s.name), ServiceArn: a.text(s.arn), ClusterArn: a.text(s.cluster.arn),
		Status: a.text("ACTIVE"), CreatedAt: a.when(s.created), CreatedBy: a.text(principal),
		DesiredCount: int32(s.desired), LaunchType: s.launchType,
		CapacityProviderStrategy: cloneStrategy(s.strategy),
		DeploymentController:     &types.DeploymentController{Type: s.controller},
		DeploymentConfiguration:  cloneRollout(&s.rolling),
		NetworkConfiguration:     cloneNetwork(s.network),
		LoadBalancers:            s.loadBalancers(),
		SchedulingStrategy:       types.SchedulingStrategyReplica,
		PlatformVersion:          a.text(s.platform), PlatformFamily: a.text("Linux"),
		PropagateTags:            types.PropagateTagsNone,
		TaskDefinition:           a.text(p.revision.definition.arn),
		CurrentServiceDeployment: a.text(p.record.arn),
		Events:                   s.eventViews(a),
	}
	switch {
	case s.gone():
		*v.Status = "INACTIVE"
		return v
	case s.inactive:
		*v.Status = "DRAINING"
	}
	v.Deployments = make([]types.Deployment, len(s.deployments))
	v.CurrentServiceRevisions = make([]types.ServiceCurrentRevisionSummary, 0, len(s.deployments))
	for i, d := range s.deployments {
		v.PendingCount += int32(d.pending)
		v.RunningCount += int32(d.running)
		v.Deployments[i] = d.view(a)
		v.CurrentServiceRevisions = d.addTo(v.CurrentServiceRevisions, a)
	}
	return v
}

// addTo adds what a deployment runs to its revision's line: a rollback runs the revision of an older deployment.
func (d *deployment) addTo(lines []types.ServiceCurrentRevisionSummary, a *slab) []types.ServiceCurrentRevisionSummary {
	at := slices.IndexFunc(lines, func(l types.ServiceCurrentRevisionSummary) bool { return *l.Arn == d.revision.arn })
	if at < 0 {
		at = len(lines)
		lines = append(lines, types.ServiceCurrentRevisionSummary{Arn: a.text(d.revision.arn)})
	}
	lines[at].PendingTaskCount += int32(d.pending)
	lines[at].RunningTaskCount += int32(d.running)
	lines[at].RequestedTaskCount = max(lines[at].RequestedTaskCount, int32(d.desired()))
	return lines
}

// desired is how many tasks a deployment is to have; one that is being replaced shows what it had.
func (d *deployment) desired() int {
	if d.primary() {
		return d.service.desired
	}
	return d.held
}

func (d *deployment) view(a *slab) types.Deployment {
	s := d.service
	v := types.Deployment{
		Id: a.text(d.id), Status: a.text("ACTIVE"), TaskDefinition: a.text(d.revision.definition.arn),
		DesiredCount: int32(d.desired()), PendingCount: int32(d.pending), RunningCount: int32(d.running), FailedTasks: int32(d.failed),
		CreatedAt: a.when(d.created), UpdatedAt: a.when(d.updated), LaunchType: s.launchType,
		CapacityProviderStrategy: cloneStrategy(s.strategy), NetworkConfiguration: cloneNetwork(s.network),
		PlatformVersion: a.text("1.4.0"), PlatformFamily: a.text("Linux"),
		RolloutState: d.state, RolloutStateReason: a.text(d.reason),
	}
	if d.primary() {
		*v.Status = "PRIMARY"
	}
	return v
}

// eventViews returns the events, newest first.
func (s *service) eventViews(a *slab) []types.ServiceEvent {
	views := make([]types.ServiceEvent, 0, len(s.events))
	for _, e := range slices.Backward(s.events) {
		views = append(views, types.ServiceEvent{Id: a.text(e.id), Message: a.text(e.message), CreatedAt: a.when(e.at)})
	}
	return views
}

func (c *Control) listServices(in *sdk.ListServicesInput) (*sdk.ListServicesOutput, error) {
	cl, err := c.cluster(aws.ToString(in.Cluster))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, s := range c.services {
		if s.cluster == cl && !s.inactive && (in.LaunchType == "" || in.LaunchType == s.launchType) {
			all = append(all, s.arn)
		}
	}
	from, to, next, err := c.page(len(all), in.MaxResults, 10, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &sdk.ListServicesOutput{ServiceArns: all[from:to:to], NextToken: next}, nil
}

func (c *Control) describeClusters(in *sdk.DescribeClustersInput) (*sdk.DescribeClustersOutput, error) {
	out := &sdk.DescribeClustersOutput{}
	names := in.Clusters
	if len(names) == 0 {
		names = []string{"default"}
	}
	for _, name := range names {
		cl, err := c.cluster(name)
		if err != nil {
			out.Failures = append(out.Failures, missing(name))
			continue
		}
		v := types.Cluster{ClusterArn: aws.String(cl.arn), ClusterName: aws.String(cl.name), Status: aws.String("ACTIVE")}
		for _, s := range c.services {
			if s.cluster == cl && !s.inactive {
				v.ActiveServicesCount++
				for _, d := range s.deployments {
					v.PendingTasksCount += int32(d.pending)
					v.RunningTasksCount += int32(d.running)
				}
			}
		}
		out.Clusters = append(out.Clusters, v)
	}
	return out, nil
}
