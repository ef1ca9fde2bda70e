package workload

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// poisson draws how many of independent events happen where mean are expected.
func poisson(rng *rand.Rand, mean float64) int64 {
	if mean <= 0 {
		return 0
	}
	return int64(distuv.Poisson{Lambda: mean, Src: rng}.Rand())
}

// binomial draws how many of n succeed with chance p each.
func binomial(rng *rand.Rand, n int64, p float64) int64 {
	switch {
	case n <= 0 || p <= 0:
		return 0
	case p >= 1:
		return n
	}
	return min(n, max(0, int64(distuv.Binomial{N: float64(n), P: p, Src: rng}.Rand())))
}

// multinomial draws how n are dealt out by weight, into counts; no weight, nothing dealt.
func multinomial(rng *rand.Rand, n int64, weights []float64, counts []int64) {
	rest := 0.0
	last := -1
	for i, w := range weights {
		counts[i] = 0
		if w > 0 {
			rest += w
			last = i
		}
	}
	for i, w := range weights {
		switch {
		case n == 0 || w <= 0:
			continue
		case i == last:
			counts[i] = n
		default:
			counts[i] = binomial(rng, n, w/rest)
			n -= counts[i]
			rest -= w
		}
		if i == last {
			return
		}
	}
}

// round rounds to one of the two neighbours, so that the mean stays.
func round(rng *rand.Rand, v float64) int64 {
	whole := int64(v)
	if rng.Float64() < v-float64(whole) {
		whole++
	}
	return whole
}
