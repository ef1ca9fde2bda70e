package report

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/statemachine/definition"
)

func TestWilson(t *testing.T) {
	// Values of the score interval without continuity correction, as statistics packages give them.
	tests := []struct {
		failed, units int64
		low, high     float64
	}{{5, 100, 0.02154, 0.11175}, {0, 10, 0, 0.27753}, {10, 10, 0.72247, 1}, {1, 1000, 0.000177, 0.005642}}
	for _, test := range tests {
		low, high := wilson(release.Arm{Units: test.units, Failed: test.failed})
		if math.Abs(low-test.low) > 1e-5 || math.Abs(high-test.high) > 1e-5 {
			t.Errorf("%d of %d: %.6f to %.6f, want %.6f to %.6f", test.failed, test.units, low, high, test.low, test.high)
		}
	}
}

func TestIntervalHoldsTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.Int64Range(1, 1e7).Draw(t, "units")
		arm := release.Arm{Units: units, Failed: rapid.Int64Range(0, units).Draw(t, "failed")}
		low, high := wilson(arm)
		if low < 0 || high > 1 || low > arm.Rate()+1e-12 || high < arm.Rate()-1e-12 {
			t.Fatalf("%d of %d: %v to %v", arm.Failed, arm.Units, low, high)
		}
	})
}

func TestTicksAreRoundAndFew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.Date(2026, 3, 2, 0, rapid.IntRange(0, 5000).Draw(t, "start"), 0, 0, time.UTC)
		a := axis{from, from.Add(time.Duration(rapid.IntRange(2, 28*24*60).Draw(t, "minutes")) * time.Minute)}
		ticks := a.ticks()
		if len(ticks) > 15 {
			t.Fatalf("%d ticks over %s", len(ticks), a.to.Sub(a.from))
		}
		if labels := len(slices.CompactFunc(slices.Clone(ticks), func(a, b tick) bool { return a.Label == b.Label })); labels != len(ticks) {
			t.Fatalf("labels repeat: %v", ticks)
		}
	})
}

func TestResolutionBoundsTheBins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
		a := axis{from, from.Add(time.Duration(rapid.IntRange(1, 28*24*60).Draw(t, "minutes")) * time.Minute)}
		most := rapid.IntRange(28, 300).Draw(t, "most")
		length := a.resolution(most)
		if bins := int(a.to.Sub(a.from) / length); bins > most || length%time.Minute != 0 {
			t.Fatalf("%d bins of %s, at most %d", bins, length, most)
		}
	})
}

func TestScaleKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scale{low: 0.001, high: 1000, height: 170, log: rapid.Bool().Draw(t, "log")}
		a, b := rapid.Float64Range(0, 1e6).Draw(t, "a"), rapid.Float64Range(0, 1e6).Draw(t, "b")
		if a < b && s.y(a) < s.y(b) {
			t.Fatalf("%v stands above %v", a, b)
		}
		if y := s.y(a); y < 0 || y > s.height {
			t.Fatalf("%v stands at %v, outside", a, y)
		}
	})
}

func TestNiceIsRoundAndNotBelow(t *testing.T) {
	for value, want := range map[float64]float64{0: 1, 0.011: 0.02, 3: 4, 4: 4, 7: 8, 9: 10, 61: 80, 100: 100, 101: 200, math.Inf(1): 1, -2: 1} {
		if got := nice(value); math.Abs(got-want) > 1e-9 {
			t.Errorf("nice(%v) is %v, want %v", value, got, want)
		}
	}
}

// No failed message out of two flattens the rates that rest on some work.
func TestFewMessagesDoNotFlattenThePlot(t *testing.T) {
	bins := []failureBin{{fresh: release.Arm{Units: 2, Failed: 1}, old: release.Arm{Units: 1000, Failed: 10}}}
	if top := failureTop(bins); top > 0.05 {
		t.Errorf("the axis goes up to %v", top)
	}
}

// The drawing knows every state and every way of the machine that runs, and no other.
func TestDrawingIsTheMachine(t *testing.T) {
	var machine struct {
		States map[string]struct {
			Next, Default  string
			Choices, Catch []struct{ Next string }
		}
	}
	if err := json.Unmarshal(definition.Release(), &machine); err != nil {
		t.Fatal(err)
	}
	drawn := map[[2]string]bool{}
	for _, w := range ways {
		drawn[[2]string{w.From, w.To}] = true
	}
	stated := map[[2]string]bool{}
	for name, state := range machine.States {
		if placeOf(name) == nil {
			t.Errorf("the state %s is not drawn", name)
		}
		next := []string{state.Next, state.Default}
		for _, rule := range slices.Concat(state.Choices, state.Catch) {
			next = append(next, rule.Next)
		}
		for _, to := range next {
			if to == "" {
				continue
			}
			stated[[2]string{name, to}] = true
			if !drawn[[2]string{name, to}] {
				t.Errorf("the way from %s to %s is not drawn", name, to)
			}
		}
	}
	for _, p := range places {
		if _, ok := machine.States[p.State]; !ok {
			t.Errorf("the drawing has a state %s that the machine has not", p.State)
		}
	}
	for way := range drawn {
		if !stated[way] {
			t.Errorf("the drawing has a way from %s to %s that the machine has not", way[0], way[1])
		}
	}
}

func TestPathCountsAndMarks(t *testing.T) {
	at := time.Date(2026, 3, 2, 14, 2, 0, 0, time.UTC)
	visits := []story.Visit{}
	for i, state := range []string{"Intent?", "DeployCanary", "DeployCanary", "SomethingNew", "Rollback"} {
		visits = append(visits, story.Visit{At: at.Add(time.Duration(i) * time.Second), State: state})
	}
	m := path(&story.Rehearsed{Path: visits, Transitions: 5, End: "FAILED"})
	for _, state := range m.States {
		if state.Name == "DeployCanary" && (state.Count != "\u00d72" || state.Class != "state task visited") {
			t.Errorf("DeployCanary: count %q, class %q", state.Count, state.Class)
		}
	}
	if len(m.Rows) != 4 || m.Rows[1].Times != 2 || m.Rows[2].State != "SomethingNew" {
		t.Errorf("rows %+v", m.Rows)
	}
	taken := 0
	for _, way := range m.Ways {
		if way.Arrow == "arrow-taken" {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("%d ways taken, want the one from Intent? to DeployCanary", taken)
	}
	if path(&story.Rehearsed{}) != nil {
		t.Error("a drawing without a path")
	}
}
