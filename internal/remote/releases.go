package remote

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/dora"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Open returns the releases that have work left: first those that are not over, then those whose cleanup is pending.
func (a *Account) Open(ctx context.Context) ([]*release.Release, error) {
	book, err := a.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := book.Opened(ctx)
	if err != nil {
		return nil, err
	}
	left, err := book.Left(ctx)
	if err != nil {
		return nil, err
	}
	var open []*release.Release
	for _, id := range append(ids, left...) {
		r, err := book.LoadMarked(ctx, id)
		if err != nil {
			return nil, err
		}
		if !r.Phase.Final() || r.Phase == release.Dirty || r.CleanupPending != "" {
			open = append(open, r)
		}
	}
	return open, nil
}

// Overview is how it stands with one target.
type Overview struct {
	Target  release.TargetName
	Release *release.Release // the latest; nil where it was never released
	Waiting release.Line
	Cleanup string // what an earlier release left, or the latest
}

// Overviews returns how it stands with all targets, those with a release under way first.
func (a *Account) Overviews(ctx context.Context) ([]Overview, error) {
	names, err := a.Targets(ctx)
	if err != nil {
		return nil, err
	}
	open, err := a.Open(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range open { // of a target whose parameter is gone
		if !slices.Contains(names, r.Target.Name) {
			names = append(names, r.Target.Name)
		}
	}
	book, err := a.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	var busy, quiet []Overview
	for _, name := range names {
		o, err := overview(ctx, book, name)
		if err != nil {
			return nil, err
		}
		for _, r := range open {
			if r.Target.Name == name {
				o.Cleanup = cmp.Or(o.Cleanup, r.CleanupPending)
			}
		}
		if o.Release != nil && o.Release.Phase.HoldsLock() || len(o.Waiting) > 0 {
			busy = append(busy, o)
		} else {
			quiet = append(quiet, o)
		}
	}
	return append(busy, quiet...), nil
}

func overview(ctx context.Context, book *ledger.Ledger, name release.TargetName) (Overview, error) {
	o := Overview{Target: name}
	newest, err := book.Releases(ctx, name, 1, "")
	if err != nil {
		return o, err
	}
	if len(newest.Entries) > 0 {
		if o.Release, err = book.LoadMarked(ctx, newest.Entries[0].Release); err != nil {
			return o, err
		}
	}
	o.Waiting, err = book.Line(ctx, name)
	return o, err
}

// History returns a target's releases and the requests that opened none, the newest first, up to limit of both
// together.
func (a *Account) History(ctx context.Context, target release.TargetName, limit int) ([]release.Entry, error) {
	if err := checkTarget(target); err != nil {
		return nil, err
	}
	book, err := a.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	opened, err := book.Releases(ctx, target, limit, "")
	if err != nil {
		return nil, err
	}
	declined, err := book.Declined(ctx, target, limit, "")
	if err != nil {
		return nil, err
	}
	all := slices.Concat(opened.Entries, declined.Entries)
	if len(all) == 0 { // of a target that is gone the ledger knows still
		if _, err := a.Target(ctx, target); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b release.Entry) int { return b.At.Compare(a.At) })
	all = all[:min(limit, len(all))]
	for i, e := range all {
		if e.Outcome == release.OutcomeOpen { // the state machine itself may have marked it
			r, err := book.LoadMarked(ctx, e.Release)
			if err != nil {
				return nil, err
			}
			all[i] = r.Entry()
		}
	}
	return all, nil
}

// Figures counts a target's releases between two times.
func (a *Account) Figures(ctx context.Context, target release.TargetName, from, to time.Time) (dora.Figures, error) {
	book, err := a.Ledger(ctx)
	if err != nil {
		return dora.Figures{}, err
	}
	const page = 100
	var all []release.Entry
	var cursor ledger.Cursor
	for {
		p, err := book.Releases(ctx, target, page, cursor)
		if err != nil {
			return dora.Figures{}, err
		}
		all = append(all, p.Entries...)
		cursor = p.Next
		if n := len(p.Entries); cursor == "" || n > 0 && p.Entries[n-1].At.Before(from.Add(-longestRelease)) {
			break
		}
	}
	return dora.Of(all, func(id release.ID) time.Duration { return restored(ctx, book, id) }, from, to), nil
}

// longestRelease is the state machine's own timeout: a release that was opened earlier than that before a time has
// ended before it.
const longestRelease = 14 * 24 * time.Hour

// restored returns how long it took to bring the baseline back; 0 where the ledger does not say.
func restored(ctx context.Context, book *ledger.Ledger, id release.ID) time.Duration {
	r, err := book.Load(ctx, id)
	if err != nil || r.Phase != release.RolledBack {
		return 0
	}
	events, err := book.Events(ctx, id)
	if err != nil {
		return 0
	}
	for _, span := range story.Tell(r, events).Phases {
		if span.Phase == release.RollingBack && !span.Open {
			return span.End.Sub(span.Start)
		}
	}
	return 0
}
