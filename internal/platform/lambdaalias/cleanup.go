package lambdaalias

import (
	"context"

	"github.com/serin-aws/serin/internal/live"
	"github.com/serin-aws/serin/internal/release"
)

// Cleanup writes down which version serves, whoever made it so. It removes nothing: versions are kept, so that a rollback
// by hand stays possible.
func (p *Platform) Cleanup(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if c.stand() == deleted {
		return release.Reached.Says(c.somebody()), nil
	}
	return live.Tell(ctx, p.ssm, rel.Target.Name, "nothing to remove: versions are kept", c.alias.version), nil
}
