package ecsalb

import (
	"context"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Inspect reads how the requests are divided, who is healthy, whether the new revision stays up, and whether somebody
// else changed a service or the rule. It changes nothing.
//
// The weight is what the rule says. Whether the requests follow it, the judge compares, but where clients stick to a
// target group: they follow in their own time.
func (p *Platform) Inspect(ctx context.Context, rel *release.Release) (release.Sighting, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Sighting{}, err
	}
	s, err := c.Call.Inspect(ctx)
	if err != nil {
		return s, err
	}
	s.Weight, s.Sharing = c.rule.forward.share(c.base.Rule.Canary), release.ByWeight
	if c.base.Rule.Forward.Sticky {
		s.Sharing = release.Unexplained
	}
	stands := c.stand()
	s.CanaryStarted = c.started(stands)
	if s.Foreign == "" && (stands == foreign || !rel.Home && !c.expected(stands)) {
		s.Foreign = c.somebody()
	}
	return s, c.countHealthy(ctx, &s, stands)
}

// started is when the canary got its first requests.
func (c *call) started(stands standing) time.Time {
	if c.rel.CanarySince.IsZero() && (stands == shifted || stands == over) {
		return c.rel.BakeSince
	}
	return c.rel.CanarySince
}

// countHealthy counts the units as the load balancer sees them. A canary that gets requests and of which no task passes
// the health check is in trouble.
func (c *call) countHealthy(ctx context.Context, s *release.Sighting, stands standing) error {
	canary, err := c.health(ctx, c.base.Rule.Canary)
	if err != nil {
		return err
	}
	primary, err := c.health(ctx, c.base.Rule.Primary)
	if err != nil {
		return err
	}
	s.Canary.Healthy, s.Primary.Healthy = min(canary.healthy, s.Canary.Running), min(primary.healthy, s.Primary.Running)
	if (stands == shifted || stands == over) && s.Trouble == "" && canary.healthy == 0 && canary.unhealthy > 0 {
		s.Trouble = fmt.Sprintf("no task of the new revision passes the health check of target group %s (%s)", groupName(c.base.Rule.Canary), orNone(canary.why))
	}
	return nil
}

// expected reports whether the rule stands where the release's phase has left it.
func (c *call) expected(stands standing) bool {
	switch c.rel.Phase {
	case release.Baking:
		w := c.rel.Current().Weight
		return c.given(w) || c.rel.Current().AtOnce() && stands != loosened
	case release.Settling:
		return stands == home
	}
	return true // in the middle of a change any of them is possible
}

// Cleanup deregisters the task definitions of this release that nobody uses and writes down what serves.
func (p *Platform) Cleanup(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	return c.Call.Cleanup(ctx)
}
