package judge

import (
	"math"
	"math/rand/v2"
	"gonum.org/v1/gonum/stat/distuv"
)

func noisy(p float64, draw func(r *rand.Rand) func() (float64, float64)) func(*rand.Rand) func(int) (float64, float64) {
	return func(r *rand.Rand) func(int) (float64, float64) {
		next := draw(r)
		return func(int) (float64, float64) { c, b := next(); return p * c, p * b }
	}
}

func gammaNoise(cv float64, both bool) func(r *rand.Rand) func() (float64, float64) {
	return func(r *rand.Rand) func() (float64, float64) {
		g := distuv.Gamma{Alpha: 1 / cv / cv, Beta: 1 / cv / cv, Src: r}
		return func() (float64, float64) {
			if both { return g.Rand(), g.Rand() }
			return g.Rand(), 1
		}
	}
}

func arNoise(rho, sd float64) func(r *rand.Rand) func() (float64, float64) {
	return func(r *rand.Rand) func() (float64, float64) {
		z := r.NormFloat64() * sd
		return func() (float64, float64) {
			v := math.Exp(z - sd*sd/2)
			z = rho*z + sd*math.Sqrt(1-rho*rho)*r.NormFloat64()
			return v, 1
		}
	}
}

func nullScenarios() []scenario {
	five := constant(.05)
	at := func(name string, per float64, share func(int) float64, rates func(*rand.Rand) func(int) (float64, float64)) scenario {
		return scenario{name: name, perMin: per, share: share, rates: rates, minutes: 60}
	}
	burst := at("bursts20 p.05/min", 6000, five, steady(.001, 1, 1))
	burst.bursts = func(r *rand.Rand, _ int) (int64, int64) {
		if r.Float64() < .05 {
			if r.Float64() < .05 { return 20, 0 }
			return 0, 20
		}
		return 0, 0
	}
	burst2 := at("bursts20 canary 3/h", 6000, five, steady(.001, 1, 1))
	burst2.bursts = func(r *rand.Rand, _ int) (int64, int64) {
		if r.Float64() < .05 { return 20, 0 }
		return 0, 0
	}
	shared := func(r *rand.Rand) func(int) (float64, float64) {
		from := 1 + r.IntN(50)
		return func(m int) (float64, float64) {
			if m >= from && m < from+10 { return .05, .05 }
			return .001, .001
		}
	}
	ramp := func(m int) float64 { return []float64{.05, .25, .5}[min(2, (m-1)/20)] }
	drift := func(r *rand.Rand) func(int) (float64, float64) {
		return func(m int) (float64, float64) { p := .002 + .008*float64(m)/60; return p, p }
	}
	return []scenario{
		at("null .1%", 6000, five, steady(.001, 1, 1)),
		at("null 1%", 6000, five, steady(.01, 1, 1)),
		at("120/min 10%", 120, constant(.1), steady(.01, 1, 1)),
		at("shared x50", 6000, five, shared),
		at("gamma .6 1%", 6000, five, noisy(.01, gammaNoise(.6, false))),
		at("gamma .6 both", 6000, five, noisy(.01, gammaNoise(.6, true))),
		at("ar .6 sd.4", 6000, five, noisy(.01, arNoise(.6, .4))),
		at("ar .7 sd.4", 6000, five, noisy(.01, arNoise(.7, .4))),
		at("ar .8 sd.4", 6000, five, noisy(.01, arNoise(.8, .4))),
		at("ar .9 sd.5", 6000, five, noisy(.01, arNoise(.9, .5))),
		at("ramp", 6000, ramp, drift),
		at("ramp gamma.3", 6000, ramp, noisy(.01, gammaNoise(.3, false))),
		at("ramp gamma.6", 6000, ramp, noisy(.01, gammaNoise(.6, false))),
		at("ramp gamma.6 both", 6000, ramp, noisy(.01, gammaNoise(.6, true))),
		at("ramp ar.6.4", 6000, ramp, noisy(.01, arNoise(.6, .4))),
		at("50% ar.6.4", 6000, constant(.5), noisy(.01, arNoise(.6, .4))),
		at("50% gamma.6", 6000, constant(.5), noisy(.01, gammaNoise(.6, false))),
		burst, burst2,
	}
}

func badScenarios() []scenario {
	bad := func(name string, per, p, ratio float64, from int) scenario {
		return scenario{name: name, perMin: per, share: constant(.05), rates: steady(p, ratio, from), minutes: 60 + from, onset: from, ratio: ratio}
	}
	return []scenario{
		bad(".1% x10", 6000, .001, 10, 1),
		bad(".1% x5", 6000, .001, 5, 1),
		bad("1% x2", 6000, .01, 2, 1),
		bad("1% x3", 6000, .01, 3, 1),
		{name: "120/min 1->10%", perMin: 120, share: constant(.1), rates: steady(.01, 10, 1), minutes: 61, onset: 1, ratio: 10},
		bad("1% x3 from 21", 6000, .01, 3, 21),
		bad("1% x2 from 21", 6000, .01, 2, 21),
		bad(".1% x10 from 21", 6000, .001, 10, 21),
		bad(".1->30%", 6000, .001, 300, 1),
	}
}
