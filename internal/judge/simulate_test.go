package judge

import (
	"flag"
	"math/rand/v2"
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

// runs makes the simulations as large as one likes; the bounds below allow for the noise of the default.
var runs = flag.Int("runs", 300, "runs of each simulated scenario")

func judged(t *testing.T, minutes []Minute, s Settings) *Process {
	t.Helper()
	p, err := NewProcess(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range minutes {
		if err := p.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestGoodCanariesAreKept(t *testing.T) {
	for _, sc := range good() {
		r := rand.New(rand.NewPCG(1, 2))
		failed, passed := 0, 0
		for range *runs {
			switch judged(t, sc.draw(r), Settings{}).Verdict() {
			case release.Fail:
				failed++
			case release.Pass:
				passed++
			}
		}
		t.Logf("%-16s false rollback %.2f %%, passed %.1f %%", sc.name, 100*float64(failed)/float64(*runs), 100*float64(passed)/float64(*runs))
		if limit := float64(*runs)/100 + 3; float64(failed) > limit {
			t.Errorf("%s: %d of %d rolled back", sc.name, failed, *runs)
		}
	}
}

func TestBadCanariesAreCaughtFast(t *testing.T) {
	for _, sc := range bad() {
		r := rand.New(rand.NewPCG(1, 2))
		mine, best, early, missed := 0.0, 0.0, 0, 0
		for range *runs {
			minutes := sc.draw(r)
			row, failed := judged(t, minutes, Settings{}).Decided()
			switch {
			case !failed:
				missed, row = missed+1, len(minutes)-1
			case row < sc.onset-1:
				early++
			}
			mine += float64(row - sc.onset + 2)
			best += float64(oracle(minutes, sc, 1.25, .01, .05) - sc.onset + 2)
		}
		mine, best = mine/float64(*runs), best/float64(*runs)
		polls := 1.0
		if sc.onset > 1 {
			polls = 3
		}
		t.Logf("%-22s caught after %.2f minutes, the oracle after %.2f (%.2f times)", sc.name, mine, best, mine/best)
		if mine > 1.3*best+polls+.25 || missed > 0 || early > 1+*runs/100 {
			t.Errorf("%s: caught after %.2f minutes, the oracle after %.2f; %d missed, %d early", sc.name, mine, best, missed, early)
		}
	}
}

func TestWorseCanariesDoNotPass(t *testing.T) {
	for _, rate := range []float64{.002, .01, .05} {
		sc := scenario{perMin: 6000, share: constant(.1), rates: steady(rate, 2, 1), minutes: 40}
		r := rand.New(rand.NewPCG(3, 4))
		passed := 0
		for range *runs {
			p, _ := NewProcess(Settings{})
			ever := false
			for _, m := range sc.draw(r) {
				if err := p.Add(m); err != nil {
					t.Fatal(err)
				}
				ever = ever || p.excludesWorse()
			}
			if ever {
				passed++
			}
		}
		t.Logf("%.1f %% x2 passed at any of 40 looks in %.1f %%", 100*rate, 100*float64(passed)/float64(*runs))
		if float64(passed) > .05*float64(*runs)+3 {
			t.Errorf("rate %v: %d of %d passed at some look", rate, passed, *runs)
		}
	}
}

// The interval must hold the true ratio at all looks together.
func TestIntervalHoldsTheRatio(t *testing.T) {
	for _, c := range []struct{ rate, ratio, share float64 }{{.01, 1, .05}, {.001, 10, .05}, {.002, 2, .5}, {.0005, .5, .25}} {
		sc := scenario{perMin: 2000, share: constant(c.share), rates: steady(c.rate, c.ratio, 1), minutes: 30}
		r := rand.New(rand.NewPCG(5, 6))
		misses := 0
		for range *runs / 6 {
			p, _ := NewProcess(Settings{FixedDispersion: true})
			missed := false
			for _, m := range sc.draw(r) {
				if err := p.Add(m); err != nil {
					t.Fatal(err)
				}
				i := p.Interval()
				missed = missed || c.ratio < i.Low || c.ratio > i.High
			}
			if missed {
				misses++
			}
		}
		if float64(misses) > .05*float64(*runs)/6+3 {
			t.Errorf("%+v: %d of %d runs missed the ratio", c, misses, *runs/3)
		}
	}
}
