package lambdaalias

import (
	"context"

	"github.com/serin-aws/serin/internal/release"
)

// Pin answers a published version as it is: it never changes, and Lambda does not say in which order versions were meant
// to be released. An image is pinned by its digest, a zip file by its version in S3.
func (p *Platform) Pin(ctx context.Context, target release.Target, revision release.Revision) (release.Candidate, error) {
	if isPublished(revision) {
		return release.Candidate{Revision: release.Revision{Version: revision.Version}}, revision.Check()
	}
	alias, err := p.alias(ctx, target.LambdaAlias.Function, target.LambdaAlias.Alias)
	if err != nil {
		return release.Candidate{}, err
	}
	asked, err := p.find(ctx, target, revision, alias.arn)
	return asked.candidate, err
}
