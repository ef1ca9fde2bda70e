package judge

import (
	"math"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// compared is a comparison on its way through its minutes.
type compared struct {
	Comparison
	*Process
	taken int
}

func (c *compared) next() (time.Time, bool) {
	if c.Problem != "" || c.taken >= len(c.Minutes) {
		return time.Time{}, false
	}
	return c.Minutes[c.taken].Start, true
}

func (c *compared) take() error {
	c.taken++
	return c.Process.Add(c.Minutes[c.taken-1])
}

func (c *compared) catastrophe() bool { return c.broken != nil }

// check returns what is to be told about the comparison, given whether it failed the canary.
func (c *compared) check(failed bool, threshold float64, words words) release.Check {
	check := release.Check{
		Kind: release.CheckComparison, Name: c.Name, Verdict: c.unfailed(),
		Canary: c.canary, Baseline: c.baseline, EValue: bounded(c.LogE()), Threshold: threshold,
	}
	if failed {
		check.Verdict = release.Fail
	}
	if c.Problem != "" {
		check.Verdict = release.Unknown
	}
	interval := c.interval(failed && c.broken == nil)
	check.RatioLow = interval.Low
	if !math.IsInf(interval.High, 1) {
		check.RatioHigh = interval.High
	}
	needed := c.Needed()
	check.UnitsLeft = needed.Units
	check.Sentence = words.comparison(c, check, needed)
	return check
}

// bounded returns e^log within what a float64, and JSON, can hold.
func bounded(log float64) float64 { return math.Exp(min(log, 700)) }
