package bench

import (
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// world is one release as it is simulated.
type world struct {
	perMinute float64 // units, both arms together
	share     float64 // of the canary, 0 to 1
	failures  float64 // failure rate of the baseline, 0 to 1
	minutes   int

	onset int     // first bad minute, from 1; 0 where the canary is as good
	ratio float64 // of the failure rates from then on

	spread      float64 // standard deviation of the log of the canary's rate; 0 is no noise
	correlation float64 // of that from minute to minute
	history     int     // minutes before the release in which both arms ran the same version, with the same noise

	common func(minute int) float64                    // times the rate of both arms
	steps  func(minute int) float64                    // the canary's share, where it changes
	bursts func(r *rand.Rand) (canary, baseline int64) // failures that come in lumps
	gamma  float64                                     // coefficient of variation of a gamma factor a minute
}

// draw makes the history and the minutes of one run.
func (w world) draw(r *rand.Rand) (history, minutes []judge.Minute) {
	before := w
	before.onset, before.common, before.steps = 0, nil, nil
	return before.run(r, w.history, -w.history), w.run(r, w.minutes, 0)
}

func (w world) run(r *rand.Rand, n, from int) []judge.Minute {
	noise := w.noise(r)
	minutes := make([]judge.Minute, n)
	for i := range minutes {
		share, base := w.share, w.failures
		if w.steps != nil {
			share = w.steps(i + 1)
		}
		if w.common != nil {
			base *= w.common(i + 1)
		}
		canary := base * noise()
		if w.onset > 0 && i+1 >= w.onset {
			canary *= w.ratio
		}
		m := judge.Minute{
			Start:  time.Unix(int64(60*(from+i)), 0).UTC(),
			Canary: arm(r, w.perMinute*share, canary), Baseline: arm(r, w.perMinute*(1-share), base),
		}
		if w.bursts != nil {
			a, b := w.bursts(r)
			m.Canary.Failed = min(m.Canary.Units, m.Canary.Failed+a)
			m.Baseline.Failed = min(m.Baseline.Units, m.Baseline.Failed+b)
		}
		minutes[i] = m
	}
	return minutes
}

// noise returns the factors of the canary's rate, minute by minute; their mean is 1.
func (w world) noise(r *rand.Rand) func() float64 {
	switch {
	case w.gamma > 0:
		k := 1 / w.gamma / w.gamma
		return distuv.Gamma{Alpha: k, Beta: k, Src: r}.Rand
	case w.spread > 0:
		z := w.spread * r.NormFloat64()
		return func() float64 {
			factor := math.Exp(z - w.spread*w.spread/2)
			z = w.correlation*z + w.spread*math.Sqrt(1-w.correlation*w.correlation)*r.NormFloat64()
			return factor
		}
	}
	return func() float64 { return 1 }
}

func arm(r *rand.Rand, units, rate float64) release.Arm {
	n := int64(distuv.Poisson{Lambda: units, Src: r}.Rand())
	if n == 0 || rate <= 0 {
		return release.Arm{Units: n}
	}
	return release.Arm{Units: n, Failed: int64(distuv.Binomial{N: float64(n), P: min(rate, 1), Src: r}.Rand())}
}

// Scenario draws worlds: always the same one, or one of a stated range for each run.
type Scenario struct {
	Name  string
	world func(r *rand.Rand) world
}
