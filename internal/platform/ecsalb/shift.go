package ecsalb

import (
	"context"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// healthLimit is how long tasks that run may take to become healthy in their target group.
const healthLimit = 30 * time.Minute

// pollEvery is how soon tasks that become healthy are looked at again.
const pollEvery = 15 * time.Second

// Shift gives the canary a weight: first as many tasks as the weight needs, then, once they are
// healthy in their target group, the weight. It is Reached when the rule has been read with that weight, and Failed when
// the canary does not come up, or when somebody else changed a service or the rule. At 100 percent the primary stands by,
// as it was; without a bake 100 percent is the promotion and needs nothing here.
func (p *Platform) Shift(ctx context.Context, rel *release.Release, w release.Weight) (release.Progress, error) {
	if err := w.Check(rel.ID); err != nil {
		return release.Progress{}, err
	}
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if w == 100 && rel.Current().AtOnce() {
		return c.Progress(release.Reached, 0, "all requests move at once: nothing to shift"), nil
	}
	if stands := c.stand(); stands != shifted && (stands != over || w < 100) && (stands != home || rel.Step > 0) {
		return c.Progress(release.Failed, 0, c.somebody()), nil
	}
	if progress, err := c.capacity(ctx, w); err != nil || progress.State != release.Reached {
		return progress, err
	}
	if !c.given(w) {
		return c.weigh(ctx, c.base.Rule.shifted(w), fmt.Sprintf("the canary is given %d %% of the requests", w))
	}
	_, canary := c.Services()
	return c.Progress(release.Reached, 0, fmt.Sprintf("target group %s gets %d %% of the requests, with %s",
		groupName(c.base.Rule.Canary), w, ecsservice.TaskCount(canary.DesiredCount))), nil
}

// Ready brings up the canary's tasks that the first step needs, healthy in their target group, while the rule sends them
// nothing. For a plan without a canary step they are as many as the primary's.
func (p *Platform) Ready(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if c.stand() != home {
		return c.Progress(release.Failed, 0, c.somebody()), nil
	}
	return c.capacity(ctx, rel.Current().Weight)
}

// capacity brings the canary to as many tasks as a weight needs, healthy in their target group.
func (c *call) capacity(ctx context.Context, w release.Weight) (release.Progress, error) {
	progress, err := c.Call.Shift(ctx, w)
	if err != nil || progress.State != release.Reached {
		return progress, err
	}
	_, canary := c.Services()
	return c.awaitHealth(ctx, c.base.Rule.Canary, canary.DesiredCount, healthLimit, progress)
}

// awaitHealth answers what is given once as many targets of a group are healthy as wanted, and Failed past the limit.
func (c *call) awaitHealth(ctx context.Context, group string, wanted int32, limit time.Duration, then release.Progress) (release.Progress, error) {
	h, err := c.health(ctx, group)
	if err != nil {
		return c.Failing(err)
	}
	if h.healthy >= int(wanted) {
		return then, nil
	}
	note := fmt.Sprintf("%d of %s are healthy in target group %s", h.healthy, ecsservice.TaskCount(wanted), groupName(group))
	if h.unhealthy > 0 {
		note += fmt.Sprintf(", %d fail its health check (%s)", h.unhealthy, orNone(h.why))
	}
	if took := c.Now().Sub(c.rel.Since); took > limit {
		return c.Progress(release.Failed, 0, note+" after "+release.Duration(took.Truncate(time.Second)).String()), nil
	}
	return c.Working(pollEvery, note), nil
}
