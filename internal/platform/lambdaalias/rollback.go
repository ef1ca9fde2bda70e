package lambdaalias

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// Rollback points the alias to the recorded version and removes the weights. It is Reached when the alias has been read
// so. What somebody else made of the alias stays, and the note says so: serin restores only what it changed itself. It
// is Failed when somebody has deleted the alias or the recorded version: serin makes neither.
func (p *Platform) Rollback(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	switch {
	case c.stand() == deleted:
		return release.Failed.Says(c.somebody() + c.again()), nil
	case c.stand() == home:
		return release.Reached.Says(fmt.Sprintf("alias %s of %s points to version %s%s", c.base.Alias, c.base.Function, c.base.Version, c.unpublished())), nil
	case c.unused():
		return release.Reached.Says(c.somebody() + "; it stays as it is"), nil
	}
	return c.update(ctx, c.base.Version, map[string]float64{}, "all invocations go back to version "+c.base.Version)
}

// again says what a person has to make again whom a deleted alias has called.
func (c *call) again() string {
	return fmt.Sprintf(", so whoever invokes it gets an error; create it on the version that served (aws lambda create-alias --function-name %s --name %s --function-version %s) and grant its callers again what the deletion took from them; where the whole function is gone, deploy that first, and create the alias on the version that it gets",
		c.base.Function, c.base.Alias, c.base.Version)
}

// unused reports whether nothing of the release is left in the alias: the new version gets no invocation.
func (c *call) unused() bool {
	return c.alias.version != c.fresh && c.alias.weights[c.fresh] == 0
}

// unpublished says what a rollback leaves: Lambda can give a function no code of a version, and nobody is served by what is
// not published.
func (c *call) unpublished() string {
	if made(c.rel, kindCode) == "" {
		return ""
	}
	return "; $LATEST keeps the code that was taken back, and serves nobody through the alias: give it other code before you publish it"
}
