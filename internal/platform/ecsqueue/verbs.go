package ecsqueue

import (
	"context"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// begin reads the baseline and both services.
func (p *Platform) begin(ctx context.Context, rel *release.Release) (*ecsservice.Call, error) {
	base, err := p.baselines.Read(rel, func(d detail) error { return d.Check(rel) })
	if err != nil {
		return nil, err
	}
	return p.pair.Begin(ctx, rel, base.Record)
}

// AnnouncesChanges says that package ecsservice, which makes all changes of this platform, announces each of them.
func (p *Platform) AnnouncesChanges() {}

// Shift gives the canary a weight from 1 to 99 percent by its number of tasks. 100 percent is a promotion and needs
// nothing here.
func (p *Platform) Shift(ctx context.Context, rel *release.Release, w release.Weight) (release.Progress, error) {
	if err := w.Check(rel.ID); err != nil {
		return release.Progress{}, err
	}
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if w == 100 {
		return c.Progress(release.Reached, 0, "the whole of the work moves at once: nothing to shift"), nil
	}
	return c.Shift(ctx, w)
}

// Promote moves the primary service to the new revision and then brings the canary service to its recorded number of
// tasks on it.
func (p *Platform) Promote(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	progress, err := c.PromotePrimary(ctx)
	if err != nil || progress.State != release.Reached {
		return progress, err
	}
	return c.RestCanary(ctx)
}

// Rollback brings back what was recorded: the canary service first, because beside healthy replacements a bad canary
// would go on taking messages, then the primary.
func (p *Platform) Rollback(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	home, err := c.Homecoming(ctx, 0)
	if err != nil {
		return release.Progress{}, err
	}
	progress, err := home.Steps(ctx)
	switch {
	case err != nil:
		return c.Failing(err)
	case progress != nil:
		return *progress, nil
	}
	return home.Ended(), nil
}

// Inspect reads how the work is divided now, whether the new revision stays up, and whether somebody else changed a
// service. It changes nothing.
func (p *Platform) Inspect(ctx context.Context, rel *release.Release) (release.Sighting, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Sighting{}, err
	}
	return c.Inspect(ctx)
}

// Cleanup deregisters the task definitions of this release that nobody uses and writes down what serves.
func (p *Platform) Cleanup(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	return c.Cleanup(ctx)
}
