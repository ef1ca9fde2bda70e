package dora_test

import (
	"math"
	"slices"
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
		outcomes := []release.Outcome{release.OutcomeReleased, release.OutcomeRolledBack, release.OutcomeHeld, release.OutcomeRefused, release.OutcomeNothing, release.OutcomeDirty, release.OutcomeAbandoned, release.OutcomeOpen}
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

// Whatever a history holds: times add up, its order does not matter, what speaks against no revision counts nowhere, and
// the medians stand where medians stand.
func TestFiguresOfAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := rapid.SliceOfN(rapid.Custom(entry), 0, 40).Draw(t, "history")
		took := map[release.ID]time.Duration{}
		for _, e := range history {
			took[e.Release] = time.Duration(rapid.IntRange(0, 3600).Draw(t, "restored after")) * time.Second
		}
		restored := func(id release.ID) time.Duration { return took[id] }
		at := func(name string, least int) (time.Time, int) {
			hours := rapid.IntRange(least, 1000).Draw(t, name)
			return monday.Add(time.Duration(hours) * time.Hour), hours
		}
		from, a := at("from", 0)
		middle, b := at("middle", a)
		to, _ := at("to", b)
		whole, early, late := dora.Of(history, restored, from, to), dora.Of(history, restored, from, middle), dora.Of(history, restored, middle, to)
		if whole.Deployed != early.Deployed+late.Deployed || whole.Failed != early.Failed+late.Failed || whole.Changes != whole.Deployed+whole.Failed {
			t.Fatalf("%+v is not %+v and %+v", whole, early, late)
		}
		if whole.LeadTime.Count != whole.Deployed || whole.Restoring.Count > whole.Failed || whole.LeadTime.Median < 0 ||
			whole.LeadTime.Median > whole.LeadTime.P90 || whole.Restoring.Median > whole.Restoring.P90 {
			t.Fatalf("%+v", whole)
		}
		if rate := whole.FailRate * float64(whole.Changes); math.Abs(rate-float64(whole.Failed)) > 1e-9 || whole.FailRate < 0 || whole.FailRate > 1 {
			t.Fatalf("%v of %d changes failed, %d did", whole.FailRate, whole.Changes, whole.Failed)
		}
		if weeks := to.Sub(from).Hours() / 24 / 7; weeks > 0 && math.Abs(whole.Weekly*weeks-float64(whole.Deployed)) > 1e-9 {
			t.Fatalf("%v a week for %v weeks, of %d", whole.Weekly, weeks, whole.Deployed)
		}
		counting := slices.DeleteFunc(rapid.Permutation(history).Draw(t, "in another order"), func(e release.Entry) bool {
			back := slices.Contains([]release.Outcome{release.OutcomeRolledBack, release.OutcomeHeld, release.OutcomeDirty, release.OutcomeAbandoned}, e.Outcome)
			return back && !e.Reason.Blames()
		})
		if again := dora.Of(counting, restored, from, to); again != whole {
			t.Fatalf("%+v, and of what counts, in another order, %+v", whole, again)
		}
	})
}

// entry draws one line of a history: opened, pushed some time before, and ended in some way.
func entry(t *rapid.T) release.Entry {
	minutes := func(name string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Minute
	}
	e := release.Entry{
		Release: release.ID(rapid.StringMatching("r-[0-9a-f]{12}").Draw(t, "release")), At: monday.Add(minutes("opened", 60_000)),
		Outcome: rapid.SampledFrom([]release.Outcome{
			release.OutcomeOpen, release.OutcomeReleased, release.OutcomeRolledBack, release.OutcomeHeld, release.OutcomeDirty, release.OutcomeAbandoned, release.OutcomeRefused,
		}).Draw(t, "outcome"),
		Reason: rapid.SampledFrom(release.Reasons()).Draw(t, "reason"),
	}
	if rapid.Bool().Draw(t, "pushed is known") {
		e.Pushed = e.At.Add(-minutes("pushed before", 2000))
	}
	e.Promoted = e.At.Add(minutes("promoted after", 300))
	e.Ended = e.Promoted.Add(minutes("ended after", 60))
	return e
}
