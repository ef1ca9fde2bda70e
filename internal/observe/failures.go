package observe

import (
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// counted is one arm of a comparison of failures: the indexes of its series.
type counted struct {
	units  int
	failed []int
}

func (c counted) all() []int { return append([]int{c.units}, c.failed...) }

// failures asks for units of work and how many of them failed.
func (a *ask) failures(of release.Compared) func(*ask, *judge.Comparison) error {
	canary, baseline := a.wantCounted(of.Canary), a.wantCounted(of.Baseline)
	series := append(canary.all(), baseline.all()...)
	return func(a *ask, c *judge.Comparison) error {
		if c.Problem = a.incomplete(series...); c.Problem != "" {
			return nil
		}
		var err error
		if c.Minutes, err = a.minutes(canary, baseline, a.window); err != nil {
			return err
		}
		// What was published before the release is not this release's fault: a history that cannot be is none.
		c.History, _ = a.minutes(canary, baseline, a.history)
		a.pairFailures(c.Minutes, c.History)
		return nil
	}
}

// pairFailures gives each minute in which the canary did all of the work its counterpart's baseline.
func (a *ask) pairFailures(minutes, history []judge.Minute) {
	for i := range minutes {
		m := &minutes[i]
		before, alone := a.counterpart(m.Start, m.Canary.Units, m.Baseline.Units)
		if !alone {
			continue
		}
		m.Former, m.Baseline = true, release.Arm{}
		at := func(h judge.Minute, start time.Time) int { return h.Start.Compare(start) }
		if row, found := slices.BinarySearchFunc(history, before, at); found {
			m.Baseline = history[row].Baseline
		}
	}
}

func (a *ask) wantCounted(of release.Measured) counted {
	asked := counted{units: a.want(perMinute(of.Units), "Sum")}
	for _, m := range of.Failed {
		asked.failed = append(asked.failed, a.want(perMinute(m), "Sum"))
	}
	return asked
}

// minutes returns what both arms did in a window. Only minutes in which an arm did something are given.
func (a *ask) minutes(canaryOf, baselineOf counted, w window) ([]judge.Minute, error) {
	if w = a.worked(w, append(canaryOf.all(), baselineOf.all()...)); w.empty() {
		return nil, nil
	}
	canary, err := a.arm(canaryOf, w)
	if err != nil {
		return nil, err
	}
	baseline, err := a.arm(baselineOf, w)
	if err != nil {
		return nil, err
	}
	minutes := make([]judge.Minute, 0, len(canary))
	for i := range canary {
		if canary[i].Units > 0 || baseline[i].Units > 0 {
			start := w.Since.Add(time.Duration(i) * time.Minute)
			minutes = append(minutes, judge.Minute{Start: start, Canary: canary[i], Baseline: baseline[i]})
		}
	}
	return minutes, nil
}

// worked returns the part of a window from the first minute in which any of the series has a point to the last.
func (a *ask) worked(w window, indexes []int) window {
	minutes := w.by(time.Minute)
	first, last := minutes.periods(), -1
	for _, i := range indexes {
		for _, p := range a.answers[i].points {
			if row, ok := minutes.row(p); ok {
				first, last = min(first, row), max(last, row)
			}
		}
	}
	if last < 0 {
		return window{}
	}
	return window{Since: w.Since.Add(time.Duration(first) * time.Minute), Until: w.Since.Add(time.Duration(last+1) * time.Minute)}
}

// arm returns one arm, a row a minute of the window. Missing failures are none; missing work is no evidence.
//
// A worker may count a message when it receives it and its failure a moment later, in the next minute, so that a
// minute can hold more failures than work. The surplus is counted with the next work: forward, so that a minute that
// was seen never changes.
func (a *ask) arm(of counted, w window) ([]release.Arm, error) {
	units, err := a.counts(of.units, w)
	if err != nil {
		return nil, err
	}
	failures := make([]int64, len(units))
	for _, index := range of.failed {
		counts, err := a.counts(index, w)
		if err != nil {
			return nil, err
		}
		for i, n := range counts {
			failures[i] += n
		}
	}
	arms := make([]release.Arm, len(units))
	var surplus, allUnits, allFailures int64
	for i := range arms {
		surplus += failures[i]
		counted := min(surplus, units[i])
		arms[i] = release.Arm{Units: units[i], Failed: counted}
		surplus -= counted
		allUnits, allFailures = allUnits+units[i], allFailures+failures[i]
	}
	if allUnits > 0 && allFailures > allUnits+allUnits/10+tolerated { // without any work it is the name of total that is wrong: no data
		return nil, release.Errorf(release.Invalid, "checks.compare",
			"%s counts %d while %s counts %d in the same time; both must count the same things once, for example first receives",
			a.names(of.failed), allFailures, a.asked[of.units], allUnits)
	}
	return arms, nil
}

// tolerated is how many more failures than work, beyond a tenth, a whole window may show before the two metrics are
// taken to count different things. What is in flight at the window's end stays far below.
const tolerated = 1000
