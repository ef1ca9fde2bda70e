package judge

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

func TestExcessIsTheSumOfSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var steps []step
		var d dispersion
		for range rapid.IntRange(firstGuess, 30).Draw(t, "minutes") {
			events := rapid.IntRange(1, 200).Draw(t, "d")
			s := step{d: float64(events), x: float64(rapid.IntRange(0, events).Draw(t, "x")), pi: rapid.Float64Range(.01, .99).Draw(t, "pi")}
			steps = append(steps, s)
			d.count(s, 1)
		}
		canary, base := .5, .5
		for _, s := range steps {
			canary, base = canary+s.x*(1-s.pi), base+(s.d-s.x)*s.pi
		}
		n, sum, kurtosis := 4+float64(len(steps)), 4.0, 0.0
		for _, s := range steps {
			z := (s.x - s.d*s.canaryOdds(canary/base)) / math.Sqrt(s.information(canary/base))
			sum += z * z
			kurtosis += 1 / s.information(1)
		}
		if want := sum/(n-1) - math.Sqrt(2*n+kurtosis)/n - 1; !near(d.excess(), want) {
			t.Fatalf("excess %v, want %v", d.excess(), want)
		}
	})
}

// lumps makes every failure count several times in both arms.
func lumps(size int64, seed uint64) []Minute {
	r := rand.New(rand.NewPCG(seed, 1))
	sc := scenario{perMin: 6000 * float64(size), share: constant(.2), rates: steady(.01/float64(size), 1, 1), minutes: 60}
	minutes := sc.draw(r)
	for i := range minutes {
		minutes[i].Canary.Failed *= size
		minutes[i].Baseline.Failed *= size
	}
	return minutes
}

func TestDispersionFindsLumps(t *testing.T) {
	for _, size := range []int64{1, 5, 20} {
		mean := 0.0
		for seed := range uint64(20) {
			mean += judged(t, lumps(size, seed), Settings{}).Dispersion() / 20
		}
		if mean < .7*float64(size) || mean > 1.2*float64(size) {
			t.Errorf("failures come %d at a time: phi = %.2f", size, mean)
		}
	}
}

func TestDispersionIsAtLeastWhatIsSet(t *testing.T) {
	s := step{x: 3, d: 60, pi: .05}
	for _, c := range []struct {
		settings Settings
		want     float64
	}{
		{Settings{Dispersion: 1}, 1},
		{Settings{Dispersion: 5}, 5},
		{Settings{Dispersion: 1, Noise: 2}, 1 + 2*60*.05*.95},
		{Settings{Dispersion: 1, Noise: 2, FixedDispersion: true}, 1},
	} {
		d := newDispersion(c.settings)
		if got := d.phi(s); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: phi %v, want %v", c.settings, got, c.want)
		}
	}
}

func TestDispersionOfAMinuteIgnoresThatMinute(t *testing.T) {
	p := judged(t, same(10, 300, 3, 5700, 57), Settings{})
	if err := p.Add(row(10, 300, 60, 5700, 57)); err != nil {
		t.Fatal(err)
	}
	if p.Dispersion() != 1 {
		t.Errorf("phi = %v in the minute of the burst itself", p.Dispersion())
	}
	for minute := 11; minute < 11+patience; minute++ {
		if err := p.Add(row(minute, 300, 3, 5700, 57)); err != nil {
			t.Fatal(err)
		}
	}
	if p.Dispersion() < 2 {
		t.Errorf("phi = %v when it no longer waits", p.Dispersion())
	}
}

func TestNewestMinutesWait(t *testing.T) {
	burst, calm := step{x: 60, d: 120, pi: .05}, step{x: 3, d: 60, pi: .05}
	d := newDispersion(Settings{Dispersion: 1})
	for range 40 {
		d.add(calm, 1)
	}
	d.add(burst, 1)
	for waits := range patience {
		if d.minutes != 41-patience+float64(waits) || d.phi(calm) != 1 {
			t.Fatalf("after %d minutes more: %v count, phi %v", waits, d.minutes, d.phi(calm))
		}
		d.add(calm, 1)
	}
	if d.phi(calm) < 2 {
		t.Errorf("phi = %v once the burst counts", d.phi(calm))
	}
}

// A canary that is steadily worse is no scatter: phi must not hide it.
func TestALevelIsNoScatter(t *testing.T) {
	p := judged(t, same(30, 300, 30, 5700, 57), Settings{})
	if p.Dispersion() != 1 {
		t.Errorf("phi = %v", p.Dispersion())
	}
}

func TestNoiseScalesWithTheShare(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	small := judged(t, scenario{perMin: 6000, share: constant(.05), rates: gammaNoise(.01, .6), minutes: 60}.draw(r), Settings{})
	at50 := step{d: 60, pi: .5}
	at5 := step{d: 60, pi: .05}
	if a, b := small.scatter.phi(at5), small.scatter.phi(at50); b < 1+3*(a-1) || a == 1 {
		t.Errorf("phi %v at 5 %% and %v at 50 %%", a, b)
	}
}

func TestNoiseOfHistory(t *testing.T) {
	history := func(rates rates, twoArms bool) []Minute {
		sc := scenario{perMin: 6000, share: constant(.2), rates: rates, minutes: 240}
		minutes := sc.draw(rand.New(rand.NewPCG(11, 12)))
		if !twoArms { // the noisy arm is the canary's
			for i, m := range minutes {
				minutes[i].Canary, minutes[i].Baseline = release.Arm{}, m.Canary
			}
		}
		return minutes
	}
	for _, c := range []struct {
		name    string
		rates   rates
		twoArms bool
		low     float64
		high    float64
	}{
		{"chance, both arms", steady(.01, 1, 1), true, 0, .05},
		{"chance, baseline only", steady(.01, 1, 1), false, 0, .05},
		{"an incident, both arms", incident(.01), true, 0, .05},
		{"an incident, baseline only", incident(.001), false, 0, .6},
		{"noise of 0.36, both arms", gammaNoise(.01, .6), true, .15, .6},
		{"noise of 0.36 twice, baseline only", gammaNoise(.01, .6), false, .25, 1.2},
		{"noise that stays, both arms", wandering(.01, .9, .5), true, .6, 6},
	} {
		got, err := Noise(history(c.rates, c.twoArms))
		if err != nil || got < c.low || got > c.high {
			t.Errorf("%s: %v (error %v), want %v to %v", c.name, got, err, c.low, c.high)
		}
	}
	if got, err := Noise(same(9, 100, 9, 900, 1)); got != 0 || err != nil {
		t.Errorf("nine minutes tell a noise of %v (error %v)", got, err)
	}
	if _, err := Noise([]Minute{row(1, 1, 2, 3, 4)}); err == nil {
		t.Error("an impossible minute of history is taken")
	}
}

// Noise that stays for many minutes looks like a bad canary; only a history tells them apart.
func TestHistoryGuardsAgainstNoiseThatStays(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	sc := scenario{perMin: 6000, share: constant(.05), rates: wandering(.01, .9, .5), minutes: 240}
	failed, blind := 0, 0
	for range 100 {
		noise, err := Noise(sc.draw(r))
		if err != nil {
			t.Fatal(err)
		}
		minutes := sc.draw(r)[:60]
		if judged(t, minutes, Settings{Noise: noise}).Verdict() == release.Fail {
			failed++
		}
		if judged(t, minutes, Settings{}).Verdict() == release.Fail {
			blind++
		}
	}
	if failed > 4 || blind < 12 {
		t.Errorf("%d of 100 rolled back with a history, %d without", failed, blind)
	}
}

func TestMedianOfChiSquare(t *testing.T) {
	if want := (distuv.ChiSquared{K: 1}).Quantile(.5); math.Abs(want-.455) > 1e-4 {
		t.Errorf("the median of chi-square is %v", want)
	}
}
