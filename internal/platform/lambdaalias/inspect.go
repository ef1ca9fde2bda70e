package lambdaalias

import (
	"context"

	"github.com/serin-aws/serin/internal/release"
)

// Inspect reads how the alias routes. It changes nothing.
//
// The units of an alias are percent points of routing: AWS draws a version for each invocation, so the share that was
// really given is told by the number of invocations, which the judge compares with this.
func (p *Platform) Inspect(ctx context.Context, rel *release.Release) (release.Sighting, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Sighting{}, err
	}
	stands := c.stand()
	if stands == deleted {
		return release.Sighting{Foreign: c.somebody()}, nil
	}
	share := c.alias.percent(c.fresh)
	s := release.Sighting{
		Serving: "version " + c.alias.version, Weight: release.Percent(share),
		Canary: points(share), Primary: points(100 - share),
		CanaryStarted: rel.CanarySince,
	}
	if c.rel.Revision.Version == "" && c.fresh != "" {
		s.Measured = c.base.metrics(c.fresh).Canary
	}
	if stands == promoted {
		s.Canary, s.Primary = points(0), points(100)
	}
	if s.CanaryStarted.IsZero() && stands == weighted {
		s.CanaryStarted = rel.BakeSince
	}
	if stands == foreign || !rel.Home && !c.expected(stands) {
		s.Foreign = c.somebody()
	}
	return s, nil
}

func points(share release.Weight) release.Units {
	n := int(share)
	return release.Units{Desired: n, Running: n, Healthy: n}
}

// expected reports whether the alias stands where the release's phase has left it.
func (c *call) expected(stands standing) bool {
	switch c.rel.Phase {
	case release.Baking:
		return stands == weighted && c.alias.percent(c.fresh) == c.rel.Current().Weight || c.rel.Current().Weight == 100 && stands == home
	case release.Settling:
		return stands == promoted
	}
	return true // in the middle of a change either state is possible
}
