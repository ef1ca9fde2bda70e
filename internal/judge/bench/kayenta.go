package bench

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/judge"
)

// class is what the rank test makes of a metric.
type class int

const (
	same class = iota
	high
	low
)

// Kayenta's own settings: the shift must exceed a quarter of itself with a confidence of 98 %.
const (
	kayentaTolerance  = .25
	kayentaConfidence = .98
	kayentaFewest     = 5 // minutes before the first look
)

// classify says whether the canary's values lie above or below the baseline's, as Kayenta's classifier of metrics does:
// the confidence interval of the shift between the two (Mann and Whitney 1947; Hodges and Lehmann 1963; the normal
// approximation with the correction for ties and for continuity) must lie wholly beyond a part of its estimate.
func classify(canary, baseline []float64, tolerance, confidence float64) class {
	if len(canary) == 0 || len(baseline) == 0 || slices.Equal(canary, baseline) {
		return same
	}
	z := distuv.UnitNormal.Quantile(1 - (1-confidence)/2)
	bound := tolerance * math.Abs(shift(canary, baseline, 0))
	switch {
	case shift(canary, baseline, z) > bound:
		return high
	case shift(canary, baseline, -z) < -bound:
		return low
	}
	return same
}

// shift returns the shift of the canary's values at which the standardised rank sum falls through a quantile.
func shift(canary, baseline []float64, quantile float64) float64 {
	from, to := slices.Min(canary)-slices.Max(baseline), slices.Max(canary)-slices.Min(baseline)
	if rankSum(canary, baseline, from) <= quantile {
		return from
	}
	if rankSum(canary, baseline, to) >= quantile {
		return to
	}
	for range 40 {
		if middle := (from + to) / 2; rankSum(canary, baseline, middle) > quantile {
			from = middle
		} else {
			to = middle
		}
	}
	return (from + to) / 2
}

// rankSum returns the standardised rank sum of the canary's values less a shift; 0 where all values are the same.
func rankSum(canary, baseline []float64, shift float64) float64 {
	type value struct {
		v      float64
		canary bool
	}
	values := make([]value, 0, len(canary)+len(baseline))
	for _, v := range canary {
		values = append(values, value{v - shift, true})
	}
	for _, v := range baseline {
		values = append(values, value{v, false})
	}
	slices.SortFunc(values, func(a, b value) int { return cmp.Compare(a.v, b.v) })
	sum, ties := 0.0, 0.0
	for i := 0; i < len(values); {
		end := i
		for end < len(values) && values[end].v == values[i].v {
			end++
		}
		n := float64(end - i)
		ties += n*n*n - n
		for ; i < end; i++ {
			if values[i].canary {
				sum += float64(end) - (n-1)/2
			}
		}
	}
	a, b := float64(len(canary)), float64(len(baseline))
	sum -= a*(a+1)/2 + a*b/2
	variance := a * b / 12 * (a + b + 1 - ties/((a+b)*(a+b-1)))
	if variance <= 0 {
		return 0
	}
	return (sum - sgn(sum)/2) / math.Sqrt(variance)
}

func sgn(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// rankTest repeats the test of the per-minute failure rates at every look.
func rankTest(_ world, _, minutes []judge.Minute) int {
	var canary, baseline []float64
	for i, m := range minutes {
		if m.Canary.Units > 0 && m.Baseline.Units > 0 {
			canary, baseline = append(canary, m.Canary.Rate()), append(baseline, m.Baseline.Rate())
		}
		if len(canary) >= kayentaFewest && classify(canary, baseline, kayentaTolerance, kayentaConfidence) == high {
			return i
		}
	}
	return -1
}
