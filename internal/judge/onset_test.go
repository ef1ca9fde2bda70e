package judge

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// plain is the process as it is written down, in logarithms and nothing else, to check onset against.
type plain struct {
	r      [alternatives]float64
	spent  float64
	m, cap float64
}

func (p *plain) add(s step, u float64, on [alternatives]float64, margin, alpha float64) {
	p.spent += u
	total := math.Inf(-1)
	if p.spent < 1-1e-12 {
		total = math.Log(1 - p.spent)
	}
	for i, g := range rateBets.grid {
		p.r[i] = logAddExp(p.r[i], math.Log(u*on[i])) + s.logE(margin, g)
		total = logAddExp(total, p.r[i])
	}
	p.cap += min(total-p.m, -rateBets.burst*math.Log(alpha))
	p.m = total
}

func TestOnsetIsWhatIsWrittenDown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		horizon := rapid.IntRange(2, 40).Draw(t, "horizon")
		margin := rapid.SampledFrom([]float64{1, 1.25, 3}).Draw(t, "margin")
		largest := rapid.SampledFrom([]int{3, 100, 1e6}).Draw(t, "size")
		o := newOnset(margin, .01, horizon, &rateBets)
		p := plain{}
		for i := range p.r {
			p.r[i] = math.Inf(-1)
		}
		for j := range rapid.IntRange(1, 80).Draw(t, "minutes") {
			d := rapid.IntRange(0, largest).Draw(t, "d")
			s := step{
				d: float64(d), x: float64(rapid.IntRange(0, d).Draw(t, "x")),
				pi:  rapid.Float64Range(.001, .999).Draw(t, "pi"),
				phi: rapid.SampledFrom([]float64{1, 1, 1.7}).Draw(t, "phi"),
			}
			u, on := 0.0, rateBets.late
			last := 15 * horizon / 100
			switch mean, even := .68/(float64(horizon-1-last)+float64(last)/4), horizon-last-1; {
			case j == 0:
				u, on = .32, rateBets.early
			case j < horizon-last && even == 1:
				u = mean
			case j < horizon-last: // from 1.4 of the mean to 0.6 of it
				u = mean * (1.4 - .8*float64(j-1)/float64(even-1))
			case j < horizon:
				u = mean / 4
			}
			o.add(s)
			p.add(s, u, on, margin, .01)
			if !near(o.logM, p.m) || !near(o.capped, p.cap) {
				t.Fatalf("minute %d: log M = %v, capped %v; want %v, %v", j+1, o.logM, o.capped, p.m, p.cap)
			}
		}
	})
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)+math.Abs(b)) }

func TestHugeCountsStayFinite(t *testing.T) {
	for _, minutes := range [][]step{
		{{x: 1e15, d: 1e15, pi: .05, phi: 1}, {x: 0, d: 1e15, pi: .05, phi: 1}, {x: 1e15, d: 1e15, pi: .05, phi: 1}},
		{{x: 0, d: 2e15, pi: .999999, phi: 1}, {x: 0, d: 2e15, pi: .999999, phi: 1}},
		{{x: 5e14, d: 1e15, pi: 1e-15, phi: 1e6}, {x: 0, d: 1, pi: 1e-15, phi: 1}},
	} {
		o := newOnset(1, .01, 2, &rateBets)
		for _, s := range minutes {
			o.add(s)
			if math.IsNaN(o.capped) || math.IsInf(o.logM, 1) {
				t.Errorf("%+v: log M = %v, capped %v", s, o.logM, o.capped)
			}
		}
	}
}

func TestOneMinuteAloneDoesNotReject(t *testing.T) {
	o := newOnset(1.25, .01, 60, &rateBets)
	o.add(step{x: 1000, d: 1000, pi: .05, phi: 1})
	if o.capped >= math.Log(100) {
		t.Errorf("log e = %v after one minute", o.capped)
	}
	o.add(step{x: 1000, d: 1000, pi: .05, phi: 1})
	if o.capped < math.Log(100) {
		t.Errorf("log e = %v after two minutes", o.capped)
	}
}

func TestAllIsBetWithinTheHorizon(t *testing.T) {
	for _, horizon := range []int{1, 2, 5, 6, 7, 60, 1440} {
		o := newOnset(1.25, .01, horizon, &rateBets)
		sum := 0.0
		for range horizon {
			u, _ := o.bet()
			sum += u
		}
		if math.Abs(sum-1) > 1e-12 || o.waiting != 0 {
			t.Errorf("horizon %d: %v is bet, %v is left; above 1 the test is not valid, below it is wasteful", horizon, sum, o.waiting)
		}
		if u, _ := o.bet(); u != 0 {
			t.Errorf("horizon %d: %v is bet after it", horizon, u)
		}
	}
}

// Nobody bets more than there is, and by the end of the horizon all of it is bet.
func TestAllIsBetOnce(t *testing.T) {
	for horizon := 1; horizon <= 300; horizon++ {
		o, spent := newOnset(1.25, .01, horizon, &rateBets), 0.0
		for minute := range horizon + 5 {
			u, _ := o.bet()
			if spent += u; u < 0 || spent > 1+1e-12 {
				t.Fatalf("horizon %d: %v is bet in minute %d, %v in all", horizon, u, minute+1, spent)
			}
		}
		if spent < 1-1e-12 || o.waiting != 0 {
			t.Fatalf("horizon %d: %v is bet and %v is left", horizon, spent, o.waiting)
		}
	}
}
