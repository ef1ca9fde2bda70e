package ecs

import (
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// listDeployments lists a service's deployments, newest first, 20 a page where the caller asks for no size.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
func (c *Control) listDeployments(in *sdk.ListServiceDeploymentsInput) (*sdk.ListServiceDeploymentsOutput, error) {
	s, err := c.service(in.Cluster, in.Service)
	if err != nil {
		return nil, err
	}
	if s.gone() {
		return nil, serviceNotFound()
	}
	var found []*serviceDeployment
	for _, r := range slices.Backward(s.history) {
		if len(in.Status) > 0 && !slices.Contains(in.Status, r.status) || !within(r.created, in.CreatedAt) {
			continue
		}
		found = append(found, r)
	}
	from, to, next, err := c.page(len(found), in.MaxResults, 20, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListServiceDeploymentsOutput{NextToken: next, ServiceDeployments: make([]types.ServiceDeploymentBrief, 0, to-from)}
	a := newSlab(5*(to-from), 3*(to-from))
	for _, r := range found[from:to] {
		out.ServiceDeployments = append(out.ServiceDeployments, types.ServiceDeploymentBrief{
			ServiceDeploymentArn: a.text(r.arn), ServiceArn: a.text(s.arn), ClusterArn: a.text(s.cluster.arn),
			Status: r.status, StatusReason: a.some(r.reason), TargetServiceRevisionArn: a.text(r.target.revision.arn),
			CreatedAt: a.when(r.created), StartedAt: a.when(r.started), FinishedAt: a.when(r.finished),
		})
	}
	return out, nil
}

func within(t time.Time, window *types.CreatedAt) bool {
	return window == nil || (window.After == nil || t.After(*window.After)) && (window.Before == nil || t.Before(*window.Before))
}

// describedAtOnce is how many service deployments, or service revisions, one call can describe.
const describedAtOnce = 20

func (c *Control) describeDeployments(in *sdk.DescribeServiceDeploymentsInput) (*sdk.DescribeServiceDeploymentsOutput, error) {
	if len(in.ServiceDeploymentArns) == 0 || len(in.ServiceDeploymentArns) > describedAtOnce {
		return nil, invalidParameter("The number of service deployment ARNs must be between 1 and 20.")
	}
	out := &sdk.DescribeServiceDeploymentsOutput{}
	for _, arn := range in.ServiceDeploymentArns {
		if r := c.histories[arn]; r != nil {
			out.ServiceDeployments = append(out.ServiceDeployments, r.view())
		} else {
			out.Failures = append(out.Failures, missing(arn))
		}
	}
	return out, nil
}

func (r *serviceDeployment) view() types.ServiceDeployment {
	s := r.service
	a := newSlab(8+len(r.sources), 6)
	v := types.ServiceDeployment{
		ServiceDeploymentArn: a.text(r.arn), ServiceArn: a.text(s.arn), ClusterArn: a.text(s.cluster.arn),
		Status: r.status, StatusReason: a.some(r.reason),
		CreatedAt: a.when(r.created), StartedAt: a.when(r.started), UpdatedAt: a.when(r.updated),
		FinishedAt: a.when(r.finished), StoppedAt: a.when(r.stopped),
		DeploymentConfiguration: cloneRollout(r.rolling),
		DeploymentCircuitBreaker: &types.ServiceDeploymentCircuitBreaker{
			Status: r.breaker, FailureCount: int32(r.target.failed), Threshold: int32(s.threshold()),
		},
		TargetServiceRevision: s.summary(r.target.revision, a),
	}
	for _, source := range r.sources {
		v.SourceServiceRevisions = append(v.SourceServiceRevisions, *s.summary(source, a))
	}
	if r.rollback != nil {
		v.Rollback = &types.Rollback{
			Reason: a.some(r.reason), ServiceRevisionArn: a.text(r.rollback.arn), StartedAt: a.when(r.rolledBack),
		}
	}
	return v
}

func (s *service) summary(r *revision, a *slab) *types.ServiceRevisionSummary {
	v := &types.ServiceRevisionSummary{Arn: a.text(r.arn)}
	for _, d := range s.deployments {
		if d.revision == r {
			v.PendingTaskCount += int32(d.pending)
			v.RunningTaskCount += int32(d.running)
			v.RequestedTaskCount = max(v.RequestedTaskCount, int32(d.desired()))
		}
	}
	return v
}

func (c *Control) describeRevisions(in *sdk.DescribeServiceRevisionsInput) (*sdk.DescribeServiceRevisionsOutput, error) {
	if len(in.ServiceRevisionArns) == 0 || len(in.ServiceRevisionArns) > describedAtOnce {
		return nil, invalidParameter("The number of service revision ARNs must be between 1 and 20.")
	}
	out := &sdk.DescribeServiceRevisionsOutput{}
	for _, arn := range in.ServiceRevisionArns {
		if r := c.revisions[arn]; r != nil {
			out.ServiceRevisions = append(out.ServiceRevisions, r.view())
		} else {
			out.Failures = append(out.Failures, missing(arn))
		}
	}
	return out, nil
}

func (r *revision) view() types.ServiceRevision {
	s := r.service
	a := newSlab(6+3*len(r.images), 1)
	v := types.ServiceRevision{
		ServiceRevisionArn: a.text(r.arn), ServiceArn: a.text(s.arn), ClusterArn: a.text(s.cluster.arn),
		TaskDefinition: a.text(r.definition.arn), CreatedAt: a.when(r.created), LaunchType: s.launchType,
		CapacityProviderStrategy: cloneStrategy(s.strategy), NetworkConfiguration: cloneNetwork(s.network),
		PlatformVersion: a.text("1.4.0"), PlatformFamily: a.text("Linux"),
		ContainerImages: make([]types.ContainerImage, len(r.images)),
	}
	for i := range r.images {
		img := &r.images[i]
		v.ContainerImages[i] = types.ContainerImage{ContainerName: a.text(img.container), Image: a.text(img.name)}
		if !img.floats {
			v.ContainerImages[i].ImageDigest = a.some(img.digest)
		}
	}
	return v
}
