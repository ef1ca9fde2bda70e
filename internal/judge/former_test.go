package judge

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/release"
)

// drifting is a failure rate over time, which a release neither makes nor ends: minutes count from four hours before it.
type drifting struct {
	name  string
	limit float64 // of false rollbacks
	rate  func(r *rand.Rand) func(minute int) float64
}

const beforeIt = 240 // minutes

// drifts are rates that change by themselves, so that the minutes after a switch are not those before it.
func drifts() []drifting {
	return []drifting{
		{"steady", .01, func(*rand.Rand) func(int) float64 { return func(int) float64 { return .01 } }},
		{"noisy", .01, func(r *rand.Rand) func(int) float64 {
			factor := distuv.Gamma{Alpha: 1 / .36, Beta: 1 / .36, Src: r}
			return func(int) float64 { return .01 * factor.Rand() }
		}},
		{"wandering", .01, func(r *rand.Rand) func(int) float64 {
			canary := wandering(.01, .5, .4)(r)
			return func(minute int) float64 { rate, _ := canary(minute); return rate }
		}},
		{"wandering slowly", .04, func(r *rand.Rand) func(int) float64 {
			canary := wandering(.01, .9, .4)(r)
			return func(minute int) float64 { rate, _ := canary(minute); return rate }
		}},
		{"by the day", .01, func(r *rand.Rand) func(int) float64 {
			phase := 2 * math.Pi * r.Float64()
			return func(minute int) float64 { return .01 * (1 + .5*math.Sin(phase+2*math.Pi*float64(minute)/1440)) }
		}},
	}
}

// A canary that does all of the work is compared with the minutes before it, so what changes with time looks like the
// canary's doing; the hours before tell how much of that is usual.
func TestWhatDriftsByItselfIsKept(t *testing.T) {
	for _, d := range drifts() {
		r := rand.New(rand.NewPCG(7, 8))
		failed, caught := 0, 0
		for range *runs {
			rate := d.rate(r)
			var history, same, worse []Minute
			for i := range beforeIt {
				history = append(history, Minute{Start: time.Unix(int64(60*i), 0), Baseline: draw(r, 6000, rate(i))})
			}
			for i := range int(release.LongestFullBake / time.Minute) {
				p := rate(beforeIt + i)
				m := Minute{Start: time.Unix(int64(60*(beforeIt+i)), 0), Former: true, Baseline: history[beforeIt-1-i].Baseline, Canary: draw(r, 6000, p)}
				same = append(same, m)
				m.Canary = draw(r, 6000, min(1, 10*p))
				worse = append(worse, m)
			}
			noise, err := Noise(history)
			if err != nil {
				t.Fatal(err)
			}
			if judged(t, same, Settings{Noise: noise}).Verdict() == release.Fail {
				failed++
			}
			if judged(t, worse, Settings{Noise: noise}).Verdict() == release.Fail {
				caught++
			}
		}
		t.Logf("%-16s false rollback %.2f %%, x10 caught in %.1f %%", d.name, 100*float64(failed)/float64(*runs), 100*float64(caught)/float64(*runs))
		if float64(failed) > d.limit*float64(*runs)+3 {
			t.Errorf("%s: %d of %d rolled back", d.name, failed, *runs)
		}
		if caught < *runs*95/100 {
			t.Errorf("%s: %d of %d that fail ten times as often are caught", d.name, caught, *runs)
		}
	}
}
