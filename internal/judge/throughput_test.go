package judge

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/release"
)

func TestThroughput(t *testing.T) {
	for _, c := range []struct {
		name   string
		slower float64
		want   release.Verdict
	}{
		{"the same", 1, release.Pass},
		{"faster", .7, release.Pass},
		{"two times slower", 2, release.Fail},
		{"stuck", math.Inf(1), release.Fail},
	} {
		r := rand.New(rand.NewPCG(51, 52))
		wrong := 0
		for range 50 {
			p, err := NewThroughput(Settings{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 40 {
				m := WorkMinute{Start: at(i), Canary: Work{Workers: 2}, Baseline: Work{Workers: 18}}
				m.Canary.Units = int64(distuv.Poisson{Lambda: 40/c.slower + 1e-9, Src: r}.Rand())
				m.Baseline.Units = int64(distuv.Poisson{Lambda: 360, Src: r}.Rand())
				if err := p.Add(m); err != nil {
					t.Fatal(err)
				}
			}
			if row, failed := p.Decided(); p.Verdict() != c.want || failed && row > 9 {
				wrong++
			}
		}
		if wrong > 2 {
			t.Errorf("%s: %d of 50 are not %v", c.name, wrong, c.want)
		}
	}
}

func TestThroughputRefusesImpossibleMinutes(t *testing.T) {
	for _, m := range []WorkMinute{
		{Start: at(1), Canary: Work{Units: -1, Workers: 1}},
		{Start: at(1), Canary: Work{Units: 1, Workers: math.NaN()}},
		{Start: at(1), Baseline: Work{Units: 1, Workers: -1}},
		{Start: at(0)},
	} {
		p, _ := NewThroughput(Settings{})
		if err := p.Add(WorkMinute{Start: at(0)}); err != nil || p.Verdict() != release.NoData {
			t.Fatalf("an idle minute: error %v, %v", err, p.Verdict())
		}
		if err := p.Add(m); release.CodeOf(err) != release.Invalid {
			t.Errorf("%+v: error is %v", m, err)
		}
	}
}

// The interval is that of a ratio of rates known to the test: it holds the truth at every look of nearly all runs.
func TestThroughputIntervalHoldsTheTruth(t *testing.T) {
	const truth, runs = 1.5, 200
	r := rand.New(rand.NewPCG(53, 54))
	missed, widest := 0, 0.0
	for range runs {
		p, err := NewThroughput(Settings{FixedDispersion: true})
		if err != nil {
			t.Fatal(err)
		}
		held := true
		for i := range 60 {
			m := WorkMinute{Start: at(i), Canary: Work{Workers: 2}, Baseline: Work{Workers: 18}}
			m.Canary.Units = int64(distuv.Poisson{Lambda: 20, Src: r}.Rand())
			m.Baseline.Units = int64(distuv.Poisson{Lambda: 180 * truth, Src: r}.Rand())
			if err := p.Add(m); err != nil {
				t.Fatal(err)
			}
			between := p.Interval()
			held = held && between.Low <= truth && truth <= between.High
		}
		widest = max(widest, p.Interval().High/p.Interval().Low)
		if !held {
			missed++
		}
	}
	if missed > runs/20 || widest > 1.4 {
		t.Errorf("missed the truth in %d of %d runs; the widest at the end spans a factor of %.2f", missed, runs, widest)
	}
}
