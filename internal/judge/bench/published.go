package bench

import (
	"math"
	"math/rand/v2"
)

func fixed(name string, w world) Scenario {
	if w.minutes == 0 {
		w.minutes = 60
	}
	return Scenario{name, func(*rand.Rand) world { return w }}
}

// Good are scenarios in which the canary is as good as the baseline.
func Good() []Scenario {
	ramp := func(minute int) float64 { return []float64{.05, .25, .5}[min(2, (minute-1)/20)] }
	rising := func(minute int) float64 { return 1 + 4*float64(minute)/60 }
	bursts := func(r *rand.Rand) (canary, baseline int64) {
		switch {
		case r.Float64() >= .05:
			return 0, 0
		case r.Float64() < .05:
			return 20, 0
		}
		return 0, 20
	}
	incident := Scenario{"both arms fail 50 times as often for 10 min", func(r *rand.Rand) world {
		from := 1 + r.IntN(50)
		return world{perMinute: 6000, share: .05, failures: .001, minutes: 60, common: func(minute int) float64 {
			if minute >= from && minute < from+10 {
				return 50
			}
			return 1
		}}
	}}
	return []Scenario{
		fixed("0.1 %", world{perMinute: 6000, share: .05, failures: .001}),
		fixed("1 %", world{perMinute: 6000, share: .05, failures: .01}),
		fixed("1 %, 120 a minute, share 10 %", world{perMinute: 120, share: .1, failures: .01}),
		incident,
		fixed("share 5, 25, 50 %, rate rises fivefold", world{perMinute: 6000, share: .05, failures: .002, steps: ramp, common: rising}),
		fixed("lumps of 20 failures", world{perMinute: 6000, share: .05, failures: .001, bursts: bursts}),
		fixed("noisy arm (gamma, CV 0.6)", world{perMinute: 6000, share: .05, failures: .01, gamma: .6, history: 240}),
		fixed("the same without a history", world{perMinute: 6000, share: .05, failures: .01, gamma: .6}),
		fixed("wandering arm (AR(1) 0.5, sd 0.4)", world{perMinute: 6000, share: .05, failures: .01, spread: .4, correlation: .5, history: 240}),
		fixed("the same without a history, AR(1)", world{perMinute: 6000, share: .05, failures: .01, spread: .4, correlation: .5}),
		{"random", func(r *rand.Rand) world { return random(r) }},
		{"random, noisy arm with a history", func(r *rand.Rand) world { return noisy(r, 240) }},
		{"random, noisy arm without a history", func(r *rand.Rand) world { return noisy(r, 0) }},
	}
}

// The ranges that random scenarios are drawn from, for docs/judge.md.
const (
	randomRanges = "300 to 30,000 units a minute, failure rate 0.05 to 5 %, share 5 to 25 %, all but the share on a log scale"
	noisyRanges  = "as random, and the canary's rate wanders by itself: AR(1) with a standard deviation of 0.1 to 0.4 and a correlation of 0 to 0.8 from minute to minute"
	badRanges    = "as random, but at least two failures a minute of the canary once it is bad; ratio 2 to 20 on a log scale; late: from minute 6 to 45"
)

func random(r *rand.Rand) world {
	return world{
		perMinute: between(r, 300, 30000), share: .05 + .2*r.Float64(), failures: between(r, .0005, .05), minutes: 60,
	}
}

func noisy(r *rand.Rand, history int) world {
	w := random(r)
	w.spread, w.correlation, w.history = .1+.3*r.Float64(), .8*r.Float64(), history
	return w
}

func bad(r *rand.Rand, onset int) world {
	for {
		w := random(r)
		w.onset, w.ratio, w.minutes = onset, between(r, 2, 20), 60+onset
		if w.perMinute*w.share*w.failures*w.ratio >= 2 && w.failures*w.ratio <= .5 {
			return w
		}
	}
}

// between draws on a log scale.
func between(r *rand.Rand, low, high float64) float64 {
	return low * math.Exp(r.Float64()*math.Log(high/low))
}

// Bad are scenarios in which the canary is worse from some minute on.
func Bad() []Scenario {
	worse := func(name string, w world) Scenario {
		w.minutes = 60 + w.onset
		return fixed(name, w)
	}
	return []Scenario{
		worse("0.1 % x10", world{perMinute: 6000, share: .05, failures: .001, ratio: 10, onset: 1}),
		worse("0.1 % x5", world{perMinute: 6000, share: .05, failures: .001, ratio: 5, onset: 1}),
		worse("1 % x2", world{perMinute: 6000, share: .05, failures: .01, ratio: 2, onset: 1}),
		worse("1 % x10, 120 a minute, share 10 %", world{perMinute: 120, share: .1, failures: .01, ratio: 10, onset: 1}),
		worse("0.1 % x300", world{perMinute: 6000, share: .05, failures: .001, ratio: 300, onset: 1}),
		worse("1 % x3 from minute 21", world{perMinute: 6000, share: .05, failures: .01, ratio: 3, onset: 21}),
		worse("1 % x2 from minute 21", world{perMinute: 6000, share: .05, failures: .01, ratio: 2, onset: 21}),
		worse("0.1 % x10 from minute 41", world{perMinute: 6000, share: .05, failures: .001, ratio: 10, onset: 41}),
		{"random, from the start", func(r *rand.Rand) world { return bad(r, 1) }},
		{"random, late", func(r *rand.Rand) world { return bad(r, 6+r.IntN(40)) }},
		worse("0.1 % x10, share 10 %", world{perMinute: 6000, share: .1, failures: .001, ratio: 10, onset: 1}),
		worse("0.2 % x15, share 10 %", world{perMinute: 6000, share: .1, failures: .002, ratio: 15, onset: 1}),
	}
}
