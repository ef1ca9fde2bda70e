package story_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Scripts read these keys: a change here breaks them.
func TestSummaryIsTheContractWithScripts(t *testing.T) {
	var tally story.Tally
	tally.Add(story.Run{Outcome: release.OutcomeRolledBack, Detected: true, Detection: 4 * time.Minute, Units: 812, Failures: 25, Transitions: 126, Calls: 214, USD: 0.0061})
	got, err := json.Marshal(tally.Summary())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"runs":1,"outcomes":{"released":0,"rolledBack":1,"held":0,"refused":0,"dirty":0},"violations":[],` +
		`"detection":{"medianSeconds":240,"p90Seconds":240},"exposed":{"medianUnits":812,"medianFailures":25},` +
		`"transitions":{"median":126},"apiCalls":{"median":214},"costUSD":{"median":0.0061}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNothingDetectedIsNull(t *testing.T) {
	var tally story.Tally
	tally.Add(story.Run{Outcome: release.OutcomeReleased})
	s := tally.Summary()
	if s.Detection.MedianSeconds != nil || s.Detection.P90Seconds != nil {
		t.Error("a release in which nothing was detected has a time of detection")
	}
}

func TestTallyCountsEveryOutcomeAndEachViolationOnce(t *testing.T) {
	var tally story.Tally
	for _, outcome := range []release.Outcome{
		release.OutcomeReleased, release.OutcomeRolledBack, release.OutcomeHeld, release.OutcomeRefused,
		release.OutcomeDirty, release.OutcomeAbandoned, release.OutcomeNothing, release.OutcomeOpen,
	} {
		tally.Add(story.Run{Outcome: outcome, Violations: []string{"the lock is not free"}})
	}
	s := tally.Summary()
	if s.Runs != 8 || s.Outcomes != (story.Outcomes{Released: 1, RolledBack: 1, Held: 1, Refused: 1, Dirty: 2, Nothing: 1, Open: 1}) {
		t.Errorf("%d runs: %+v", s.Runs, s.Outcomes)
	}
	if !slices.Equal(s.Violations, []string{"the lock is not free"}) {
		t.Errorf("violations %q", s.Violations)
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{9, 1, 8, 2, 7, 3, 6, 4, 5, 10}
	for q, want := range map[float64]float64{0: 1, 0.1: 1, 0.5: 5, 0.9: 9, 0.91: 10, 1: 10} {
		if got := story.Quantile(values, q); got != want {
			t.Errorf("the %v quantile is %v, want %v", q, got, want)
		}
	}
	if got := story.Quantile(nil, 0.5); got != 0 {
		t.Errorf("the median of nothing is %v", got)
	}
}

// A quantile is one of the values, and enough of them do not exceed it.
func TestQuantileHoldsItsShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 50).Draw(t, "values")
		q := float64(rapid.IntRange(0, 100).Draw(t, "percent")) / 100
		got := story.Quantile(values, q)
		below := 0
		for _, value := range values {
			if value <= got {
				below++
			}
		}
		if !slices.Contains(values, got) || float64(below) < q*float64(len(values))-1e-6 {
			t.Fatalf("the %v quantile of %v is %v", q, values, got)
		}
	})
}
