package cloudwatch

import (
	"math"
	"regexp"
	"strconv"
)

// statistic is what is made of the samples of a period.
type statistic struct {
	kind      kind
	low, high float64 // of TC and PR; high is the percentile of p
}

type kind int

const (
	sum kind = iota
	sampleCount
	average
	minimum
	maximum
	percentile
	trimmedCount
	percentileRank
)

var simple = map[string]kind{"Sum": sum, "SampleCount": sampleCount, "Average": average, "Minimum": minimum, "Maximum": maximum}

var (
	percentileForm = regexp.MustCompile(`^p(\d{1,3}(?:\.\d{1,10})?)$`)
	rangeForm      = regexp.MustCompile(`^(TC|PR)\((-?\d+(?:\.\d+)?)?:(-?\d+(?:\.\d+)?)?\)$`)
)

// parseStatistic reads Sum, SampleCount, Average, Minimum, Maximum, p0 to p100, and TC and PR by values.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
func parseStatistic(text string) (statistic, bool) {
	if k, ok := simple[text]; ok {
		return statistic{kind: k}, true
	}
	if m := percentileForm.FindStringSubmatch(text); m != nil {
		p, err := strconv.ParseFloat(m[1], 64)
		return statistic{kind: percentile, high: p}, err == nil && p <= 100
	}
	m := rangeForm.FindStringSubmatch(text)
	if m == nil || m[2] == "" && m[3] == "" {
		return statistic{}, false
	}
	s := statistic{kind: trimmedCount, low: bound(m[2], math.Inf(-1)), high: bound(m[3], math.Inf(1))}
	if m[1] == "PR" {
		s.kind = percentileRank
	}
	return s, s.low < s.high
}

func bound(text string, open float64) float64 {
	if text == "" {
		return open
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil { // the form is checked; only the range can be wrong
		return math.NaN()
	}
	return v
}

// of returns the statistic of a series over the minutes [from, to) as they showed at the given time; ok is false where
// there is no data point.
func (st statistic) of(s *Series, from, to, seen int64) (value float64, ok bool) {
	if s == nil {
		return 0, false
	}
	if st.kind >= percentile {
		values, ok := s.valuesOver(from, to, seen)
		if !ok {
			return 0, false
		}
		return st.ofValues(values), true
	}
	all, ok := s.over(from, to, seen)
	if !ok {
		return 0, false
	}
	return st.ofPoint(&all), true
}

// ofPoint returns a statistic for which sums are enough.
func (st statistic) ofPoint(p *point) float64 {
	switch st.kind {
	case sampleCount:
		return p.count
	case average:
		return p.sum / p.count
	case minimum:
		return p.least
	case maximum:
		return p.most
	}
	return p.sum
}

func (st statistic) ofValues(values histogram) float64 {
	switch st.kind {
	case trimmedCount:
		return values.within(st.low, st.high)
	case percentileRank:
		return 100 * values.within(st.low, st.high) / values.total()
	}
	return values.percentile(st.high)
}
