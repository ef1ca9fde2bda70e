package ecsservice

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// shiftLimit is how long the canary may take to reach a weight once it has begun to start.
const shiftLimit = 30 * time.Minute

// Shift gives the canary service as many tasks as a weight needs beside the primary's; at 100 percent, as many as the
// primary has. It registers what is missing, moves the canary service to the new revision once, and afterwards only
// sets its number of tasks. It is Reached when ECS has completed the deployment, every wanted task runs, and no other
// revision works in the canary service; it is Failed when the canary does not come up, was reverted by ECS, or when
// somebody else changed the services.
func (c *Call) Shift(ctx context.Context, w release.Weight) (release.Progress, error) {
	standing, err := c.stand(ctx, c.canary)
	if err != nil {
		return release.Progress{}, err
	}
	switch standing {
	case untouched:
		return c.startCanary(ctx, w)
	case unseen:
		return c.notShown(c.canary), nil
	case ours:
		return c.followCanary(ctx, w)
	}
	return c.lost(ctx, c.canary, standing)
}

// startCanary moves the canary service to the new revision, once.
func (c *Call) startCanary(ctx context.Context, w release.Weight) (release.Progress, error) {
	if text, err := c.primaryChanged(ctx); err != nil || text != "" {
		return c.Progress(release.Failed, 0, text), err
	}
	definition, err := c.defineAll(ctx)
	if err != nil {
		return release.Progress{}, err
	}
	count := int32(release.CanaryTasks(int(c.primary.service.RunningCount), w))
	why, err := c.apply(ctx, c.canary, update{definition: definition, count: aws.Int32(count)})
	if err != nil || why != "" {
		return c.Working(pollEvery, string(why)), err
	}
	c.made.add(kindCount, countID(count, w), forCanary)
	return c.Working(pollEvery, fmt.Sprintf("canary starts %s with %s", ShortName(definition), TaskCount(count))), nil
}

// notShown answers for a deployment of serin's that ECS does not show yet. Deploying again would make two of it.
func (c *Call) notShown(s *Side) release.Progress {
	return c.Working(soon, "ECS does not show the new deployment of "+s.arm.Service+" yet")
}

// defineAll registers everything that the release needs, what a rollback needs first, and returns the canary's new
// definition.
func (c *Call) defineAll(ctx context.Context) (string, error) {
	if !c.base.Canary.Pinned {
		if _, err := c.define(ctx, forCanaryBaseline); err != nil {
			return "", err
		}
	}
	if !c.base.Primary.Pinned {
		if _, err := c.define(ctx, forPrimaryBaseline); err != nil {
			return "", err
		}
	}
	canary, err := c.define(ctx, forCanary)
	if err != nil {
		return "", err
	}
	_, err = c.define(ctx, forPrimary)
	return canary, err
}

// primaryChanged says what somebody else did to the primary since the baseline was recorded, or "".
func (c *Call) primaryChanged(ctx context.Context) (string, error) {
	seen, err := c.glance(ctx, c.primary)
	switch {
	case err != nil || seen == untouched:
		return "", err
	case seen == gone:
		return "service " + c.primary.arm.Service + " does not exist any more", nil
	}
	return c.somebody(c.primary), nil
}

// somebody says which deployment of somebody else's a side is in.
func (c *Call) somebody(s *Side) string {
	d := primaryDeployment(s.service)
	return fmt.Sprintf("somebody else deployed %s to %s (deployment %s, %s UTC) since the baseline was recorded",
		ShortName(aws.ToString(d.TaskDefinition)), s.arm.Service, aws.ToString(d.Id), aws.ToTime(d.CreatedAt).UTC().Format("15:04:05"))
}

// lost explains a side that is not where serin brought it.
func (c *Call) lost(ctx context.Context, s *Side, standing standing) (release.Progress, error) {
	failed := func(text string) (release.Progress, error) { return c.Progress(release.Failed, 0, text), nil }
	if standing == gone {
		return failed("service " + s.arm.Service + " does not exist any more")
	}
	if standing == foreign {
		return failed(c.somebody(s))
	}
	past, _, err := c.everOurs(ctx, s)
	if err != nil {
		return release.Progress{}, err
	}
	if err := c.readTasks(ctx, s); err != nil {
		return release.Progress{}, err
	}
	return failed(c.reverted(s, past))
}

// reverted says that ECS took the new revision out of a service again, and why.
func (c *Call) reverted(s *Side, past deployed) string {
	text := fmt.Sprintf("ECS took the new revision out of %s again", s.arm.Service)
	if past.status != "" {
		text += fmt.Sprintf(" (%s)", past.status)
	}
	if past.reason != "" {
		text += ": " + past.reason
	}
	mine := func(definition string) bool { return c.made.holds(definition, s.next) }
	if failed := failures(s.tasks, mine); len(failed) > 0 {
		text += "; " + why(failed[0])
	}
	return text
}

// followCanary brings the number of tasks to the weight and watches the canary come up.
func (c *Call) followCanary(ctx context.Context, w release.Weight) (release.Progress, error) {
	if err := c.readTasks(ctx, c.canary); err != nil {
		return release.Progress{}, err
	}
	if text := c.failed(c.canary); text != "" {
		return c.Progress(release.Failed, 0, text), nil
	}
	count := c.countFor(w)
	if have := c.canary.service.DesiredCount; have != count {
		why, err := c.apply(ctx, c.canary, update{count: aws.Int32(count)})
		if err != nil || why != "" {
			return c.Working(pollEvery, string(why)), err
		}
		return c.Working(pollEvery, fmt.Sprintf("canary goes from %d to %s", have, TaskCount(count))), nil
	}
	up := c.upness(c.canary)
	if up.complete(count, c.rel.Step > 0) {
		share := release.Share(up.running, int(c.primaryRunning()))
		return c.Progress(release.Reached, 0, fmt.Sprintf("canary runs %s on %s: %.3g %% of all, %d %% was asked for",
			ShortName(aws.ToString(primaryDeployment(c.canary.service).TaskDefinition)), TaskCount(count), float64(share), w)), nil
	}
	return c.awaitCanary(up, count), nil
}

// countFor returns the number of canary tasks of a step, decided once.
func (c *Call) countFor(w release.Weight) int32 {
	count, decided := c.made.count(w)
	if !decided {
		count = int32(release.CanaryTasks(int(c.primaryRunning()), w))
		c.made.add(kindCount, countID(count, w), forCanary)
	}
	return count
}

func (c *Call) primaryRunning() int32 {
	if c.primary.service == nil {
		return 0
	}
	return c.primary.service.RunningCount
}

// failed says why a side's deployment of the new revision will not come about, or "".
func (c *Call) failed(s *Side) string {
	d := primaryDeployment(s.service)
	if d.RolloutState == types.DeploymentRolloutStateFailed {
		text := fmt.Sprintf("ECS gave up the deployment of the new revision to %s: %s", s.arm.Service, shorten(aws.ToString(d.RolloutStateReason)))
		if crash := c.crashing(s); crash != "" {
			text += "; " + crash
		}
		return text
	}
	return c.crashing(s)
}

// awaitCanary says what is still missing, or that it took too long.
func (c *Call) awaitCanary(up upness, count int32) release.Progress {
	since := aws.ToTime(primaryDeployment(c.canary.service).CreatedAt)
	if c.rel.Step > 0 && c.rel.Since.After(since) {
		since = c.rel.Since
	}
	took := c.now().Sub(since)
	if up.running == 0 && took > startup || up.running < int(count) && took > shiftLimit {
		return c.Progress(release.Failed, 0, fmt.Sprintf("canary runs %d of %s after %s: no capacity, or a task that never becomes healthy; %s",
			up.running, TaskCount(count), release.Duration(took.Truncate(time.Second)), lastEvent(c.canary.service)))
	}
	return c.Working(pollEvery, fmt.Sprintf("canary runs %d of %s, %s%s", up.running, TaskCount(count), release.Duration(took.Truncate(time.Second)), up.rest()))
}
