// Package dora counts what DORA's four keys count, over one target's releases. https://dora.dev/guides/dora-metrics/
//
//	deployment frequency   releases whose promotion was decided in the time, a week
//	lead time for changes  from the push of the image - where that is not known, from the opening - to that decision
//	change failure rate    of all releases that ended in the time, the part that was rolled back, held, left dirty or
//	                       abandoned for a reason that speaks against the revision; a release that gave way to a newer one, was
//	                       stopped from outside, met somebody else's change or a broken function is counted on neither
//	                       side
//	time to restore        from the decision to roll back until the baseline serves again
//
// A canary that fails is a failed change here, although most users never met it: the figures are on the safe side.
package dora

import (
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Failure is a release that was taken back.
type Failure struct {
	Release  release.ID
	Restored time.Duration // 0: not yet, or not known
}

// Figures are the four keys over a time.
type Figures struct {
	From, To  time.Time
	Deployed  int
	Weekly    float64 // deployments in seven days
	LeadTime  Times
	Failed    int
	Changes   int     // deployed and failed
	FailRate  float64 // 0 to 1; 0 without changes
	Restoring Times
}

// Times are durations of several releases.
type Times struct {
	Count       int
	Median, P90 time.Duration
}

// Of counts over a target's history. restored says of a release that was taken back how long that took; 0 where it is
// not known.
func Of(history []release.Entry, restored func(release.ID) time.Duration, from, to time.Time) Figures {
	f := Figures{From: from, To: to}
	within := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	var leads, restores []time.Duration
	for _, e := range history {
		switch e.Outcome {
		case release.OutcomeReleased:
			if !within(e.Promoted) {
				continue
			}
			f.Deployed++
			began := e.Pushed
			if began.IsZero() || began.After(e.Promoted) {
				began = e.At
			}
			leads = append(leads, e.Promoted.Sub(began))
		case release.OutcomeRolledBack, release.OutcomeHeld, release.OutcomeDirty, release.OutcomeAbandoned:
			if !within(e.Ended) || !e.Reason.Blames() {
				continue
			}
			f.Failed++
			if took := restored(e.Release); took > 0 {
				restores = append(restores, took)
			}
		}
	}
	f.Changes = f.Deployed + f.Failed
	if f.Changes > 0 {
		f.FailRate = float64(f.Failed) / float64(f.Changes)
	}
	if span := to.Sub(from); span > 0 {
		f.Weekly = float64(f.Deployed) / (span.Hours() / (7 * 24))
	}
	f.LeadTime, f.Restoring = timesOf(leads), timesOf(restores)
	return f
}

func timesOf(all []time.Duration) Times {
	if len(all) == 0 {
		return Times{}
	}
	slices.Sort(all)
	return Times{Count: len(all), Median: all[(len(all)-1)/2], P90: all[(len(all)*9+9)/10-1]}
}
