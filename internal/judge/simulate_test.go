package judge

import (
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/release"
)

// scenario makes minutes: rates per minute of both arms, and how the work is split.
type scenario struct {
	name    string
	perMin  float64
	share   func(minute int) float64
	rates   func(r *rand.Rand) func(minute int) (canary, baseline float64)
	bursts  func(r *rand.Rand, minute int) (canary, baseline int64)
	minutes int
	onset   int     // first bad minute, from 1; 0 where the canary is as good
	ratio   float64 // from then on
}

func constant(share float64) func(int) float64 { return func(int) float64 { return share } }

func steady(p, ratio float64, from int) func(*rand.Rand) func(int) (float64, float64) {
	return func(*rand.Rand) func(int) (float64, float64) {
		return func(minute int) (float64, float64) {
			if minute < from {
				return p, p
			}
			return p * ratio, p
		}
	}
}

// draw makes the minutes of one run.
func (sc scenario) draw(r *rand.Rand) []Minute {
	rates := sc.rates(r)
	minutes := make([]Minute, sc.minutes)
	for i := range minutes {
		share := sc.share(i + 1)
		pc, pb := rates(i + 1)
		m := Minute{Start: time.Unix(int64(60*i), 0).UTC()}
		m.Canary = arm(r, sc.perMin*share, pc)
		m.Baseline = arm(r, sc.perMin*(1-share), pb)
		if sc.bursts != nil {
			c, b := sc.bursts(r, i+1)
			m.Canary.Failed = min(m.Canary.Units, m.Canary.Failed+c)
			m.Baseline.Failed = min(m.Baseline.Units, m.Baseline.Failed+b)
		}
		minutes[i] = m
	}
	return minutes
}

func arm(r *rand.Rand, units, p float64) release.Arm {
	n := int64(distuv.Poisson{Lambda: units, Src: r}.Rand())
	if n == 0 || p == 0 {
		return release.Arm{Units: n}
	}
	return release.Arm{Units: n, Failed: int64(distuv.Binomial{N: float64(n), P: min(p, 1), Src: r}.Rand())}
}

// delayed is the mean over runs of a number of minutes that a run may never reach.
type outcome struct {
	failed  int       // before the onset, or at all where there is none
	delays  []float64 // minutes from onset to fail; the rest of the run where it never came
	missed  int
	passed  int
	errors  float64
}

// oracle is Wald's test with everything known but the base rate: the ratio, the minute of the onset.
func oracle(minutes []Minute, sc scenario, margin, alpha, beta float64) int {
	log := 0.0
	for i := sc.onset - 1; i < len(minutes); i++ {
		if !minutes[i].comparable() {
			continue
		}
		log += minutes[i].step().logE(margin, sc.ratio/margin)
		if log >= math.Log((1-beta)/alpha) {
			return i + 1
		}
	}
	return 0
}
