package ecsservice

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/serin-aws/serin/internal/release"
)

// promoteLimit is how long the primary may take to run the new revision and nothing else. Large services and long
// messages need hours; missing capacity never ends by itself.
const promoteLimit = 3 * time.Hour

// PromotePrimary moves the primary service to the new revision, once, without touching its number of tasks (scaling
// owns it). It is Reached when that is complete and Failed when ECS reverts or gives up the deployment, when the new
// revision does not stay up, or when somebody else changed a service.
func (c *Call) PromotePrimary(ctx context.Context) (release.Progress, error) {
	standing, err := c.stand(ctx, c.primary)
	if err != nil {
		return release.Progress{}, err
	}
	switch standing {
	case untouched:
		return c.startPrimary(ctx)
	case unseen:
		return c.notShown(c.primary), nil
	case ours:
		return c.followPrimary(ctx)
	}
	return c.lost(ctx, c.primary, standing)
}

// startPrimary moves the primary service to the new revision, once.
func (c *Call) startPrimary(ctx context.Context) (release.Progress, error) {
	standing, err := c.stand(ctx, c.canary)
	if err != nil {
		return release.Progress{}, err
	}
	if standing != ours && standing != untouched && standing != unseen { // untouched: a plan without a canary step
		return c.lost(ctx, c.canary, standing)
	}
	if _, err := c.defineAll(ctx); err != nil {
		return release.Progress{}, err
	}
	definition, err := c.define(ctx, forPrimary)
	if err != nil {
		return release.Progress{}, err
	}
	change, count := update{definition: definition}, c.primary.service.DesiredCount
	if c.fromNothing(c.primary) {
		count = c.firstCount()
		change.count = aws.Int32(count)
	}
	why, err := c.apply(ctx, c.primary, change)
	if err != nil || why != "" {
		return c.Working(pollEvery, string(why)), err
	}
	return c.Working(pollEvery, fmt.Sprintf("primary goes to %s, %s", ShortName(definition), TaskCount(count))), nil
}

// followPrimary watches the primary come up on the new revision.
func (c *Call) followPrimary(ctx context.Context) (release.Progress, error) {
	if err := c.readTasks(ctx, c.primary); err != nil {
		return release.Progress{}, err
	}
	if text := c.failed(c.primary); text != "" {
		return c.Progress(release.Failed, 0, text), nil
	}
	up, desired := c.upness(c.primary), c.primary.service.DesiredCount
	// Completed once is enough: scaling may start and stop tasks of the same revision at any time.
	if up.completed && up.others == 0 && (up.running > 0 || desired == 0) {
		return c.Progress(release.Reached, 0, fmt.Sprintf("primary is complete: %s", TaskCount(int32(up.running)))), nil
	}
	took := c.now().Sub(aws.ToTime(primaryDeployment(c.primary.service).CreatedAt)).Truncate(time.Second)
	if desired > 0 && up.running == 0 && took > startup || up.running < int(desired) && took > promoteLimit {
		return c.Progress(release.Failed, 0, fmt.Sprintf("primary runs %d of %s on the new revision after %s: no capacity, or tasks that never become healthy; %s",
			up.running, TaskCount(desired), release.Duration(took), lastEvent(c.primary.service))), nil
	}
	return c.Working(pollEvery, fmt.Sprintf("primary runs %d of %s on the new revision, %s%s", up.running, TaskCount(desired), release.Duration(took), up.rest())), nil
}

// RestCanary brings the canary service to its recorded number of tasks on the new revision, after a promotion of the
// primary. It is Reached and Failed as that is.
func (c *Call) RestCanary(ctx context.Context) (release.Progress, error) {
	standing, err := c.stand(ctx, c.canary)
	if err != nil {
		return release.Progress{}, err
	}
	count := c.canary.arm.Desired
	change := update{}
	switch standing {
	case ours:
	case unseen:
		return c.notShown(c.canary), nil
	case untouched: // a plan without a canary step: it follows now
		if change.definition, err = c.define(ctx, forCanary); err != nil {
			return release.Progress{}, err
		}
	default:
		return c.lost(ctx, c.canary, standing)
	}
	if have := c.canary.service.DesiredCount; have != count || change.definition != "" {
		change.count = aws.Int32(count)
		why, err := c.apply(ctx, c.canary, change)
		if err != nil || why != "" {
			return c.Working(pollEvery, string(why)), err
		}
		c.made.add(kindCount, countID(count, restingCount), forCanary)
		return c.Working(pollEvery, fmt.Sprintf("primary is complete; canary goes from %d to %s at rest", have, TaskCount(count))), nil
	}
	return c.awaitRest(ctx, count)
}

// awaitRest watches the canary reach its recorded number of tasks.
func (c *Call) awaitRest(ctx context.Context, count int32) (release.Progress, error) {
	if err := c.readTasks(ctx, c.canary); err != nil {
		return release.Progress{}, err
	}
	if text := c.failed(c.canary); text != "" {
		return c.Progress(release.Failed, 0, text), nil
	}
	c.made.add(kindCount, countID(count, restingCount), forCanary)
	up := c.upness(c.canary)
	if !up.rests(count, c.canary.service) && c.now().Sub(c.rel.Since) < promoteLimit {
		return c.Working(pollEvery, fmt.Sprintf("primary is complete; canary runs %d of %s at rest%s", up.running, TaskCount(count), up.rest())), nil
	}
	// Past the limit a canary without capacity is no reason to take a complete primary back.
	return c.staying(fmt.Sprintf("%s runs %s with %s, %s runs %s with %d of %s",
		c.primary.arm.Service, ShortName(aws.ToString(primaryDeployment(c.primary.service).TaskDefinition)), TaskCount(c.primary.service.RunningCount),
		c.canary.arm.Service, ShortName(aws.ToString(primaryDeployment(c.canary.service).TaskDefinition)), up.running, TaskCount(count))), nil
}
