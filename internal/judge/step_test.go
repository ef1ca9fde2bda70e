package judge

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// mixed returns the mixture over the grid of a minute's step e-values.
func mixed(s step, margin float64) float64 {
	sum := 0.0
	for i, g := range grid {
		sum += weights[i] * math.Exp(s.logE(margin, g))
	}
	return sum
}

func TestKnownValues(t *testing.T) {
	for _, known := range []struct{ x, d, pi, margin, want float64 }{
		{1, 1, .05, 1, 5.940721733806},
		{2, 2, .05, 1, 62.39871708914},
		{0, 50, .05, 1, .05897338486},
	} {
		s := step{x: known.x, d: known.d, pi: known.pi, phi: 1}
		if got := mixed(s, known.margin); math.Abs(got/known.want-1) > 1e-10 {
			t.Errorf("x=%v d=%v: %.12f, want %.12f", known.x, known.d, got, known.want)
		}
		o := newOnset(known.margin, 1e-9, 60) // an alpha so small that the burst cap is far away
		o.add(s)
		if got, want := math.Exp(o.capped), first*known.want+1-first; math.Abs(got/want-1) > 1e-10 {
			t.Errorf("x=%v d=%v: the process stands at %.12f, want %.12f", known.x, known.d, got, want)
		}
	}
}

func TestWeightsSumToOne(t *testing.T) {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	if math.Abs(sum-1) > 1e-15 {
		t.Errorf("the weights sum to %v; above 1 the test is not valid, below it is wasteful", sum)
	}
}

// expectation returns the exact expectation of e over the binomial distribution of x given d at the rate ratio theta.
func expectation(d int, pi, theta, phi float64, e func(step) float64) float64 {
	s := step{d: float64(d), pi: pi, phi: phi}
	chance := distuv.Binomial{N: float64(d), P: s.canaryOdds(theta)}
	sum := 0.0
	for x := range d + 1 {
		s.x = float64(x)
		sum += chance.Prob(s.x) * e(s)
	}
	return sum
}

func TestStepExpectationAtMostOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(0, 40).Draw(t, "d")
		pi := rapid.Float64Range(1e-4, .9999).Draw(t, "pi")
		margin := rapid.Float64Range(1, 5).Draw(t, "margin")
		theta := margin * rapid.Float64Range(0, 1).Draw(t, "part of the margin")
		phi := rapid.SampledFrom([]float64{1, 1, 1.3, 2, 10}).Draw(t, "phi")
		g := rapid.SampledFrom(grid[:]).Draw(t, "g")
		one := func(s step) float64 { return math.Exp(s.logE(margin, g)) }
		if e := expectation(d, pi, theta, phi, one); e > 1+1e-12 {
			t.Fatalf("the expectation is %.15f", e)
		}
		if e := expectation(d, pi, margin, 1, one); math.Abs(e-1) > 1e-9 {
			t.Fatalf("at the margin itself the expectation is %.15f: power is wasted", e)
		}
		if e := expectation(d, pi, theta, phi, func(s step) float64 { return mixed(s, margin) }); e > 1+1e-12 {
			t.Fatalf("the expectation of the mixture is %.15f", e)
		}
	})
}

// Requests that fail or not, each on its own, give binomial counts in each arm, not Poisson ones: the factor of a
// request in expectation, to the power of the requests, must stay below 1 as well.
func TestStepExpectationAtMostOneForBinomialArms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		canary, baseline := rapid.IntRange(1, 12).Draw(t, "canary"), rapid.IntRange(1, 30).Draw(t, "baseline")
		margin := rapid.Float64Range(1, 3).Draw(t, "margin")
		base := rapid.Float64Range(0, 1/margin).Draw(t, "rate")
		theta := margin * rapid.Float64Range(0, 1).Draw(t, "part of the margin")
		g := rapid.SampledFrom(grid[:]).Draw(t, "g")
		sum := 0.0
		for x := range canary + 1 {
			for y := range baseline + 1 {
				s := step{x: float64(x), d: float64(x + y), pi: float64(canary) / float64(canary+baseline), phi: 1}
				sum += distuv.Binomial{N: float64(canary), P: base * theta}.Prob(float64(x)) *
					distuv.Binomial{N: float64(baseline), P: base}.Prob(float64(y)) * math.Exp(s.logE(margin, g))
			}
		}
		if sum > 1+1e-12 {
			t.Fatalf("the expectation is %.15f", sum)
		}
	})
}

// The whole process, late onset and burst cap included, over all outcomes of three minutes.
func TestProcessExpectationAtMostOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		margin := rapid.Float64Range(1, 2).Draw(t, "margin")
		horizon := rapid.IntRange(1, 5).Draw(t, "horizon")
		alpha := rapid.SampledFrom([]float64{1e-9, .01, .3}).Draw(t, "alpha")
		var minutes [3]step
		for i := range minutes {
			minutes[i] = step{
				d:   float64(rapid.IntRange(0, 6).Draw(t, "d")),
				pi:  rapid.Float64Range(.01, .99).Draw(t, "pi"),
				phi: rapid.SampledFrom([]float64{1, 1, 2}).Draw(t, "phi"),
			}
		}
		theta := margin * rapid.Float64Range(.5, 1).Draw(t, "part of the margin")
		var over func(o onset, rest []step) float64
		over = func(o onset, rest []step) float64 {
			if len(rest) == 0 {
				return math.Exp(o.capped)
			}
			return expectation(int(rest[0].d), rest[0].pi, theta, rest[0].phi, func(s step) float64 {
				next := o
				next.add(s)
				return over(next, rest[1:])
			})
		}
		if e := over(newOnset(margin, alpha, horizon), minutes[:]); e > 1+1e-12 {
			t.Fatalf("the expectation is %.15f", e)
		}
	})
}

func TestPowersAreTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(0, 900).Draw(t, "d")
		s := step{d: float64(d), x: float64(rapid.IntRange(0, d).Draw(t, "x")), pi: rapid.Float64Range(0, 1).Draw(t, "pi"), phi: 1}
		margin := rapid.Float64Range(1, 10).Draw(t, "margin")
		factors, ok := s.powers(margin)
		if !ok {
			t.Skip("not for powers")
		}
		for i, g := range grid {
			if want := s.logE(margin, g); math.Abs(math.Log(factors[i])-want) > 1e-11*(1+math.Abs(want)) {
				t.Fatalf("g = %v: %v, by logarithms %v", g, math.Log(factors[i]), want)
			}
		}
	})
}

func TestPowersDeclineWhatAFloatCannotHold(t *testing.T) {
	for _, s := range []step{{x: 101, d: 101, pi: .05, phi: 1}, {d: 1000, pi: .5, phi: 1}, {d: 1e15, pi: 1, phi: 1}, {x: 1, d: 2, pi: .5, phi: 1.5}} {
		if _, ok := s.powers(1.25); ok {
			t.Errorf("%+v: taken", s)
		}
	}
}

func TestWorseNeverLooksBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 1000).Draw(t, "d")
		x := rapid.IntRange(0, d-1).Draw(t, "x")
		pi := rapid.Float64Range(.001, .999).Draw(t, "pi")
		margin := rapid.Float64Range(1, 5).Draw(t, "margin")
		s := step{x: float64(x), d: float64(d), pi: pi, phi: 1}
		more := s
		more.x++
		for _, g := range grid {
			if more.logE(margin, g) <= s.logE(margin, g) {
				t.Fatalf("g = %v: one more failure of the canary is less evidence against it", g)
			}
			if s.logE(margin*1.1, g) > s.logE(margin, g)+1e-9 {
				t.Fatalf("g = %v: a wider margin is easier to exceed", g)
			}
		}
	})
}
