package ecsservice

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/awserr"
)

// deployed is one deployment of a service since the release was opened.
type deployed struct {
	definition string
	at         time.Time
	status     types.ServiceDeploymentStatus
	reason     string
}

// ended reports whether ECS gave the deployment up, or was told to.
func (d deployed) ended() bool {
	switch d.status {
	case types.ServiceDeploymentStatusStopped, types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusRollbackFailed,
		types.ServiceDeploymentStatusRollbackInProgress, types.ServiceDeploymentStatusRollbackRequested, types.ServiceDeploymentStatusStopRequested:
		return true
	}
	return false
}

// skew is how far ECS's clock may be behind the one that wrote when the release was opened.
const skew = 5 * time.Minute

// history reads what was deployed to a side since the release was opened, the newest first. It is the only trace of a deployment that
// ECS reverted: the service itself looks as if it had never been.
func (c *Call) history(ctx context.Context, s *Side) ([]deployed, error) {
	if s.pastSet {
		return s.past, nil
	}
	briefs, err := c.serviceDeployments(ctx, s)
	if err != nil {
		return nil, err
	}
	arns := make([]string, len(briefs))
	for i, brief := range briefs {
		arns[i] = aws.ToString(brief.TargetServiceRevisionArn)
	}
	revisions, err := c.revisions(ctx, slices.Compact(slices.Sorted(slices.Values(arns))))
	if err != nil {
		return nil, err
	}
	definitions := map[string]string{}
	for _, r := range revisions {
		definitions[aws.ToString(r.ServiceRevisionArn)] = aws.ToString(r.TaskDefinition)
	}
	for i, brief := range briefs {
		s.past = append(s.past, deployed{
			definition: definitions[arns[i]], at: aws.ToTime(brief.CreatedAt),
			status: brief.Status, reason: shorten(aws.ToString(brief.StatusReason)),
		})
	}
	slices.SortStableFunc(s.past, func(a, b deployed) int { return b.at.Compare(a.at) })
	s.pastSet = true
	return s.past, nil
}

func (c *Call) serviceDeployments(ctx context.Context, s *Side) ([]types.ServiceDeploymentBrief, error) {
	in := &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String(c.place.Cluster), Service: aws.String(s.arm.Service),
		CreatedAt: &types.CreatedAt{After: aws.Time(c.rel.Opened.Add(-skew))},
	}
	var briefs []types.ServiceDeploymentBrief
	for {
		out, err := c.clients.ECS.ListServiceDeployments(ctx, in)
		if err != nil {
			return nil, awserr.Wrap("list the deployments of "+s.arm.Service, err)
		}
		briefs = append(briefs, out.ServiceDeployments...)
		if aws.ToString(out.NextToken) == "" {
			return briefs, nil
		}
		in.NextToken = out.NextToken
	}
}

// everOurs returns the newest deployment of the new revision to a side since the release was opened, if there was one.
func (c *Call) everOurs(ctx context.Context, s *Side) (deployed, bool, error) {
	past, err := c.history(ctx, s)
	if err != nil {
		return deployed{}, false, err
	}
	unknown := func(d deployed) bool {
		return d.definition != s.arm.Definition && !c.made.holds(d.definition, parts...)
	}
	if slices.ContainsFunc(past, unknown) {
		if err := c.lookUp(ctx); err != nil {
			return deployed{}, false, err
		}
	}
	for _, d := range past {
		if c.made.holds(d.definition, s.next) {
			return d, true, nil
		}
	}
	return deployed{}, false, nil
}
