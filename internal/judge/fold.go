package judge

import (
	"math"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// fold returns the verdict over all checks: a fail decides; otherwise the worst of what a pass needs.
func fold(checks []release.Check) release.Verdict {
	failed := func(c release.Check) bool { return c.Verdict == release.Fail }
	if slices.ContainsFunc(checks, failed) {
		return release.Fail
	}
	return release.Worst(needs(checks)...)
}

// needs returns the verdicts that a pass needs: every comparison that does more than veto and the sample, or, with no
// such comparison, the best of the alarms. What only vetoes must be readable all the same.
func needs(checks []release.Check) []release.Verdict {
	var verdicts, alarms []release.Verdict
	compares := false
	for _, c := range checks {
		switch {
		case c.Verdict == release.Unknown:
			verdicts = append(verdicts, release.Unknown)
		case c.Kind == release.CheckAlarm:
			alarms = append(alarms, c.Verdict)
		case required(c):
			compares = true
			verdicts = append(verdicts, c.Verdict)
		case c.Kind == release.CheckSample:
			verdicts = append(verdicts, c.Verdict)
		}
	}
	if compares {
		return verdicts
	}
	if len(alarms) == 0 {
		return append(verdicts, release.NoData)
	}
	return append(verdicts, slices.Max(alarms))
}

// required reports whether a pass waits for this comparison.
func required(c release.Check) bool { return c.Kind == release.CheckComparison && !c.VetoOnly }

// decisive returns the sentence of the check that the verdict comes from.
func decisive(checks []release.Check, verdict release.Verdict) string {
	order := []release.CheckKind{release.CheckAlarm, release.CheckComparison, release.CheckShare, release.CheckSample}
	if verdict != release.Fail && verdict != release.Unknown { // a quiet alarm is no news where something is compared
		order = []release.CheckKind{release.CheckComparison, release.CheckSample, release.CheckAlarm}
	}
	if verdict == release.Pass && !slices.ContainsFunc(checks, required) {
		return sentenceOf(checks, release.CheckAlarm, verdict) + "; " + sentenceOf(checks, release.CheckSample, verdict)
	}
	for _, kind := range order {
		if sentence := sentenceOf(checks, kind, verdict); sentence != "" {
			return sentence
		}
	}
	return "nothing is judged: the target has no check"
}

// sentenceOf returns the sentence of the first check of a kind with a verdict, or nothing.
func sentenceOf(checks []release.Check, kind release.CheckKind, verdict release.Verdict) string {
	for _, c := range checks {
		if c.Kind == kind && c.Verdict == verdict && (!c.VetoOnly || verdict == release.Fail || verdict == release.Unknown) {
			return c.Sentence
		}
	}
	return ""
}

// sample returns the check that enough canary work was seen.
func (e Evidence) sample(p *panel, words words) release.Check {
	units := e.canaryUnits(p)
	check := release.Check{Kind: release.CheckSample, Name: "sample", Verdict: release.Pass, Canary: release.Arm{Units: units}}
	switch {
	case units == 0:
		check.Verdict = release.NoData
	case units < e.MinimumSample:
		check.Verdict = release.Inconclusive
		check.UnitsLeft = e.MinimumSample - units
	}
	check.Sentence = words.sample(units, e.MinimumSample)
	return check
}

// canaryUnits returns the fewest canary units that any comparison saw, of those that a pass waits for where there are
// any; with nothing compared, the part of all work that the canary's tasks explain.
func (e Evidence) canaryUnits(p *panel) int64 {
	if len(e.Comparisons) == 0 {
		return int64(math.Round(float64(e.Work) * e.explained()))
	}
	all, required := int64(math.MaxInt64), int64(math.MaxInt64)
	for _, m := range p.members {
		c, ok := m.test.(interface {
			canaryUnits() int64
			vetoOnly() bool
		})
		if !ok {
			continue
		}
		all = min(all, c.canaryUnits())
		if !c.vetoOnly() {
			required = min(required, c.canaryUnits())
		}
	}
	if required == math.MaxInt64 {
		return all
	}
	return required
}

// explained returns the canary's part of all running task-minutes from Since to Until; 1 where nobody counted tasks.
func (e Evidence) explained() float64 {
	canary, all := 0.0, 0.0
	for i, t := range e.Shares {
		from, to := later(t.At, e.Since), e.Until
		if i+1 < len(e.Shares) {
			to = e.Shares[i+1].At
		}
		span := max(0, to.Sub(from)).Seconds()
		canary += span * float64(max(0, t.Canary))
		all += span * float64(max(0, t.Canary)+max(0, t.Primary))
	}
	if all == 0 {
		return 1
	}
	return canary / all
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
