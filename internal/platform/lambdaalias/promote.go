package lambdaalias

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// Promote points the alias to the new version and removes the weights. Where all moves at once, the version is published
// and waited for here. It is Reached when the alias has been read so,
// and Failed when somebody else changed it.
func (p *Platform) Promote(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	switch c.stand() {
	case promoted:
		return release.Reached.Says(fmt.Sprintf("alias %s of %s points to version %s", c.base.Alias, c.base.Function, c.fresh)), nil
	case foreign, deleted:
		return release.Failed.Says(c.somebody()), nil
	case home:
		if rel.Current().Weight < 100 { // somebody took the weights away
			return release.Failed.Says(c.somebody()), nil
		}
		if progress, err := c.awaitVersion(ctx); err != nil || progress.State != release.Reached { // nothing was shifted before
			return progress, err
		}
	}
	return c.update(ctx, c.fresh, map[string]float64{}, "all invocations go to version "+c.fresh)
}
