package remote

import (
	"context"

	"github.com/serin-aws/serin/internal/release"
)

// Open returns the releases that have work left, by id.
func (a *Account) Open(ctx context.Context) ([]*release.Release, error) {
	book, err := a.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := book.Opened(ctx)
	if err != nil {
		return nil, err
	}
	var open []*release.Release
	for _, id := range ids {
		r, err := book.LoadMarked(ctx, id)
		if err != nil {
			return nil, err
		}
		if !r.Phase.Final() || r.CleanupPending != "" {
			open = append(open, r)
		}
	}
	return open, nil
}
