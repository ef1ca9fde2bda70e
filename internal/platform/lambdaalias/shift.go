package lambdaalias

import (
	"context"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// pendingLimit is how long a version may stay Pending. SnapStart takes minutes.
// https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
const pendingLimit = 20 * time.Minute

// Shift gives the new version a weight from 1 to 99 percent, once it can be invoked. It is Reached when the alias has
// been read with that weight, and Failed when the version does not become Active or somebody else changed the alias.
// 100 percent is a promotion and needs nothing here.
func (p *Platform) Shift(ctx context.Context, rel *release.Release, w release.Weight) (release.Progress, error) {
	if err := w.Check(rel.ID); err != nil {
		return release.Progress{}, err
	}
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	switch stands := c.stand(); {
	case stands == weighted && c.alias.percent(c.fresh) == w:
		return release.Reached.Says(fmt.Sprintf("version %s gets %d %% of the invocations, version %s the rest%s", c.fresh, w, c.base.Version, c.kept())), nil
	case stands == foreign || stands == deleted || stands == promoted || stands == home && rel.Step > 0:
		return release.Failed.Says(c.somebody()), nil
	}
	if progress, err := c.awaitVersion(ctx); err != nil || progress.State != release.Reached {
		return progress, err
	}
	if w == 100 {
		return release.Reached.Says("the whole of the work moves at once: nothing to shift"), nil
	}
	return c.update(ctx, c.base.Version, map[string]float64{c.fresh: float64(w) / 100}, fmt.Sprintf("version %s is given %d %%", c.fresh, w))
}

// Ready waits until the new version can be invoked, by its number: the alias sends it nothing.
func (p *Platform) Ready(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if c.stand() == deleted {
		return release.Failed.Says(c.somebody()), nil
	}
	return c.awaitVersion(ctx)
}

// awaitVersion publishes the new version, where an image is released, and waits until it can be invoked.
func (c *call) awaitVersion(ctx context.Context) (release.Progress, error) {
	if progress, err := c.publish(ctx); err != nil || progress.State != release.Reached {
		return progress, err
	}
	fresh, err := c.version(ctx, c.base.Function, c.fresh)
	if gone(err) {
		return release.Failed.Says(err.Error()), nil
	}
	if err != nil {
		return release.Progress{}, err
	}
	ready, trouble := readiness(fresh)
	waited := c.now().Sub(c.rel.Since)
	switch {
	case ready:
		return release.Reached.Says(""), nil
	case trouble != "":
		return release.Failed.Says(trouble), nil
	case waited > pendingLimit:
		return release.Failed.Says(fmt.Sprintf("version %s has been Pending for %s", c.fresh, release.Duration(waited.Truncate(time.Second)))), nil
	}
	progress := working(fmt.Sprintf("version %s is Pending", c.fresh), false)
	progress.Wait = 3 * soon
	return progress, nil
}

// kept says that what is kept ready behind the alias is divided, where something is: a version's invocations beyond its
// part start cold. How large the parts are, AWS does not say, only that they change with the versions' own.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetProvisionedConcurrencyConfig.html
func (c *call) kept() string {
	if c.base.Provisioned == 0 {
		return ""
	}
	return fmt.Sprintf("; Lambda divides the %d environments that are kept ready between the two, and what goes beyond a version's part starts cold", c.base.Provisioned)
}
