package observe

import (
	"math"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// compare fills in the minutes of a comparison from the four answers of its pair. Only minutes in which an arm did
// something are given.
func (a *ask) compare(p pair) (judge.Comparison, error) {
	c := p.comparison
	if c.Problem != "" || a.window.empty() {
		return c, nil
	}
	if c.Problem = a.incomplete(p.canaryTotal, p.canaryFailed, p.baselineTotal, p.baselineFailed); c.Problem != "" {
		return c, nil
	}
	var err error
	if c.Minutes, err = a.minutes(p, a.window); err != nil {
		return c, err
	}
	// What was published before the release is not this release's fault: a history that cannot be is none.
	c.History, _ = a.minutes(p, a.history)
	return c, nil
}

// minutes returns what both arms did in a window.
func (a *ask) minutes(p pair, w window) ([]judge.Minute, error) {
	if !a.worked(w, p.canaryTotal, p.canaryFailed, p.baselineTotal, p.baselineFailed) {
		return nil, nil
	}
	canary, err := a.arm(p.canaryTotal, p.canaryFailed, w)
	if err != nil {
		return nil, err
	}
	baseline, err := a.arm(p.baselineTotal, p.baselineFailed, w)
	if err != nil {
		return nil, err
	}
	var minutes []judge.Minute
	for i := range canary {
		if canary[i].Units > 0 || baseline[i].Units > 0 {
			start := w.Since.Add(time.Duration(i) * time.Minute)
			minutes = append(minutes, judge.Minute{Start: start, Canary: canary[i], Baseline: baseline[i]})
		}
	}
	return minutes, nil
}

// worked reports whether any of the series has a point in a window.
func (a *ask) worked(w window, indexes ...int) bool {
	for _, i := range indexes {
		if slices.ContainsFunc(a.answers[i].points, func(p point) bool { return w.holds(p.at) }) {
			return true
		}
	}
	return false
}

// arm returns one arm, a row a minute of the window. Missing failures are none; missing work is no evidence.
//
// A worker may count a message when it receives it and its failure a moment later, in the next minute, so that a
// minute can hold more failures than work. The surplus is counted with the next work: forward, so that a minute that
// was seen never changes.
func (a *ask) arm(total, failed int, w window) ([]release.Arm, error) {
	units, err := a.counts(total, w)
	if err != nil {
		return nil, err
	}
	failures, err := a.counts(failed, w)
	if err != nil {
		return nil, err
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
	if allFailures > allUnits+allUnits/10+tolerated {
		return nil, release.Errorf(release.Invalid, "checks.compare",
			"%s counts %d while %s counts %d in the same time; both must count the same things once, for example first receives", a.asked[failed], allFailures, a.asked[total], allUnits)
	}
	return arms, nil
}

// tolerated is how many more failures than work, beyond a tenth, a whole window may show before the two metrics are
// taken to count different things. What is in flight at the window's end stays far below.
const tolerated = 1000

// counts returns the whole counts of a series, one a minute of the window.
func (a *ask) counts(index int, w window) ([]int64, error) {
	counts := make([]int64, w.Until.Sub(w.Since)/time.Minute)
	for _, p := range a.answers[index].points {
		if !w.holds(p.at) {
			continue
		}
		if !(p.value >= 0 && p.value <= countable) {
			return nil, release.Errorf(release.Invalid, "checks.compare",
				"%s is %v at %s; a count lies between 0 and %v", a.asked[index], p.value, p.at.UTC().Format(time.RFC3339), countable)
		}
		counts[p.at.Sub(w.Since)/time.Minute] += int64(math.Round(p.value))
	}
	return counts, nil
}

// countable is the most units in a minute that can be compared exactly.
const countable = 1e15

// workOf returns all work of the workload in the window; index is what work answered. What could not be read
// completely is not counted.
func (a *ask) workOf(index int) (int64, error) {
	if index < 0 || a.window.empty() || a.incomplete(index) != "" {
		return 0, nil
	}
	counts, err := a.counts(index, a.window)
	var all int64
	for _, units := range counts {
		all += units
	}
	return all, err
}
