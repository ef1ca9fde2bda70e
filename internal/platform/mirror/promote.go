package mirror

import (
	"context"

	"github.com/serin-aws/serin/internal/release"
)

// Promote has nginx come back in the live stack with the new image. It is Reached when the stack has been read so, and
// Failed when CloudFormation takes the update back - to Envoy with the old image, which Rollback then undoes by an update
// of its own - or somebody else changes the stack.
func (p *Platform) Promote(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if text := c.altered(); text != "" {
		return release.Failed.Says(text), nil
	}
	return c.bring(ctx, release.VerbPromote, serving(c.base.Image))
}
