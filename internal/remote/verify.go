package remote

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// Verified says whether a release's story is the one that was written.
type Verified struct {
	Release release.ID `json:"release"`
	Events  int        `json:"events"`
	OK      bool       `json:"ok"`
	Broken  int64      `json:"broken,omitempty"` // number of the first event that does not fit
	Problem string     `json:"problem,omitempty"`
}

// Verify checks the hash chain of a release's story, and that the target's history says the same of its end.
func (a *Account) Verify(ctx context.Context, e release.Entry) (Verified, error) {
	v := Verified{Release: e.Release}
	book, err := a.Ledger(ctx)
	if err != nil {
		return v, err
	}
	r, err := book.Load(ctx, e.Release)
	if err != nil && release.CodeOf(err) == release.NotFound {
		v.Problem = "its record is gone, although the target's history names it"
		return v, nil
	}
	if err != nil {
		return v.unread(err)
	}
	events, err := book.Events(ctx, e.Release)
	if err != nil {
		return v.unread(err)
	}
	for len(events) > 0 && events[len(events)-1].Seq > r.Seq { // written between the two reads
		events = events[:len(events)-1]
	}
	v.Events = len(events)
	var intact bool
	if v.Broken, intact = release.VerifyChain(events, r.Hash); !intact {
		v.Problem = diagnose(events, v.Broken)
		return v, nil
	}
	if r.Phase.Final() && e.Outcome != r.Outcome() && e.Outcome != release.OutcomeOpen {
		v.Problem = fmt.Sprintf("the target's history says %s, its own record %s", e.Outcome, r.Outcome())
		return v, nil
	}
	v.OK = true
	return v, nil
}

// unread is what is said of a record that cannot be read: where somebody has damaged it, that is the finding.
func (v Verified) unread(err error) (Verified, error) {
	if release.CodeOf(err) != release.LedgerCorrupt {
		return v, err
	}
	v.Problem = err.Error()
	return v, nil
}

// diagnose says what is wrong where a chain breaks.
func diagnose(events []release.Event, broken int64) string {
	for i, event := range events {
		if event.Seq != broken {
			continue
		}
		about := fmt.Sprintf("event %d (%s, %s)", event.Seq, event.Kind, event.At.UTC().Format("2006-01-02 15:04:05 UTC"))
		switch {
		case event.Hash != event.Sum():
			return about + " was changed after it was written: its hash is not that of its text"
		case i == 0:
			return about + " is not the first that was written: the story's beginning was removed"
		}
		return fmt.Sprintf("%s does not follow event %d: something between them was removed, or one of the two was put in or replaced", about, events[i-1].Seq)
	}
	if len(events) == 0 {
		return "the whole story was removed"
	}
	last := events[len(events)-1]
	return fmt.Sprintf("the story was cut off: the release's record knows later events than event %d (%s, %s)", last.Seq, last.Kind, last.At.UTC().Format("2006-01-02 15:04:05 UTC"))
}
