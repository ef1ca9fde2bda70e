package mirror

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// Shift makes the temporary stack, waits until it answers, and has the live stack's proxy mirror the weight to it: a
// share of the read-only requests, 1 to 99 percent. It is Reached when the live stack has been read so, and Failed when
// either stack does not come about or somebody else changes them. 100 percent is a promotion and needs nothing here.
func (p *Platform) Shift(ctx context.Context, rel *release.Release, w release.Weight) (release.Progress, error) {
	if err := w.Check(rel.ID); err != nil {
		return release.Progress{}, err
	}
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if w == 100 {
		return release.Reached.Says("the whole of the work moves at once: nothing to mirror"), nil
	}
	if text := c.altered(); text != "" {
		return release.Failed.Says(text), nil
	}
	temporary, progress, err := c.temporary(ctx)
	if err != nil || progress.State != release.Reached {
		return progress, err
	}
	return c.bring(ctx, release.VerbShift, c.mirroring(temporary, w))
}

// Ready makes the temporary stack and waits until it answers; no request is mirrored to it.
func (p *Platform) Ready(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if text := c.altered(); text != "" {
		return release.Failed.Says(text), nil
	}
	_, progress, err := c.temporary(ctx)
	return progress, err
}

// altered says what somebody else did to the live stack since the baseline was recorded, or "".
func (c *call) altered() string {
	switch {
	case c.live == nil:
		return "stack " + nameOf(c.base.Stack) + " does not exist any more"
	case c.live.others() != c.base.Others:
		return fmt.Sprintf("somebody else changed parameters of stack %s since the baseline was recorded", c.live.name())
	case !c.known(c.live.set()):
		return fmt.Sprintf("somebody else set stack %s to %s", c.live.name(), c.live.set().text())
	}
	return ""
}

// known reports whether the release itself may have left the four parameters so.
func (c *call) known(s set) bool {
	if s == c.base.Set || s == serving(c.base.Image) || s == serving(c.base.Set.Image) {
		return true
	}
	if s.Image != c.base.Set.Image || s.Mode != modeEnvoy {
		return false
	}
	for _, step := range c.rel.Steps[:min(c.rel.Step+1, len(c.rel.Steps))] {
		if s.Percent == fmt.Sprint(int(step.Weight)) {
			return true
		}
	}
	return s.Percent == "0"
}
