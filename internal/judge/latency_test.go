package judge

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

// logZ is the sum as it is written down.
func logZ(t table, w float64) float64 {
	log := math.Inf(-1)
	for k := max(0, t.slow-t.baseline); k <= min(t.canary, t.slow); k++ {
		log = logAddExp(log, logChoose(t.canary, k)+logChoose(t.baseline, t.slow-k)+k*math.Log(w))
	}
	return log
}

func drawTable(t *rapid.T, most int) table {
	canary, baseline := rapid.IntRange(1, most).Draw(t, "canary"), rapid.IntRange(1, most).Draw(t, "baseline")
	return table{canary: float64(canary), baseline: float64(baseline), slow: float64(rapid.IntRange(0, canary+baseline).Draw(t, "slow"))}
}

func TestHypergeometricSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := drawTable(t, 500)
		w := rapid.Float64Range(.01, 50).Draw(t, "odds")
		if got, want := counts.logZ(w), logZ(counts, w); !near(got, want) {
			t.Fatalf("log Z = %v, want %v", got, want)
		}
	})
}

func TestHypergeometricBell(t *testing.T) {
	wide := table{canary: 8e5, baseline: 8e5, slow: 8e5}
	for _, w := range []float64{1, 1.5} {
		if got, want := wide.logZ(w), logZ(wide, w); math.Abs(got-want) > 1e-5 {
			t.Errorf("odds %v: log Z = %v by the bell, %v by the sum", w, got, want)
		}
	}
}

func TestHypergeometricExpectationAtMostOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := drawTable(t, 40)
		margin := rapid.Float64Range(1, 3).Draw(t, "margin")
		odds := margin * rapid.Float64Range(.1, 1).Draw(t, "part of the margin")
		g := rapid.SampledFrom(slowBets.grid[:6]).Draw(t, "g")
		z, null, sum := logZ(counts, odds), counts.logZ(margin), 0.0
		for k := max(0, counts.slow-counts.baseline); k <= min(counts.canary, counts.slow); k++ {
			counts.x = k
			chance := logChoose(counts.canary, k) + logChoose(counts.baseline, counts.slow-k) + k*math.Log(odds) - z
			sum += math.Exp(chance + counts.logE(margin, g, null))
		}
		if sum > 1+1e-11 {
			t.Fatalf("the expectation is %.15f", sum)
		}
	})
}

func TestSignExpectationIsOne(t *testing.T) {
	for _, minutes := range []int{1, 2, 5, 60, 400} {
		sum := 0.0
		for above := range minutes + 1 {
			s := signTest{minutes: float64(minutes), above: float64(above)}
			sum += math.Exp(s.logE()) * (distuv.Binomial{N: float64(minutes), P: .5}).Prob(float64(above))
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("after %d minutes the expectation is %.12f", minutes, sum)
		}
	}
}

func TestSignStaysFinite(t *testing.T) {
	for _, s := range []signTest{{}, {1, 0}, {1, 1}, {5000, 0}, {5000, 2000}, {5000, 5000}, {1e6, 1}} {
		if log := s.logE(); math.IsNaN(log) || math.IsInf(log, 0) {
			t.Errorf("%+v: log S = %v", s, log)
		}
	}
}

// durations draws how long n units took, log-normally around a median.
func durations(r *rand.Rand, n int64, median float64) Durations {
	z := func(p float64) float64 { return distuv.UnitNormal.Quantile(p) }
	d := Durations{Units: n, P50: median * math.Exp(r.NormFloat64()/math.Sqrt(float64(n))), P90: median * math.Exp(z(.9)+1.7*r.NormFloat64()/math.Sqrt(float64(n)))}
	left, below := n, 0.0
	for i, p := range []float64{.5, .9, .99} { // the baseline's percentiles, its median being 1
		beyond := 1 - distuv.UnitNormal.CDF(z(p)-math.Log(median))
		left = int64(distuv.Binomial{N: float64(left), P: beyond / (1 - below), Src: r}.Rand())
		d.Slow[i], below = left, 1-beyond
	}
	return d
}

func TestLatency(t *testing.T) {
	for _, c := range []struct {
		name   string
		median float64
		want   release.Verdict
		within int // minutes, for a fail
	}{
		{"the same", 1, release.Pass, 0},
		{"faster", .8, release.Pass, 0},
		{"two times slower", 2, release.Fail, 3},
		{"half as slow again", 1.5, release.Fail, 8},
	} {
		r := rand.New(rand.NewPCG(41, 42))
		wrong := 0
		for range 50 {
			p, err := NewLatency(Settings{Margin: 1.25})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 40 {
				m := LatencyMinute{Start: at(i), Canary: durations(r, 100, c.median), Baseline: durations(r, 900, 1)}
				if err := p.Add(m); err != nil {
					t.Fatal(err)
				}
			}
			if row, failed := p.Decided(); p.Verdict() != c.want || failed && row >= c.within {
				wrong++
			}
		}
		if wrong > 2 {
			t.Errorf("%s: %d of 50 are not %v within %d minutes", c.name, wrong, c.want, c.within)
		}
	}
}

func TestLatencyRefusesImpossibleMinutes(t *testing.T) {
	p, _ := NewLatency(Settings{})
	wrong := LatencyMinute{Start: at(0), Canary: Durations{Units: 5, Slow: [thresholds]int64{1, 1, 6}}, Baseline: Durations{Units: 5}}
	if err := p.Add(wrong); release.CodeOf(err) != release.Invalid {
		t.Errorf("error is %v", err)
	}
	if p.Verdict() != release.NoData || p.rows != 0 {
		t.Errorf("%v after a wrong minute", p.Verdict())
	}
	if _, err := NewLatency(Settings{Margin: -1}); err == nil {
		t.Error("a negative margin is taken")
	}
}

func TestModeIsTheLargestTerm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := drawTable(t, 300)
		w := rapid.Float64Range(.01, 50).Draw(t, "odds")
		low, high := max(0, counts.slow-counts.baseline), min(counts.canary, counts.slow)
		top := counts.mode(w, low, high)
		if top < high && counts.step(top)*w > 1+1e-9 || top > low && counts.step(top-1)*w < 1-1e-9 {
			t.Fatalf("the mode is not at %v", top)
		}
	})
}
