package judge

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

func drawSteps(t *rapid.T) []step {
	steps := make([]step, rapid.IntRange(1, 30).Draw(t, "minutes"))
	for i := range steps {
		d := rapid.IntRange(0, 60).Draw(t, "d")
		steps[i] = step{d: float64(d), x: float64(rapid.IntRange(0, d).Draw(t, "x")), pi: rapid.Float64Range(.02, .98).Draw(t, "pi"), phi: rapid.SampledFrom([]float64{1, 2.5}).Draw(t, "phi")}
	}
	return steps
}

func likelihoodOf(steps []step) *likelihood {
	l := &likelihood{}
	for _, s := range steps {
		l.add(s)
	}
	return l
}

// logLikelihood is the likelihood as it is written down.
func logLikelihood(steps []step, eta float64) float64 {
	sum := 0.0
	for _, s := range steps {
		sum += s.logLikelihood(math.Exp(eta), eta)
	}
	return sum
}

func TestGroupsKeepTheLikelihood(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	sc := scenario{perMin: 60000, share: constant(.05), rates: steady(.01, 1, 1), minutes: 1440}
	var steps []step
	for _, m := range sc.draw(r) {
		steps = append(steps, m.step())
	}
	l := likelihoodOf(steps)
	if len(l.groups) > 20 {
		t.Errorf("%d groups for %d minutes", len(l.groups), len(steps))
	}
	for _, eta := range []float64{-2, -.5, -.01, 0, .01, .5, 2, 5} {
		got := l.at(eta)
		slope, _ := l.slope(eta)
		if want := logLikelihood(steps, eta); math.Abs(got-want) > 1e-3+1e-7*math.Abs(want) {
			t.Errorf("eta = %v: %v, want %v", eta, got, want)
		}
		const h = 1e-5
		if want := (l.at(eta+h) - l.at(eta-h)) / (2 * h); math.Abs(slope-want) > 1e-3*(1+math.Abs(want)) {
			t.Errorf("eta = %v: slope %v, want %v", eta, slope, want)
		}
	}
}

// The mixture against a plain sum over a fine grid.
func TestMixtureIsTheIntegral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := drawSteps(t)
		l := likelihoodOf(steps)
		got := l.logMixture(l.bell())
		const width = .02
		want := math.Inf(-1)
		for eta := -16.0; eta < 16; eta += width {
			want = logAddExp(want, logLikelihood(steps, eta)-math.Log(math.Pi*math.Cosh(eta)))
		}
		if want += math.Log(width); math.Abs(got-want) > 2e-3 {
			t.Fatalf("log integral %v, want %v", got, want)
		}
	})
}

func TestIntervalEndsWhereTheLikelihoodRatioSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := drawSteps(t)
		l := likelihoodOf(steps)
		i := l.interval(.01)
		if l.canary+l.base == 0 {
			if i.Low != 0 || !math.IsInf(i.High, 1) {
				t.Fatalf("no events, and yet %+v", i)
			}
			return
		}
		level := l.logMixture(l.bell()) + math.Log(.04)
		for _, end := range []float64{i.Low, i.High} {
			if end == 0 || math.IsInf(end, 1) {
				continue
			}
			if got := logLikelihood(steps, math.Log(end)); math.Abs(got-level) > 1e-2 {
				t.Fatalf("interval %+v: log likelihood %v at its end, want %v", i, got, level)
			}
		}
		if i.Low >= i.High {
			t.Fatalf("empty interval %+v", i)
		}
	})
}

// Naming the arms the other way round turns the ratio over.
func TestIntervalIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := drawSteps(t)
		turned := make([]step, len(steps))
		for i, s := range steps {
			turned[i] = step{x: s.d - s.x, d: s.d, pi: 1 - s.pi, phi: s.phi}
		}
		a, b := likelihoodOf(steps).interval(.01), likelihoodOf(turned).interval(.01)
		if !ratioNear(a.Low, 1/b.High) || !ratioNear(a.High, 1/b.Low) {
			t.Fatalf("%+v, turned over %+v", a, b)
		}
	})
}

func ratioNear(a, b float64) bool {
	return a == b || math.Abs(math.Log(a/b)) < 1e-2 || max(a, b) < 1e-9 || min(a, b) > 1e9
}

func TestIntervalAgreesWithTheVerdict(t *testing.T) {
	fails := judged(t, same(20, 300, 6, 5700, 57), Settings{})
	if i := fails.Interval(); fails.Verdict() != release.Fail || i.Low < 1.25 || i.High < 2 {
		t.Errorf("%v with %+v", fails.Verdict(), i)
	}
	passes := judged(t, same(60, 300, 3, 5700, 57), Settings{})
	if i := passes.Interval(); passes.Verdict() != release.Pass || i.Low > 1 || i.High < 1 || passes.AtMost() > 2 {
		t.Errorf("%v with %+v, at most %v", passes.Verdict(), i, passes.AtMost())
	}
}

// A canary that turned bad late: on average it is not far above the margin, but the test has rejected the margin.
func TestIntervalLeavesOutWhatTheTestRejected(t *testing.T) {
	p, _ := NewProcess(Settings{})
	for i := range 60 {
		failed := int64(3)
		if i >= 40 {
			failed = 9
		}
		if err := p.Add(row(i, 300, failed, 5700, 57)); err != nil {
			t.Fatal(err)
		}
		if _, failed := p.Decided(); failed {
			break
		}
	}
	if i := p.Interval(); p.Verdict() != release.Fail || i.Low != 1.25 || i.Level != .95 {
		t.Errorf("%v with %+v", p.Verdict(), i)
	}
}

func TestSlopeOfASpreadGroup(t *testing.T) {
	l := likelihood{groups: []group{{events: 100, share: .3, spread: .4}}, canary: 40, base: 60}
	for _, eta := range []float64{-2, -.3, .4, 1.5} {
		const h = 1e-5
		slope, _ := l.slope(eta)
		if want := (l.at(eta+h) - l.at(eta-h)) / (2 * h); math.Abs(slope-want) > 1e-4 {
			t.Errorf("eta = %v: slope %v, want %v", eta, slope, want)
		}
	}
}

func TestAtMostAgreesWithThePassRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := NewProcess(Settings{})
		for _, m := range drawMinutes(t) {
			if err := p.Add(m); err != nil {
				t.Fatal(err)
			}
		}
		if most := p.AtMost(); p.excludesWorse() != (most <= 2) && math.Abs(most-2) > 1e-3 {
			t.Fatalf("log P = %v, and the ratio is at most %v", p.passed, most)
		}
	})
}

// What is said to be needed must be about what a pass then takes.
func TestNeededIsAboutRight(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	sc := scenario{perMin: 1000, share: constant(.1), rates: steady(.01, 1, 1), minutes: 400}
	said, took := 0.0, 0.0
	for range 100 {
		p, _ := NewProcess(Settings{FixedDispersion: true})
		asked := int64(0)
		for n, m := range sc.draw(r) {
			if err := p.Add(m); err != nil {
				t.Fatal(err)
			}
			if n == 9 {
				asked = p.canary.Units
				said += float64(p.Needed().Units)
				if minutes := p.Needed().Minutes * 100; math.Abs(minutes/float64(p.Needed().Units)-1) > .2 {
					t.Fatalf("%+v at 100 units a minute", p.Needed())
				}
			}
			if n > 9 && p.Verdict() != release.Inconclusive {
				took += float64(p.canary.Units - asked)
				break
			}
		}
	}
	if said/took < .7 || said/took > 1.4 {
		t.Errorf("said %.0f units on average, took %.0f", said/100, took/100)
	}
}

func TestNeededOfTheMinimumSample(t *testing.T) {
	p := judged(t, same(20, 300, 3, 5700, 57), Settings{MinimumSample: 9000})
	if got := p.Needed(); got.Units != 3000 || got.Minutes != 10 {
		t.Errorf("%+v, want the 3,000 units that the minimum sample still asks for, in 10 minutes", got)
	}
}

// At half a unit a minute most minutes have nothing to compare. What is needed takes them in.
func TestNeededAtLowTraffic(t *testing.T) {
	var minutes []Minute
	for i := range 600 {
		minutes = append(minutes, row(i, int64(i+1)%2, 0, 5, 0))
	}
	p := judged(t, minutes, Settings{MinimumSample: 9000})
	if got := p.Needed(); got.Units == 0 || math.Abs(float64(got.Units)/got.Minutes-.5) > .05 {
		t.Errorf("%+v at half a unit a minute", got)
	}
}
