package ecsservice

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// atRest refuses a service that serin cannot release to, or that is in the middle of something.
func (s *survey) atRest(service *types.Service) error {
	name := aws.ToString(service.ServiceName)
	invalid := func(format string, args ...any) error {
		return release.Errorf(release.Invalid, s.op, "service "+name+" "+format, args...)
	}
	unstable := func(format string, args ...any) error {
		return release.Errorf(release.Unstable, s.op, "service "+name+" "+format, args...)
	}
	if c := service.DeploymentController; c != nil && c.Type != "" && c.Type != types.DeploymentControllerTypeEcs {
		return invalid("has the deployment controller %s; %s needs rolling deployments (ECS)", c.Type, s.target.Platform)
	}
	if c := service.DeploymentConfiguration; c != nil && c.Strategy != "" && c.Strategy != types.DeploymentStrategyRolling {
		return invalid("deploys with ECS's own strategy %s; %s needs ROLLING", c.Strategy, s.target.Platform)
	}
	if service.SchedulingStrategy == types.SchedulingStrategyDaemon {
		return invalid("is a DAEMON service; its number of tasks cannot be set, so it cannot be given a weight")
	}
	if n := len(service.Deployments); n != 1 {
		return unstable("has %d deployments; wait until one is left (aws ecs describe-services), then start again", n)
	}
	d := primaryDeployment(service)
	if d.RolloutState != types.DeploymentRolloutStateCompleted {
		return unstable("is in a deployment that is %s, not COMPLETED (%s); wait for it or repair it, then start again", cmp.Or(string(d.RolloutState), "of unknown state"), lastEvent(service))
	}
	if service.RunningCount != service.DesiredCount || service.PendingCount != 0 {
		return unstable("runs %d of %s, %d pending (%s); wait until it is steady, then start again", service.RunningCount, TaskCount(service.DesiredCount), service.PendingCount, lastEvent(service))
	}
	for _, count := range s.counts(service) {
		if least, most := bounds(service, count); least >= count && most <= count {
			return invalid("cannot replace tasks: of %s at least %d must stay healthy and at most %d may run, so no deployment ever ends; set minimumHealthyPercent to 100 and maximumPercent to 200",
				TaskCount(count), least, most)
		}
	}
	return nil
}

// counts returns the numbers of tasks with which a service will be deployed, as far as they are known: those it has,
// and the one task that most canaries get.
func (s *survey) counts(service *types.Service) []int32 {
	switch {
	case service.DesiredCount == 0:
		return nil
	case aws.ToString(service.ServiceName) == ShortName(s.place.CanaryService):
		return []int32{service.DesiredCount, 1}
	}
	return []int32{service.DesiredCount}
}

// bounds returns how many tasks must stay healthy during a deployment (percent rounded up) and how many may run
// (rounded down).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func bounds(service *types.Service, count int32) (least, most int32) {
	least, most = count, 2*count // ECS's defaults: 100 and 200 percent
	if c := service.DeploymentConfiguration; c != nil {
		if c.MinimumHealthyPercent != nil {
			least = (count**c.MinimumHealthyPercent + 99) / 100
		}
		if c.MaximumPercent != nil {
			most = count * *c.MaximumPercent / 100
		}
	}
	return least, most
}

// sameCapacity refuses a canary on other capacity than the primary: Spot interruptions, say, would look like failures.
func (s *survey) sameCapacity() error {
	primary, canary := capacity(s.primary.service), capacity(s.canary.service)
	if primary == canary {
		return nil
	}
	return release.Errorf(release.Invalid, s.op, "%s runs on %s and %s on %s: the canary would be judged for its capacity and not for the new version; give both the same",
		s.primary.name(), primary, s.canary.name(), canary)
}

func capacity(service *types.Service) string {
	if len(service.CapacityProviderStrategy) == 0 {
		return "launch type " + cmp.Or(string(service.LaunchType), "EC2")
	}
	var items []string
	for _, item := range service.CapacityProviderStrategy {
		items = append(items, fmt.Sprintf("%s (base %d, weight %d)", aws.ToString(item.CapacityProvider), item.Base, item.Weight))
	}
	slices.Sort(items)
	return strings.Join(items, ", ")
}

// scaling records what scales the primary and refuses a canary that is scaled: two scalers on one backlog fight, and
// the canary's count is its weight.
func (p *Pair) scaling(ctx context.Context, s *survey) (*scale, error) {
	primary, canary := scalableID(s.primary.service), scalableID(s.canary.service)
	out, err := p.clients.Scaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceIds: []string{primary, canary},
		ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount,
	})
	if err != nil {
		return nil, awserr.Wrap("describe the scaling of "+primary+" and "+canary, err)
	}
	var found *scale
	for _, target := range out.ScalableTargets {
		switch aws.ToString(target.ResourceId) {
		case canary:
			return nil, release.Errorf(release.Invalid, s.op, "service %s has scaling of its own (%d to %d tasks): the number of canary tasks is the weight, which only serin sets; remove its scalable target and count both services in the primary's backlog per task",
				s.canary.name(), aws.ToInt32(target.MinCapacity), aws.ToInt32(target.MaxCapacity))
		case primary:
			found = &scale{Resource: primary, Min: aws.ToInt32(target.MinCapacity), Max: aws.ToInt32(target.MaxCapacity)}
			if suspended := target.SuspendedState; suspended != nil {
				found.InSuspended = aws.ToBool(suspended.DynamicScalingInSuspended)
				found.OutSuspended = aws.ToBool(suspended.DynamicScalingOutSuspended)
				found.ScheduledSuspended = aws.ToBool(suspended.ScheduledScalingSuspended)
			}
		}
	}
	return found, nil
}

// scalableID is a service as Application Auto Scaling names it.
func scalableID(service *types.Service) string {
	return "service/" + ShortName(aws.ToString(service.ClusterArn)) + "/" + aws.ToString(service.ServiceName)
}
