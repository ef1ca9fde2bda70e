package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
)

// targets are the parts of the contract about what is kept for a target.
var targets = map[string]func(*testing.T, *user){
	"a target's releases are listed newest first, page by page": listed,
	"the current release is the one that holds the locks":       current,
	"what came of a revision is remembered":                     tried,
	"a request that opens nothing is recorded once":             declined,
	"who waits stands in order, and opening leaves the line":    waited,
	"of forty that join at once none is lost":                   raceToWait,
	"a line is listed while somebody stands in it":              linesListed,
	"an override counts once and is used once":                  overridden,
}

func linesListed(_ *testing.T, u *user) {
	w := release.Waiting{Release: "r-0123456789ab", Request: release.Request{Target: u.target}, Revision: u.sample("a").Revision}
	for _, want := range []bool{true, false} {
		u.do(func(ctx context.Context) {
			w.Since, w.Due = u.Now(), u.Now()
			err := u.ledger.Leave(ctx, u.target, w.Release)
			if want {
				_, err = u.ledger.Wait(ctx, w)
			}
			if err != nil {
				u.t.Error(err)
			}
		})
		u.Settle()
		u.do(func(ctx context.Context) {
			if names, err := u.ledger.Lines(ctx); err != nil || slices.Contains(names, u.target) != want {
				u.t.Errorf("lines of %v, %v; want %s among them: %t", names, err, u.target, want)
			}
		})
	}
}

// finish ends a release of the user's in a phase.
func (u *user) finish(ctx context.Context, r *release.Release, phase release.Phase, reason release.Reason) {
	r.Phase, r.Since = phase, u.Now()
	r.Decision = release.Decision{Next: release.NextRollback, Reason: reason, Sentence: "because"}
	if err := u.ledger.Finish(ctx, r); err != nil {
		u.t.Errorf("Finish: %v", err)
	}
}

func listed(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		var want, got []release.ID
		for i := range 5 {
			sample := u.sample(fmt.Sprint(i))
			sample.Opened = sample.Opened.Add(time.Duration(i) * time.Second)
			r, err := u.ledger.Open(ctx, sample, release.Event{})
			if err != nil {
				u.t.Errorf("Open: %v", err)
				return
			}
			if i < 4 {
				u.finish(ctx, r, release.RolledBack, release.ReasonVerdict)
			}
			want = append([]release.ID{r.ID}, want...)
		}
		var cursor ledger.Cursor
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			page, err := u.ledger.Releases(ctx, u.target, 2, cursor)
			if err != nil || len(page.Entries) > 2 || pages > 5 {
				u.t.Errorf("page %d: %+v, %v", pages, page, err)
				return
			}
			for _, entry := range page.Entries {
				got = append(got, entry.Release)
				if open := len(got) == 1; open != (entry.Outcome == release.OutcomeOpen) || open != entry.Ended.IsZero() || !open && entry.Sentence != "because" {
					u.t.Errorf("entry %+v", entry)
				}
			}
			cursor = page.Next
		}
		if !slices.Equal(got, want) {
			u.t.Errorf("listed %v, want %v", got, want)
		}
		if page, err := u.ledger.Releases(ctx, u.target+"-other", 10, ""); err != nil || len(page.Entries) > 0 {
			u.t.Errorf("of another target: %+v, %v", page, err)
		}
	})
}

func current(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		want := func(id release.ID, phase release.Phase) {
			u.t.Helper()
			r, err := u.ledger.Current(ctx, u.target)
			if err != nil || (r == nil) != (id == "") || r != nil && (r.ID != id || r.Phase != phase) {
				u.t.Errorf("current: %+v, %v; want %s", r, err, id)
			}
		}
		want("", "")
		r := u.open(ctx, "a")
		want(r.ID, release.Preparing)
		r.Phase = release.Dirty
		u.save(ctx, r)
		want(r.ID, release.Dirty)
		u.finish(ctx, r, release.Abandoned, release.ReasonPerson)
		want("", "")
	})
}

func tried(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		want := func(outcome release.Outcome, failed bool) {
			u.t.Helper()
			trial, err := u.ledger.Tried(ctx, u.target, u.sample("a").Revision)
			if err != nil || trial.Outcome != outcome || trial.Failed() != failed {
				u.t.Errorf("tried: %+v, %v; want %q", trial, err, outcome)
			}
		}
		want("", false)
		r := u.open(ctx, "a")
		want("", false)
		u.finish(ctx, r, release.RolledBack, release.ReasonVerdict)
		want(release.OutcomeRolledBack, true)
		u.finish(ctx, u.open(ctx, "b"), release.Released, "")
		want(release.OutcomeReleased, false)
		u.finish(ctx, u.open(ctx, "c"), release.Abandoned, release.ReasonVerdict)
		want(release.OutcomeAbandoned, true)
		u.finish(ctx, u.open(ctx, "d"), release.Released, "")
		r.CleanupPending = "a task definition"
		u.save(ctx, r) // swept later: the newer trial counts
		want(release.OutcomeReleased, false)
	})
}

func declined(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		entry := release.Entry{Release: "r-" + release.ID(u.target), Target: u.target, At: u.Now(), Outcome: release.OutcomeRefused, Sentence: "busy"}
		for range 2 {
			if err := u.ledger.Decline(ctx, entry); err != nil {
				u.t.Errorf("Decline: %v", err)
			}
			entry.At, entry.Sentence = entry.At.Add(time.Minute), "asked again"
		}
		page, err := u.ledger.Declined(ctx, u.target, 10, "")
		if err != nil || len(page.Entries) != 1 || page.Entries[0].Sentence != "busy" || page.Next != "" {
			u.t.Errorf("declined: %+v, %v", page, err)
		}
		if got, err := u.ledger.NotOpened(ctx, entry.Release); err != nil || got.Sentence != "busy" {
			u.t.Errorf("not opened: %+v, %v", got, err)
		}
		_, err = u.ledger.NotOpened(ctx, "r-000000000000")
		u.wantCode(err, release.NotFound)
		_, err = u.ledger.Load(ctx, entry.Release)
		u.wantCode(err, release.NotFound)
	})
}

// waiting is an execution of the user's that waits.
func (u *user) waiting(execution string) release.Waiting {
	sample := u.sample(execution)
	return release.Waiting{
		Release: sample.ID, Execution: sample.Owner(), Request: sample.Request, Revision: sample.Revision, Way: release.Queue, Since: u.Now(), Due: u.Now().Add(time.Hour),
	}
}

func (u *user) wantLine(ctx context.Context, want ...release.ID) {
	u.t.Helper()
	line, err := u.ledger.Line(ctx, u.target)
	var got []release.ID
	for _, w := range line {
		got = append(got, w.Release)
	}
	if err != nil || !slices.Equal(got, want) {
		u.t.Errorf("the line is %v, %v; want %v", got, err, want)
	}
}

func waited(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		first, second, third := u.waiting("1"), u.waiting("2"), u.waiting("3")
		u.wantLine(ctx)
		for _, w := range []release.Waiting{first, second, first, third} {
			if _, err := u.ledger.Wait(ctx, w); err != nil {
				u.t.Errorf("Wait: %v", err)
			}
		}
		u.wantLine(ctx, first.Release, second.Release, third.Release)
		if err := u.ledger.Dismiss(ctx, u.target, second.Release, "stopped by a person"); err != nil {
			u.t.Errorf("Dismiss: %v", err)
		}
		line, err := u.ledger.Line(ctx, u.target)
		if w, in := line.Find(second.Release); err != nil || !in || w.Dismissed != "stopped by a person" {
			u.t.Errorf("dismissed: %+v, %v", line, err)
		}
		for range 2 {
			if err := u.ledger.Leave(ctx, u.target, second.Release); err != nil {
				u.t.Errorf("Leave: %v", err)
			}
		}
		u.wantCode(u.ledger.Dismiss(ctx, u.target, second.Release, "again"), release.NotFound)
		r := u.open(ctx, "1")
		u.wantLine(ctx, third.Release)
		_, err = u.ledger.Open(ctx, u.sample("3"), release.Event{}) // held out: it keeps its place
		if err == nil {
			u.t.Error("opened beside another")
		}
		u.wantLine(ctx, third.Release)
		u.finish(ctx, r, release.Released, "")
		u.open(ctx, "3")
		u.wantLine(ctx)
	})
}

func raceToWait(_ *testing.T, u *user) {
	var bodies []func(context.Context)
	joined := make([]release.ID, 40)
	for i := range joined {
		w := u.waiting(fmt.Sprint("racer-", i))
		bodies = append(bodies, func(ctx context.Context) {
			_, err := u.ledger.Wait(ctx, w)
			if err == nil {
				joined[i] = w.Release
			} else if release.CodeOf(err) != release.Conflict {
				u.t.Errorf("racer %d: %v", i, err)
			}
		})
	}
	u.Run(bodies...)
	joined = slices.DeleteFunc(joined, func(id release.ID) bool { return id == "" })
	u.do(func(ctx context.Context) {
		line, err := u.ledger.Line(ctx, u.target)
		if err != nil || len(line) != len(joined) || len(joined) == 0 {
			u.t.Errorf("%d have joined and %d stand in the line, %v", len(joined), len(line), err)
		}
		for _, id := range joined {
			if _, in := line.Find(id); !in {
				u.t.Errorf("%s was lost", id)
			}
		}
	})
}

func overridden(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		o := release.Override{ID: "order-1", Alarms: []string{"dlq"}, Who: "ana", Why: "the fix", At: u.Now(), Until: u.Now().Add(time.Hour)}
		for range 2 {
			if err := u.ledger.Override(ctx, u.target, o); err != nil {
				u.t.Errorf("Override: %v", err)
			}
		}
		all, err := u.ledger.Overrides(ctx, u.target)
		if err != nil || len(all) != 1 || !all[0].Valid(u.Now()) {
			u.t.Errorf("overrides: %+v, %v", all, err)
			return
		}
		sample := u.sample("a")
		sample.Overrides = all
		r, err := u.ledger.Open(ctx, sample, release.Event{})
		if err != nil || !r.Overridden("dlq") || r.Overridden("age") {
			u.t.Errorf("opened %+v, %v", r, err)
			return
		}
		if again := u.open(ctx, "a"); again.ID != r.ID {
			u.t.Errorf("opened again: %+v", again)
		}
		all, err = u.ledger.Overrides(ctx, u.target)
		if err != nil || len(all) != 1 || all[0].Used != r.ID {
			u.t.Errorf("used: %+v, %v", all, err)
		}
		u.finish(ctx, r, release.Released, "")
		late := u.sample("b")
		late.Overrides = sample.Overrides
		_, err = u.ledger.Open(ctx, late, release.Event{})
		u.wantCode(err, release.Conflict)
	})
}
