package faults

import (
	"math"
	"math/rand/v2"
	"time"
)

// Rates say how often things go wrong. The zero value is never.
type Rates struct {
	Call       float64 // of the calls
	Change     float64 // of the calls that change the workload
	Invocation float64 // of the invocations
	Stop       float64 // of the turns of the state machine
	Accident   float64 // accidents a release, in the mean
	Storm      float64 // of the releases
	Outage     float64 // of the releases
	ByHand     float64 // of the releases
	Besieged   float64 // of the releases
	Trigger    float64 // of the events that start releases
	Deletion   float64 // of the releases
	Race       float64 // of the releases
}

// Usual returns rates at which most releases meet several faults, and most still end well. rate is the share of the
// calls that go wrong; everything else follows it.
func Usual(rate float64) Rates {
	least := func(times float64) float64 { return min(0.5, times*rate) }
	return Rates{
		Call: rate, Change: least(10), Invocation: least(2), Stop: least(0.5), Accident: 50 * rate, Storm: least(2),
		Outage: least(10), ByHand: least(5), Besieged: least(1), Trigger: least(10), Deletion: least(2), Race: least(2),
	}
}

// Horizon is how long after its start things go wrong with a release. After it everything works, so that every release
// must come to its end.
const Horizon = 40 * time.Minute

// most is how many occasions of a kind are drawn for; a release has fewer while faults are drawn.
const most = 4000

// Draw returns the faults of a seed. accidents is how many kinds of accidents the workload knows.
func Draw(seed uint64, rates Rates, accidents int) []Fault {
	d := drawer{rng: rand.New(rand.NewPCG(seed, 0xfa017)), faults: make([]Fault, 0, rates.expected())}
	d.calls(rates.Call)
	d.changes(rates.Change)
	d.invocations(rates.Invocation)
	d.each(rates.Stop, func(nth int) {
		f := Fault{Kind: pick(d.rng, Stopped, Redriven, TimedOut), Nth: nth}
		if f.Kind == Redriven {
			f.For = d.upTo(3 * time.Minute)
		}
		d.add(f)
	})
	d.times(rates, accidents)
	if d.rng.Float64() < 0.2 {
		d.add(Fault{Kind: Pages, Which: 1 + d.rng.IntN(5)})
	}
	if d.rng.Float64() < 0.2 {
		d.add(Fault{Kind: pick(d.rng, LostEvent, TwoEvents)})
	}
	d.rare(seed, rates)
	d.triggers(seed, rates)
	d.others(seed, rates)
	return d.faults
}

// expected is about how many faults are drawn, and seldom fewer than are.
func (r Rates) expected() int {
	mean := most * (r.Call + r.Change + r.Invocation + r.Stop + r.Trigger)
	return int(mean+4*math.Sqrt(mean)) + 32
}

// triggers draws what befalls the events that start releases, from a source of its own.
func (d *drawer) triggers(seed uint64, rates Rates) {
	d.rng = rand.New(rand.NewPCG(seed, 0xfa019))
	d.each(rates.Trigger, func(nth int) {
		f := Fault{Kind: pick(d.rng, LostTrigger, TwoTriggers, BelatedTrigger), Nth: nth}
		if f.Kind != LostTrigger {
			f.For = d.upTo(MaxBelated)
		}
		d.add(f)
	})
}

// rare draws what befalls a release at most once, from a source of its own: what is drawn above stays as it is.
func (d *drawer) rare(seed uint64, rates Rates) {
	d.rng = rand.New(rand.NewPCG(seed, 0xfa018))
	often := func(rate float64, f Fault) {
		if d.rng.Float64() < rate {
			d.add(f)
		}
	}
	often(rates.Outage, Fault{Kind: Outage, At: d.upTo(Horizon - MaxOutage), For: d.upTo(MaxOutage), Which: d.rng.IntN(most)})
	often(rates.ByHand, Fault{Kind: ByHand, At: d.upTo(Horizon / 2)})
	often(rates.Besieged, Fault{Kind: Besieged, At: d.upTo(Horizon / 2), For: pick(d.rng, 0, d.upTo(2*time.Second))})
	often(0.1, Fault{Kind: Belated, For: d.upTo(MaxBelated)})
}

// others draws what other people do at most once, from a source of its own. A part of the workload is seldom deleted: most
// releases that meet it can only end Dirty, and then nothing else is tried.
func (d *drawer) others(seed uint64, rates Rates) {
	d.rng = rand.New(rand.NewPCG(seed, 0xfa01a))
	if d.rng.Float64() < rates.Deletion {
		d.add(Fault{Kind: Deleted, At: d.upTo(Horizon / 2), Which: d.rng.IntN(most)})
	}
	if d.rng.Float64() < rates.Race {
		d.add(Fault{Kind: Raced})
	}
}

type drawer struct {
	rng    *rand.Rand
	faults []Fault
}

func (d *drawer) add(f Fault) { d.faults = append(d.faults, f) }

// each calls do for the occasions that are hit, each with the given probability.
func (d *drawer) each(rate float64, do func(nth int)) {
	if rate <= 0 {
		return
	}
	miss := math.Log(1 - min(rate, 0.999))
	for nth := 0; ; {
		gap := math.Log(1-d.rng.Float64()) / miss
		nth += 1 + int(min(gap, most))
		if nth > most {
			return
		}
		do(nth)
	}
}

func (d *drawer) calls(rate float64) {
	d.each(rate, func(nth int) {
		f := Fault{Kind: pick(d.rng, Throttled, Throttled, Failing, Failing, Unanswered, Unanswered, Stale, Stale, Slow, CrashBefore, CrashAfter, LateCall), Nth: nth}
		switch f.Kind {
		case Slow:
			f.For = d.upTo(MaxSlow)
		case LateCall:
			f.For = d.upTo(MaxLate)
		default:
		}
		d.add(f)
	})
}

func (d *drawer) changes(rate float64) {
	d.each(rate, func(nth int) {
		f := Fault{Kind: pick(d.rng, Late, Late, UnansweredChange, CrashAtChange, CrashBeforeIt), Nth: nth}
		if f.Kind == Late {
			f.For = d.upTo(MaxLate)
		}
		d.add(f)
	})
}

func (d *drawer) invocations(rate float64) {
	d.each(rate, func(nth int) {
		f := Fault{Kind: pick(d.rng, Twice, Deserted, Skewed), Nth: nth}
		switch f.Kind {
		case Skewed:
			f.For = d.upTo(2*MaxSkew) - MaxSkew
		default:
			f.For = d.upTo(2 * time.Second)
		}
		d.add(f)
	})
}

func (d *drawer) times(rates Rates, accidents int) {
	for n := d.rng.Float64() * 2 * rates.Accident; n > d.rng.Float64() && accidents > 0; n-- {
		d.add(Fault{Kind: Accident, At: d.upTo(Horizon), Which: d.rng.IntN(accidents)})
	}
	if d.rng.Float64() < rates.Storm {
		d.add(Fault{Kind: Storm, At: d.upTo(Horizon - 20*time.Minute), For: d.upTo(20 * time.Minute)})
	}
}

func (d *drawer) upTo(most time.Duration) time.Duration {
	return time.Duration(d.rng.Int64N(int64(most))).Truncate(time.Millisecond)
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }
