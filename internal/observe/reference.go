package observe

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// What is normal is read from a day of whole hours: of the newest with enough units, or of the busiest. CloudWatch
// computes a percentile over the hour; percentiles of shorter times are never averaged.
const (
	hours  = 24
	enough = 1000 // units in an hour of which the p99 is worth something
)

// normal is a comparison of latency, as it was before the release: the indexes of its series.
type normal struct {
	name                 string
	of                   release.Metric // of the baseline
	units, p50, p90, p99 int
}

// Reference returns what is normal before a release: the baseline's percentiles for every comparison of latency. Notes
// name what has no data and what comes of it: a metric's name may be wrong, and nobody else would say so before the
// bake is over.
func (o *Observer) Reference(ctx context.Context, target release.Target, metrics release.Metrics) (release.Reference, error) {
	until := o.now().Add(-Watermark).Truncate(time.Minute)
	a := newAsk(window{Since: until.Truncate(time.Hour).Add(-hours * time.Hour), Until: until})
	var latencies []normal
	worked := map[string]int{} // by comparison: the series that shows whether the baseline is measured
	for _, c := range target.Checks.Compare {
		of, ok := metrics.Compared(c)
		if !ok {
			continue
		}
		hourly := per(of.Baseline.Main(), time.Hour)
		worked[c.Name] = a.want(hourly, "SampleCount")
		if of.Kind == release.CompareLatency {
			latencies = append(latencies, normal{
				c.Name, of.Baseline.Duration, worked[c.Name], a.want(hourly, "p50"), a.want(hourly, "p90"), a.want(hourly, "p99"),
			})
		}
	}
	if err := o.fetch(ctx, a); err != nil {
		return release.Reference{}, err
	}
	var reference release.Reference
	for _, c := range target.Checks.Compare {
		if i, asked := worked[c.Name]; asked && a.incomplete(i) == "" && len(a.answers[i].points) == 0 {
			reference.Notes = append(reference.Notes, fmt.Sprintf(
				"no data of %s in the last %d hours, so %s cannot be compared until there is; is that the metric's name, and is the workload publishing it?", a.asked[i], hours, c.Name))
		}
	}
	for _, n := range latencies {
		if t, ok := a.thresholds(n); ok {
			reference.Latency = append(reference.Latency, t)
		} else if problem := a.incomplete(n.units, n.p50, n.p90, n.p99); problem != "" {
			return release.Reference{}, release.Errorf(release.Unavailable, "latency before the release", "%s; look again", problem)
		} else if len(a.answers[n.units].points) > 0 {
			reference.Notes = append(reference.Notes, fmt.Sprintf(
				"CloudWatch has no percentiles of %s, so %s cannot be compared; publish single values or values with counts, none of them negative, not statistic sets", n.of, n.name))
		}
	}
	return reference, nil
}

// thresholds returns the percentiles of the newest hour with enough units, or of the busiest.
func (a *ask) thresholds(n normal) (best release.Thresholds, ok bool) {
	if a.incomplete(n.units, n.p50, n.p90, n.p99) != "" {
		return best, false
	}
	for _, p := range slices.Backward(a.ordered(n.units)) {
		t := release.Thresholds{Name: n.name, Units: int64(p.value), From: p.at, To: p.at.Add(time.Hour)}
		if t.To.After(a.window.Until) {
			t.To = a.window.Until
		}
		t.P50, t.P90, t.P99 = a.at(n.p50, p.at), a.at(n.p90, p.at), a.at(n.p99, p.at)
		if t.Units <= best.Units || !(t.P50 >= 0 && t.P90 >= t.P50 && t.P99 >= t.P90 && t.P99 > 0) {
			continue
		}
		if best, ok = t, true; t.Units >= enough {
			break
		}
	}
	return best, ok
}

// ordered returns the points of a series in the order of time.
func (a *ask) ordered(index int) []point {
	return slices.SortedStableFunc(slices.Values(a.answers[index].points), func(p, q point) int { return p.at.Compare(q.at) })
}

// at returns the value of a series at a time, rounded to three digits: a threshold that people can read does as well.
// NaN where there is none.
func (a *ask) at(index int, at time.Time) float64 {
	for _, p := range a.answers[index].points {
		if p.at.Equal(at) {
			return significant(p.value)
		}
	}
	return math.NaN()
}

func significant(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return math.NaN()
	}
	return rounded
}
