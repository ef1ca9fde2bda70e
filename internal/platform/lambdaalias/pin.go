package lambdaalias

import (
	"context"

	"github.com/serin-aws/serin/internal/release"
)

// Pin answers a published version as it is: it never changes. Lambda does not say in which order versions were meant to
// be released.
func (p *Platform) Pin(_ context.Context, _ release.Target, revision release.Revision) (release.Candidate, error) {
	return release.Candidate{Revision: release.Revision{Version: revision.Version}}, revision.Check()
}
