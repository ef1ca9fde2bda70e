package cloudwatch

import (
	"cmp"
	"slices"
)

// histogram is a distribution: values from the least to the greatest with their counts.
type histogram []bucket

type bucket struct{ value, count float64 }

func (h histogram) sorted() histogram {
	slices.SortFunc(h, func(a, b bucket) int { return cmp.Compare(a.value, b.value) })
	return h
}

// merge returns both distributions in one, without changing either.
func (h histogram) merge(other histogram) histogram {
	merged := make(histogram, 0, len(h)+len(other))
	for len(h) > 0 && len(other) > 0 {
		switch {
		case h[0].value < other[0].value:
			merged, h = append(merged, h[0]), h[1:]
		case h[0].value > other[0].value:
			merged, other = append(merged, other[0]), other[1:]
		default:
			merged = append(merged, bucket{h[0].value, h[0].count + other[0].count})
			h, other = h[1:], other[1:]
		}
	}
	return append(append(merged, h...), other...)
}

func (h histogram) total() (n float64) {
	for _, b := range h {
		n += b.count
	}
	return n
}

// percentile returns the least value that at least p percent of the samples do not exceed.
func (h histogram) percentile(p float64) float64 {
	need := h.total() * p / 100
	for _, b := range h {
		if need -= b.count; need <= 1e-9 {
			return b.value
		}
	}
	return h[len(h)-1].value
}

// within counts the samples above low and up to high, as TC and PR do.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
func (h histogram) within(low, high float64) (n float64) {
	for _, b := range h {
		if b.value > low && b.value <= high {
			n += b.count
		}
	}
	return n
}
