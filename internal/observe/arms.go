package observe

import (
	"math"
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
	canary, err := a.arm(p.canaryTotal, p.canaryFailed)
	if err != nil {
		return c, err
	}
	baseline, err := a.arm(p.baselineTotal, p.baselineFailed)
	if err != nil {
		return c, err
	}
	for i := range canary {
		if canary[i].Units > 0 || baseline[i].Units > 0 {
			start := a.window.Since.Add(time.Duration(i) * time.Minute)
			c.Minutes = append(c.Minutes, judge.Minute{Start: start, Canary: canary[i], Baseline: baseline[i]})
		}
	}
	return c, nil
}

// arm returns one arm, a row a minute of the window. Missing failures are none; missing work is no evidence.
//
// A worker may count a message when it receives it and its failure a moment later, in the next minute, so that a
// minute can hold more failures than work. The surplus is counted with the next work: forward, so that a minute that
// was seen never changes.
func (a *ask) arm(total, failed int) ([]release.Arm, error) {
	units, err := a.counts(total)
	if err != nil {
		return nil, err
	}
	failures, err := a.counts(failed)
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
			"%s counts %d while %s counts %d since the canary's start; both must count the same things once, for example first receives", a.asked[failed], allFailures, a.asked[total], allUnits)
	}
	return arms, nil
}

// tolerated is how many more failures than work, beyond a tenth, a whole window may show before the two metrics are
// taken to count different things. What is in flight at the window's end stays far below.
const tolerated = 1000

// counts returns the whole counts of a series, one a minute of the window.
func (a *ask) counts(index int) ([]int64, error) {
	counts := make([]int64, a.window.Until.Sub(a.window.Since)/time.Minute)
	for _, p := range a.answers[index].points {
		if !a.window.holds(p.at) {
			continue
		}
		if !(p.value >= 0 && p.value <= countable) {
			return nil, release.Errorf(release.Invalid, "checks.compare",
				"%s is %v at %s; a count lies between 0 and %v", a.asked[index], p.value, p.at.UTC().Format(time.RFC3339), countable)
		}
		counts[p.at.Sub(a.window.Since)/time.Minute] += int64(math.Round(p.value))
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
	counts, err := a.counts(index)
	var all int64
	for _, units := range counts {
		all += units
	}
	return all, err
}
