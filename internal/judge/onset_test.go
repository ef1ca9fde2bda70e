package judge

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// plain is the process as it is written down, in logarithms and nothing else, to check onset against.
type plain struct {
	r      [len(grid)]float64
	spent  float64
	m, cap float64
}

func (p *plain) add(s step, u, margin, alpha float64) {
	p.spent += u
	total := math.Inf(-1)
	if p.spent < 1-1e-12 {
		total = math.Log(1 - p.spent)
	}
	for i, g := range grid {
		p.r[i] = logAddExp(p.r[i], math.Log(u)) + s.logE(margin, g)
		total = logAddExp(total, math.Log(weights[i])+p.r[i])
	}
	p.cap += min(total-p.m, -.7*math.Log(alpha))
	p.m = total
}

func TestOnsetIsWhatIsWrittenDown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		horizon := rapid.IntRange(2, 40).Draw(t, "horizon")
		margin := rapid.SampledFrom([]float64{1, 1.25, 3}).Draw(t, "margin")
		largest := rapid.SampledFrom([]int{3, 100, 1e6}).Draw(t, "size")
		o := newOnset(margin, .01, horizon)
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
			u := 0.0
			if j == 0 {
				u = .6
			} else if j < horizon {
				u = .4 / float64(horizon-1)
			}
			o.add(s)
			p.add(s, u, margin, .01)
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
		o := newOnset(1, .01, 2)
		for _, s := range minutes {
			o.add(s)
			if math.IsNaN(o.capped) || math.IsInf(o.logM, 1) {
				t.Errorf("%+v: log M = %v, capped %v", s, o.logM, o.capped)
			}
		}
	}
}

func TestOneMinuteAloneDoesNotReject(t *testing.T) {
	o := newOnset(1.25, .01, 60)
	o.add(step{x: 1000, d: 1000, pi: .05, phi: 1})
	if o.capped >= math.Log(100) {
		t.Errorf("log e = %v after one minute", o.capped)
	}
	o.add(step{x: 1000, d: 1000, pi: .05, phi: 1})
	if o.capped < math.Log(100) {
		t.Errorf("log e = %v after two minutes", o.capped)
	}
}
