package judge

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// mixed returns a mixture over alternatives of a minute's step e-values.
func mixed(s step, margin float64, grid, weights [alternatives]float64) float64 {
	sum := 0.0
	for i, g := range grid {
		sum += weights[i] * math.Exp(s.logE(margin, g))
	}
	return sum
}

// Values worked out elsewhere, for alternatives of their own.
func TestKnownValues(t *testing.T) {
	known := bets{
		grid:  [alternatives]float64{1.5, 2, 3, 5, 9, 20, 60, 200},
		early: [alternatives]float64{.15, .16, .16, .15, .13, .10, .08, .07},
		burst: .55,
	}
	for _, c := range []struct{ x, d, pi, margin, want float64 }{
		{1, 1, .05, 1, 5.940721733806},
		{2, 2, .05, 1, 62.39871708914},
		{0, 50, .05, 1, .05897338486},
	} {
		s := step{x: c.x, d: c.d, pi: c.pi, phi: 1}
		if got := mixed(s, c.margin, known.grid, known.early); math.Abs(got/c.want-1) > 1e-10 {
			t.Errorf("x=%v d=%v: %.12f, want %.12f", c.x, c.d, got, c.want)
		}
		o := newOnset(c.margin, 1e-9, 60, &known) // an alpha so small that the burst cap is far away
		o.add(s)
		if got, want := math.Exp(o.capped), first*c.want+1-first; math.Abs(got/want-1) > 1e-10 {
			t.Errorf("x=%v d=%v: the process stands at %.12f, want %.12f", c.x, c.d, got, want)
		}
	}
}

func TestBetsSumToOne(t *testing.T) {
	for _, b := range []bets{rateBets, slowBets} {
		for _, parts := range [][alternatives]float64{b.early, b.late} {
			sum := 0.0
			for _, part := range parts {
				sum += part
			}
			if math.Abs(sum-1) > 1e-15 {
				t.Errorf("the bets sum to %v; above 1 the test is not valid, below it is wasteful", sum)
			}
		}
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
		g := rapid.SampledFrom(rateBets.grid[:]).Draw(t, "g")
		one := func(s step) float64 { return math.Exp(s.logE(margin, g)) }
		if e := expectation(d, pi, theta, phi, one); e > 1+1e-12 {
			t.Fatalf("the expectation is %.15f", e)
		}
		if e := expectation(d, pi, margin, 1, one); math.Abs(e-1) > 1e-9 {
			t.Fatalf("at the margin itself the expectation is %.15f: power is wasted", e)
		}
		if e := expectation(d, pi, theta, phi, func(s step) float64 { return mixed(s, margin, rateBets.grid, rateBets.early) }); e > 1+1e-12 {
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
		g := rapid.SampledFrom(rateBets.grid[:]).Draw(t, "g")
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
		if e := over(newOnset(margin, alpha, horizon, &rateBets), minutes[:]); e > 1+1e-12 {
			t.Fatalf("the expectation is %.15f", e)
		}
	})
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
		for _, g := range rateBets.grid {
			if more.logE(margin, g) <= s.logE(margin, g) {
				t.Fatalf("g = %v: one more failure of the canary is less evidence against it", g)
			}
			if s.logE(margin*1.1, g) > s.logE(margin, g)+1e-9 {
				t.Fatalf("g = %v: a wider margin is easier to exceed", g)
			}
		}
	})
}
