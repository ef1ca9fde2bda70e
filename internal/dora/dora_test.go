package dora_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/dora"
	"github.com/serin-aws/serin/internal/release"
)

var monday = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func at(minutes int) time.Time { return monday.Add(time.Duration(minutes) * time.Minute) }

func TestOf(t *testing.T) {
	history := []release.Entry{
		{Release: "r-1", Outcome: release.OutcomeReleased, Pushed: at(0), At: at(2), Promoted: at(30), Ended: at(45)},
		{Release: "r-2", Outcome: release.OutcomeReleased, At: at(100), Promoted: at(150), Ended: at(165)},               // pushed at a time that nobody knows
		{Release: "r-3", Outcome: release.OutcomeReleased, Pushed: at(900), At: at(200), Promoted: at(210)},              // a clock that is wrong
		{Release: "r-4", Outcome: release.OutcomeRolledBack, Reason: release.ReasonVerdict, At: at(300), Ended: at(310)}, // counts
		{Release: "r-5", Outcome: release.OutcomeHeld, Reason: release.ReasonInconclusive, At: at(300), Ended: at(320)},  // counts
		{Release: "r-6", Outcome: release.OutcomeRolledBack, Reason: release.ReasonSuperseded, At: at(400), Ended: at(410)},
		{Release: "r-7", Outcome: release.OutcomeRefused, At: at(500)},
		{Release: "r-8", Outcome: release.OutcomeOpen, At: at(600)},
		{Release: "r-9", Outcome: release.OutcomeReleased, At: at(-100), Promoted: at(-50)}, // before
	}
	restored := map[release.ID]time.Duration{"r-4": 2 * time.Minute}
	f := dora.Of(history, func(id release.ID) time.Duration { return restored[id] }, monday, monday.AddDate(0, 0, 14))
	want := dora.Figures{
		From: monday, To: monday.AddDate(0, 0, 14), Deployed: 3, Weekly: 1.5, Failed: 2, Changes: 5, FailRate: 0.4,
		LeadTime:  dora.Times{Count: 3, Median: 30 * time.Minute, P90: 50 * time.Minute},
		Restoring: dora.Times{Count: 1, Median: 2 * time.Minute, P90: 2 * time.Minute},
	}
	if f != want {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
}

// Figures never leave their bounds, whatever the history says.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outcomes := []release.Outcome{release.OutcomeReleased, release.OutcomeRolledBack, release.OutcomeHeld, release.OutcomeRefused, release.OutcomeNothing, release.OutcomeDirty, release.OutcomeOpen}
		minute := rapid.IntRange(-1000, 1000)
		var history []release.Entry
		for range rapid.IntRange(0, 30).Draw(t, "releases") {
			history = append(history, release.Entry{
				Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"), At: at(minute.Draw(t, "at")), Pushed: at(minute.Draw(t, "pushed")),
				Promoted: at(minute.Draw(t, "promoted")), Ended: at(minute.Draw(t, "ended")),
			})
		}
		f := dora.Of(history, func(release.ID) time.Duration { return time.Minute }, at(-500), at(500))
		if f.FailRate < 0 || f.FailRate > 1 || f.Deployed+f.Failed != f.Changes || f.Changes > len(history) || f.LeadTime.Count != f.Deployed ||
			f.LeadTime.Median > f.LeadTime.P90 {
			t.Fatalf("%+v", f)
		}
	})
}
