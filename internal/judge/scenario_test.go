package judge

import (
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/release"
)

// scenario makes minutes of a canary and its baseline.
type scenario struct {
	name    string
	perMin  float64 // units a minute, both arms together
	share   func(minute int) float64
	rates   rates
	bursts  func(r *rand.Rand) (canary, baseline int64) // extra failures of a minute
	minutes int
	onset   int     // first bad minute, from 1; 0 where the canary is as good
	ratio   float64 // from then on
}

// rates begins a run and returns the failure rates of both arms in each of its minutes, which count from 1.
type rates func(r *rand.Rand) func(minute int) (canary, baseline float64)

func constant(share float64) func(int) float64 { return func(int) float64 { return share } }

// steady is a rate p in both arms, and ratio times that in the canary from a minute on.
func steady(p, ratio float64, from int) rates {
	return func(*rand.Rand) func(int) (float64, float64) {
		return func(minute int) (float64, float64) {
			if minute < from {
				return p, p
			}
			return p * ratio, p
		}
	}
}

// gammaNoise multiplies the canary's rate in every minute by a factor of its own, with this coefficient of variation.
func gammaNoise(p, cv float64) rates {
	return func(r *rand.Rand) func(int) (float64, float64) {
		factor := distuv.Gamma{Alpha: 1 / cv / cv, Beta: 1 / cv / cv, Src: r}
		return func(int) (float64, float64) { return p * factor.Rand(), p }
	}
}

// wandering multiplies the canary's rate by e^z, z being autoregressive with this correlation from minute to minute
// and this standard deviation.
func wandering(p, rho, sd float64) rates {
	return func(r *rand.Rand) func(int) (float64, float64) {
		z := sd * r.NormFloat64()
		return func(int) (float64, float64) {
			rate := p * math.Exp(z-sd*sd/2)
			z = rho*z + sd*math.Sqrt(1-rho*rho)*r.NormFloat64()
			return rate, p
		}
	}
}

// incident lets both arms fail 50 times as often for ten minutes.
func incident(p float64) rates {
	return func(r *rand.Rand) func(int) (float64, float64) {
		from := 1 + r.IntN(50)
		return func(minute int) (float64, float64) {
			if minute >= from && minute < from+10 {
				return 50 * p, 50 * p
			}
			return p, p
		}
	}
}

// rising is a rate that both arms share and that grows five times within an hour.
func rising(p float64) rates {
	return func(*rand.Rand) func(int) (float64, float64) {
		return func(minute int) (float64, float64) {
			rate := p * (1 + 4*float64(minute)/60)
			return rate, rate
		}
	}
}

// draw makes the minutes of one run.
func (sc scenario) draw(r *rand.Rand) []Minute {
	rate := sc.rates(r)
	minutes := make([]Minute, sc.minutes)
	for i := range minutes {
		share := sc.share(i + 1)
		canary, baseline := rate(i + 1)
		m := Minute{Start: time.Unix(int64(60*i), 0), Canary: draw(r, sc.perMin*share, canary), Baseline: draw(r, sc.perMin*(1-share), baseline)}
		if sc.bursts != nil {
			extraCanary, extraBaseline := sc.bursts(r)
			m.Canary.Failed = min(m.Canary.Units, m.Canary.Failed+extraCanary)
			m.Baseline.Failed = min(m.Baseline.Units, m.Baseline.Failed+extraBaseline)
		}
		minutes[i] = m
	}
	return minutes
}

func draw(r *rand.Rand, units, p float64) release.Arm {
	n := int64(distuv.Poisson{Lambda: units, Src: r}.Rand())
	if n == 0 || p == 0 {
		return release.Arm{Units: n}
	}
	return release.Arm{Units: n, Failed: int64(distuv.Binomial{N: float64(n), P: min(p, 1), Src: r}.Rand())}
}

// good are scenarios in which nothing is wrong with the canary.
func good() []scenario {
	burst := func(r *rand.Rand) (canary, baseline int64) {
		switch {
		case r.Float64() >= .05:
			return 0, 0
		case r.Float64() < .05:
			return 20, 0
		}
		return 0, 20
	}
	ramp := func(minute int) float64 { return []float64{.05, .25, .5}[min(2, (minute-1)/20)] }
	five := constant(.05)
	return []scenario{
		{name: "0.1 %", perMin: 6000, share: five, rates: steady(.001, 1, 1), minutes: 60},
		{name: "1 %", perMin: 6000, share: five, rates: steady(.01, 1, 1), minutes: 60},
		{name: "120 a minute", perMin: 120, share: constant(.1), rates: steady(.01, 1, 1), minutes: 60},
		{name: "shared incident", perMin: 6000, share: five, rates: incident(.001), minutes: 60},
		{name: "noisy arm", perMin: 6000, share: five, rates: gammaNoise(.01, .6), minutes: 60},
		{name: "wandering arm", perMin: 6000, share: five, rates: wandering(.01, .5, .4), minutes: 60},
		{name: "ramp", perMin: 6000, share: ramp, rates: rising(.002), minutes: 60},
		{name: "bursts of 20", perMin: 6000, share: five, rates: steady(.001, 1, 1), bursts: burst, minutes: 60},
	}
}

// bad are scenarios in which the canary is worse from some minute on.
func bad() []scenario {
	worse := func(name string, perMin, share, p, ratio float64, from int) scenario {
		return scenario{
			name: name, perMin: perMin, share: constant(share), rates: steady(p, ratio, from),
			minutes: 60 + from, onset: from, ratio: ratio,
		}
	}
	return []scenario{
		worse("0.1 % x10", 6000, .05, .001, 10, 1),
		worse("0.1 % x5", 6000, .05, .001, 5, 1),
		worse("1 % x2", 6000, .05, .01, 2, 1),
		worse("120 a minute, 1 % x10", 120, .1, .01, 10, 1),
		worse("1 % x3 from minute 21", 6000, .05, .01, 3, 21),
		worse("0.1 % x300", 6000, .05, .001, 300, 1),
	}
}

// oracle is Wald's test with everything known but the base rate: the ratio, and the minute of the onset. It returns
// the row of its fail, or the last one.
func oracle(minutes []Minute, sc scenario, margin, alpha, beta float64) int {
	log := 0.0
	for i := sc.onset - 1; i < len(minutes); i++ {
		if minutes[i].comparable() {
			log += minutes[i].step().logE(margin, sc.ratio/margin)
		}
		if log >= math.Log((1-beta)/alpha) {
			return i
		}
	}
	return len(minutes) - 1
}
