package judge

import (
	"math"

	"github.com/serin-aws/serin/internal/release"
)

// Interval is a confidence sequence for the rate ratio of canary and baseline: at all looks together, it misses the
// true ratio with a chance of at most 1 - Level. Where the ratio changes over time it speaks of an average.
type Interval struct {
	Low   float64 // 0 where nothing is excluded
	High  float64 // +Inf where nothing is excluded
	Level float64 // 0 to 1; 0.95 at the default alpha
}

// missed is the chance that the interval misses the ratio, apart from the alpha of the test that it agrees with.
const missed = .04

// Interval returns the confidence sequence at the minutes so far. It is Robbins' method of mixtures: for the true
// theta, the likelihood averaged over a fixed density w of eta = log(ratio), divided by the likelihood of theta,
//
//	integral of w(eta) * L(eta) d eta  /  L(log theta),     w(eta) = 1 / (pi * cosh(eta))
//
// starts at 1 and never grows in expectation (each factor is a step e-value, see step.logE), so it ever reaches 1/0.04
// with a chance of at most 4 %: the interval holds every theta for which it has not. Once the test has failed the
// canary, the interval also leaves out what the test rejected, at the test's own alpha.
//
// Robbins (1970); Lai, On confidence sequences (1976); Howard et al. (2021), section 3.4.
func (p *Process) Interval() Interval { return p.interval(p.decided >= 0 && p.broken == nil) }

func (p *Process) interval(rejected bool) Interval {
	i := p.likelihood.interval(p.settings.Alpha)
	if rejected {
		i.Low = max(i.Low, p.settings.Margin)
	}
	return i
}

// interval returns the interval beside a test at a level of alpha.
func (l *likelihood) interval(alpha float64) Interval {
	i := Interval{High: math.Inf(1), Level: 1 - missed - alpha}
	if l.canary+l.base == 0 {
		return i
	}
	b := l.bell()
	least := l.logMixture(b) + math.Log(missed) // theta is held while its likelihood is above this
	guess := b.width * math.Sqrt(2*max(.1, l.at(b.peak)-least))
	if l.canary > 0 {
		i.Low = math.Exp(l.crossing(least, b.peak, guess, -1))
	}
	if l.base > 0 {
		i.High = math.Exp(l.crossing(least, b.peak, guess, 1))
	}
	return i
}

// tell puts the interval into a check, where it excludes anything.
func (i Interval) tell(check *release.Check) {
	if i.Low == 0 && math.IsInf(i.High, 1) {
		return
	}
	check.RatioLow, check.Level = i.Low, i.Level
	if !math.IsInf(i.High, 1) {
		check.RatioHigh = i.High
	}
}
