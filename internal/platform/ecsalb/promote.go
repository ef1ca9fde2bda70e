package ecsalb

import (
	"context"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// promoteLimit is how long the primary may take until it runs the new revision and is healthy.
const promoteLimit = 4 * time.Hour

// returned is what the release remembers: since when the weights are back with the primary.
const returned = "weights returned"

// Promote moves the primary service to the new revision, gives it all requests again once it is healthy, and then
// brings the canary service to its recorded number of tasks. A step of 100 percent comes first: the canary gets as many
// tasks as the primary and all requests at once, so that no user waits for the primary. It is Reached when the rule reads
// as recorded and both services are complete, and Failed when ECS reverts or gives up a deployment, when the new revision
// does not stay up, or when somebody else changed a service or the rule.
func (p *Platform) Promote(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	stands := c.stand()
	untouched, err := c.PrimaryUntouched(ctx)
	if err != nil {
		return c.Failing(err)
	}
	atOnce := rel.Current().Weight == 100
	switch {
	case stands == foreign || stands == loosened, stands == home && untouched && !atOnce: // somebody took the weights away
		return c.Progress(release.Failed, 0, c.somebody()), nil
	case untouched && atOnce && stands != over:
		return c.moveOver(ctx)
	}
	if progress, err := c.PromotePrimary(ctx); err != nil || progress.State != release.Reached {
		return progress, err
	}
	primary, _ := c.Services()
	healthy, err := c.awaitHealth(ctx, c.base.Rule.Primary, primary.RunningCount, promoteLimit, release.Progress{State: release.Reached})
	if err != nil || healthy.State != release.Reached {
		return healthy, err
	}
	if stands != home {
		c.remember(returned)
		return c.weigh(ctx, c.base.Rule.Forward, "the primary runs the new revision and gets all requests again")
	}
	if waiting := c.awaitEffect(returned); waiting != nil {
		return *waiting, nil
	}
	return c.RestCanary(ctx)
}

// moveOver gives all requests to a canary that is as large as the primary.
func (c *call) moveOver(ctx context.Context) (release.Progress, error) {
	if progress, err := c.capacity(ctx, 100); err != nil || progress.State != release.Reached {
		return progress, err
	}
	return c.weigh(ctx, c.base.Rule.shifted(100), "all requests go to the canary, which is as large as the primary")
}
