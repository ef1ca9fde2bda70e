package judge

import (
	"math"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// passes reports whether the canary may pass: it has done the minimum sample, and either "its rate ratio is at least
// Worse" is rejected at level Beta by the likelihood ratio in favour of "it is the same",
//
//	P = product of [ theta1^-x * (1 - pi + theta1*pi)^d ]^(1/phi)  >=  1/beta,
//
// or no failure was seen in either arm and the canary did so much that a failure rate of ErrorFree would have shown.
func (p *Process) passes() bool {
	return p.canary.Units >= p.settings.MinimumSample && (p.excludesWorse() || p.errorFree())
}

func (p *Process) excludesWorse() bool { return p.passed >= -math.Log(p.settings.Beta) }

func (p *Process) errorFree() bool {
	return p.canary.Failed+p.baseline.Failed == 0 && p.canary.Units >= p.settings.errorFreeSample()
}

// errorFreeSample returns how many units without a failure exclude a failure rate of ErrorFree at level Beta:
// phi * ln(1/beta) / -ln(1-p), 299 for 1 % and 5 %. Failures that come phi at a time need phi times as many.
func (s Settings) errorFreeSample() int64 {
	return int64(math.Ceil(s.Dispersion * math.Log(s.Beta) / math.Log1p(-s.ErrorFree)))
}

// AtMost returns the largest rate ratio that P, as a test of every theta1, does not exclude at level Beta; +Inf where
// it excludes none. It is at most Worse exactly where the pass rule holds.
func (p *Process) AtMost() float64 {
	l := &p.likelihood
	if l.base == 0 {
		return math.Inf(1)
	}
	return math.Exp(l.crossing(math.Log(p.settings.Beta), max(0, l.bell().peak), .1, 1))
}

// Needed is how much more the canary must do before there is an answer.
type Needed struct {
	Units   int64   // canary units; 0 where nothing can be said, or nothing is needed
	Minutes float64 // the same at the rate of the newest minutes; +Inf where that is 0
}

// tell puts what is needed into a check, where anything is known of it.
func (n Needed) tell(check *release.Check) {
	check.UnitsLeft = n.Units
	if !math.IsInf(n.Minutes, 0) {
		check.MinutesLeft = math.Ceil(n.Minutes)
	}
}

// Needed estimates what is still needed for a pass if both versions are the same, or for a fail if they go on
// differing as they do, whichever is less: what is missing of the evidence over what a canary unit brings of it on
// average. It is a plan, not a promise: half of the time it takes longer.
func (p *Process) Needed() Needed {
	if v := p.Verdict(); v != release.Inconclusive {
		return Needed{}
	}
	units := min(p.unitsToPass(), p.unitsToFail())
	units = max(units, float64(p.settings.MinimumSample-p.canary.Units))
	if !(units < 1e15) {
		return Needed{}
	}
	return Needed{Units: int64(math.Ceil(units)), Minutes: units / p.pace.units()}
}

// unitsToPass divides by the expectation of log P for a canary unit at theta = 1.
func (p *Process) unitsToPass() float64 {
	all := float64(p.canary.Units + p.baseline.Units)
	failed := float64(p.canary.Failed + p.baseline.Failed)
	share := float64(p.canary.Units) / all
	unit := step{d: failed / all / share, pi: share, phi: p.Dispersion()}
	unit.x = unit.d * share
	units := (-math.Log(p.settings.Beta) - p.passed) / -unit.logLikelihood(p.settings.Worse, p.logWorse)
	if failed == 0 {
		units = float64(p.settings.errorFreeSample() - p.canary.Units)
	}
	return units
}

// unitsToFail divides by the expectation of the best step e-value for a canary unit at the ratio seen so far.
func (p *Process) unitsToFail() float64 {
	seen, base := p.canary.Rate(), p.baseline.Rate()
	if seen <= base*p.settings.Margin {
		return math.Inf(1)
	}
	share := float64(p.canary.Units) / float64(p.canary.Units+p.baseline.Units)
	unit := step{x: seen, d: seen + base*(1-share)/share, pi: share, phi: p.Dispersion()}
	best := 0.0
	for _, g := range rateBets.grid {
		best = max(best, unit.logE(p.settings.Margin, g))
	}
	return (p.test.reject - p.test.capped) / best
}

// pace is how much the canary does, in the newest minutes compared and those between: where little is done, most minutes
// have nothing to be compared, and they pass all the same.
type pace struct {
	minutes int // compared so far
	newest  [10]int64
	starts  [10]time.Time
}

func (p *pace) add(start time.Time, units int64) {
	at := p.minutes % len(p.newest)
	p.newest[at], p.starts[at] = units, start
	p.minutes++
}

// units returns the units a minute.
func (p *pace) units() float64 {
	if p.minutes == 0 {
		return 0
	}
	sum := 0.0
	for _, n := range p.newest {
		sum += float64(n)
	}
	kept := min(p.minutes, len(p.newest))
	first, last := p.starts[(p.minutes-kept)%len(p.starts)], p.starts[(p.minutes-1)%len(p.starts)]
	return sum / (last.Sub(first).Minutes() + 1)
}
