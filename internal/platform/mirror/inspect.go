package mirror

import (
	"context"
	"fmt"
	"strconv"

	"github.com/serin-aws/serin/internal/release"
)

// Inspect reads what the live stack serves and mirrors, and whether the temporary stack is still there. It changes
// nothing. A mirrored service has no units that explain how much work the canary gets: the share is of the read-only
// requests, and how many of all those are, only users know.
func (p *Platform) Inspect(ctx context.Context, rel *release.Release) (release.Sighting, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Sighting{}, err
	}
	s := release.Sighting{CanaryStarted: rel.CanarySince, Foreign: c.altered()}
	if c.live == nil {
		return s, nil
	}
	now := c.live.set()
	s.Serving = shortImage(now.Image)
	share := 0
	if now.Mode == modeEnvoy {
		if share, err = strconv.Atoi(now.Percent); err != nil {
			s.Foreign = fmt.Sprintf("somebody else set the mirrored share of stack %s to %q", c.live.name(), now.Percent)
		}
	}
	s.Weight = release.Percent(share)
	if s.CanaryStarted.IsZero() && share > 0 {
		s.CanaryStarted = rel.BakeSince
	}
	return s, c.watch(ctx, &s)
}

// watch notices a foreign update, and a temporary stack that does not stay up while it is judged.
func (c *call) watch(ctx context.Context, s *release.Sighting) error {
	if c.rel.Home || s.Foreign != "" {
		return nil
	}
	if c.live.rests() != ready {
		token, _, err := c.operation(ctx, c.live)
		if err != nil {
			return err
		}
		if !c.ours(token) {
			s.Foreign = c.somebody()
		}
	}
	if c.rel.Phase != release.Baking || c.rel.Current().Weight >= 100 {
		return nil
	}
	if w := c.rel.Current().Weight; s.Weight != release.Percent(w) {
		s.Foreign = fmt.Sprintf("somebody else set stack %s to %s; serin had %d %% mirrored", c.live.name(), c.live.set().text(), w)
		return nil
	}
	temporary, progress, err := c.temporaryNow(ctx)
	switch {
	case err != nil:
		return err
	case temporary == nil:
		s.Trouble = progress
	default:
		s.Measured = temporary.shadow(c.at.Outputs)
	}
	return nil
}

// temporaryNow reads the temporary stack, or says why it is of no use.
func (c *call) temporaryNow(ctx context.Context) (*stack, string, error) {
	t, err := c.read(ctx, c.base.Temporary, c.at.Parameters)
	switch {
	case err != nil:
		return nil, "", err
	case t == nil:
		return nil, "the temporary stack " + c.base.Temporary + " does not exist any more", nil
	case !c.mine(t):
		return nil, "stack " + t.name() + " is not of this release", nil
	case t.rests() != ready:
		return nil, fmt.Sprintf("the temporary stack %s is %s", t.name(), t.StackStatus), nil
	}
	healthy, all, err := c.healthy(ctx, t.output(c.at.Outputs.TargetGroup))
	if err == nil && healthy == 0 {
		return nil, fmt.Sprintf("none of the %d targets of the temporary stack is healthy", all), nil
	}
	return t, "", err
}
