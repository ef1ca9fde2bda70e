package bench

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// The errors that all sequential rules are set to.
const (
	margin = 1.25
	alpha  = .01
	beta   = .05
)

// rule returns the row, from 0, after which it rolls the canary back, or -1.
type rule struct {
	name   string
	decide func(w world, history, minutes []judge.Minute) int
}

var rules = []rule{
	{"serin", serin},
	{"5XX >= 1 alarm", func(_ world, _, m []judge.Minute) int { return breaches(m, 1, 1, anyFailure) }},
	{"rate > 2 % alarm, 2 of 3", func(_ world, _, m []judge.Minute) int { return breaches(m, 2, 3, aboveTwo) }},
	{"success < 99 %, 5 times", func(_ world, _, m []judge.Minute) int { return breaches(m, 5, len(m), belowNinetyNine) }},
	{"z-test at every look", zTest},
	{"Mann-Whitney at every look", rankTest},
}

func anyFailure(m judge.Minute) bool      { return m.Canary.Failed >= 1 }
func aboveTwo(m judge.Minute) bool        { return m.Canary.Rate() > .02 }
func belowNinetyNine(m judge.Minute) bool { return m.Canary.Rate() > .01 }

// breaches fires when some of the newest minutes breach a threshold: a CloudWatch alarm with M of N datapoints, or, all
// minutes counting, a canary tool that gives up after so many failed checks.
func breaches(minutes []judge.Minute, some, of int, breach func(judge.Minute) bool) int {
	n := 0
	for i, m := range minutes {
		if breach(m) {
			n++
		}
		if i >= of && breach(minutes[i-of]) {
			n--
		}
		if n >= some {
			return i
		}
	}
	return -1
}

// process runs the judge through the minutes.
func process(history, minutes []judge.Minute) *judge.Process {
	noise, err := judge.Noise(history)
	if err != nil {
		panic(fmt.Errorf("a drawn history is impossible: %w", err))
	}
	p, err := judge.NewProcess(judge.Settings{Margin: margin, Alpha: alpha, Beta: beta, Noise: noise})
	if err != nil {
		panic(fmt.Errorf("the settings above: %w", err))
	}
	for _, m := range minutes {
		if err := p.Add(m); err != nil {
			panic(fmt.Errorf("a drawn minute is impossible: %w", err))
		}
	}
	return p
}

func serin(_ world, history, minutes []judge.Minute) int {
	row, _ := process(history, minutes).Decided()
	return row
}

// zTest is the two-sample test of proportions that looks at all counts so far, every minute, at p < 0.01: the usual
// mistake.
func zTest(_ world, _, minutes []judge.Minute) int {
	var canary, baseline release.Arm
	critical := distuv.UnitNormal.Quantile(1 - alpha)
	for i, m := range minutes {
		canary.Units += m.Canary.Units
		canary.Failed += m.Canary.Failed
		baseline.Units += m.Baseline.Units
		baseline.Failed += m.Baseline.Failed
		a, b := float64(canary.Units), float64(baseline.Units)
		if a == 0 || b == 0 {
			continue
		}
		pooled := float64(canary.Failed+baseline.Failed) / (a + b)
		if se := math.Sqrt(pooled * (1 - pooled) * (1/a + 1/b)); se > 0 && (canary.Rate()-baseline.Rate())/se > critical {
			return i
		}
	}
	return -1
}

// logRatio returns the log likelihood ratio of the true rate ratio against the margin, given how many failed.
func logRatio(w world, m judge.Minute) float64 {
	x, d := float64(m.Canary.Failed), float64(m.Canary.Failed+m.Baseline.Failed)
	pi := float64(m.Canary.Units) / float64(max(1, m.Canary.Units+m.Baseline.Units))
	return x*math.Log(w.ratio/margin) - d*(math.Log1p(pi*(w.ratio-1))-math.Log1p(pi*(margin-1)))
}

// oracle is Wald's test with everything known but the base rate: the ratio, and the minute from which on the canary is
// bad. Nothing that must find these out can be faster.
func oracle(w world, minutes []judge.Minute) int {
	log := 0.0
	for i := w.onset - 1; i < len(minutes); i++ {
		if log += logRatio(w, minutes[i]); log >= math.Log((1-beta)/alpha) {
			return i
		}
	}
	return -1
}

// onsetUnknown is the best that is known of a test that knows the ratio and not the minute: all its bets are on that
// ratio, spread evenly over the minutes.
func onsetUnknown(w world, minutes []judge.Minute) int {
	sum, horizon := 0.0, 60
	for i, m := range minutes {
		u, left := 0.0, 0.0
		if i < horizon {
			u, left = 1/float64(horizon), 1-float64(i+1)/float64(horizon)
		}
		if sum = (sum + u) * math.Exp(logRatio(w, m)); sum+left >= 1/alpha {
			return i
		}
	}
	return -1
}
