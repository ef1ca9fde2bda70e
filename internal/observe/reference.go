package observe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// What is normal is read from a day of whole hours: of the newest with enough units, or of the busiest. CloudWatch
// computes a percentile over the hour; percentiles of shorter times are never averaged.
const (
	hours  = 24
	enough = 1000 // units in an hour of which the p99 is worth something
)

// usual is a comparison as it was before the release: the indexes of its series.
type usual struct {
	release.Comparison
	baseline      release.Metric
	units         int   // samples of the baseline
	failed        []int // samples of failures, of both arms
	p50, p90, p99 int   // of latency
}

// Reference returns what is normal before a release: the baseline's percentiles for every comparison of latency. Notes
// name what has no data and what comes of it: a metric's name may be wrong, and nobody else would say so before the
// bake is over.
func (o *Observer) Reference(ctx context.Context, target release.Target, metrics release.Metrics) (release.Reference, error) {
	if len(target.Checks.Alarms)+len(target.Checks.Compare) == 0 {
		return release.Reference{}, nil
	}
	until := o.now().Add(-Watermark).Truncate(time.Minute)
	a := newAsk(window{Since: until.Truncate(time.Hour).Add(-hours * time.Hour), Until: until})
	silent, err := o.silent(ctx, target.Checks.Alarms)
	if err != nil {
		return release.Reference{}, err
	}
	sampled := a.alarms(silent)
	var before []usual
	for _, c := range target.Checks.Compare {
		// The canary's metrics may have no name yet: that of a load balancer that a release makes ends in an id.
		if of, _ := metrics.Compared(c); !of.Baseline.Main().IsZero() {
			before = append(before, a.usual(c, of))
		}
	}
	if err := o.fetch(ctx, a); err != nil {
		return release.Reference{}, err
	}
	var reference release.Reference
	for _, u := range before {
		if err := a.refer(u, &reference); err != nil {
			return release.Reference{}, err
		}
	}
	for i, alarm := range silent {
		if len(sampled[i]) > 0 && a.empty(sampled[i]...) {
			reference.Notes = append(reference.Notes, fmt.Sprintf(
				"alarm %s has had no data in the last %d hours: it can stop nothing and proves nothing; that is usual where what it counts has not happened, otherwise correct its metric %s", alarm.Name, hours, a.names(sampled[i])))
		}
	}
	return reference, nil
}

// silent returns the alarms that have no data now.
func (o *Observer) silent(ctx context.Context, names []string) ([]described, error) {
	alarms, err := o.describe(ctx, names)
	return slices.DeleteFunc(alarms, func(a described) bool { return a.State != judge.InsufficientData }), err
}

// usual asks what a comparison's metrics were by the hour.
func (a *ask) usual(c release.Comparison, of release.Compared) usual {
	hourly := per(of.Baseline.Main(), time.Hour)
	u := usual{Comparison: c, baseline: of.Baseline.Main(), units: a.want(hourly, "SampleCount")}
	for _, m := range append(slices.Clone(of.Baseline.Failed), of.Canary.Failed...) {
		u.failed = append(u.failed, a.want(per(m, time.Hour), "SampleCount"))
	}
	if of.Kind == release.CompareLatency {
		u.p50, u.p90, u.p99 = a.want(hourly, "p50"), a.want(hourly, "p90"), a.want(hourly, "p99")
	}
	return u
}

// refer adds what is normal for one comparison. What cannot be told now because CloudWatch did not answer completely is
// asked again where it is a threshold, and left alone where it is only a note.
func (a *ask) refer(u usual, to *release.Reference) error {
	note := func(format string, args ...any) { to.Notes = append(to.Notes, fmt.Sprintf(format, args...)) }
	if u.Kind() == release.CompareLatency {
		if problem := a.incomplete(u.units, u.p50, u.p90, u.p99); problem != "" {
			return release.Errorf(release.Unavailable, "latency before the release", "%s; look again", problem)
		}
		if t, ok := a.thresholds(u); ok {
			to.Latency = append(to.Latency, t)
		} else if !a.empty(u.units) {
			note("CloudWatch has no percentiles of %s, so %s cannot be compared; publish single values or values with counts, none of them negative, not statistic sets", u.baseline, u.Name)
		}
	}
	switch {
	case a.empty(u.units):
		note("no data of %s in the last %d hours, so %s cannot be compared until there is; is that the metric's name, and is the workload publishing it?", u.baseline, hours, u.Name)
	case u.Platform == "" && len(u.failed) > 0 && a.empty(u.failed...): // what AWS itself counts has the right name
		note("no data of %s in the last %d hours: either nothing has failed, or the name is wrong and %s would not see a failing canary", a.names(u.failed), hours, u.Name)
	}
	return nil
}

// empty reports whether series were answered completely, and hold nothing.
func (a *ask) empty(indexes ...int) bool {
	return a.incomplete(indexes...) == "" && !slices.ContainsFunc(indexes, func(i int) bool { return len(a.answers[i].points) > 0 })
}

// thresholds returns the percentiles of the newest hour with enough units, or of the busiest.
func (a *ask) thresholds(n usual) (best release.Thresholds, ok bool) {
	for _, p := range slices.Backward(a.ordered(n.units)) {
		t := release.Thresholds{Name: n.Name, Units: int64(p.value), From: p.time(), To: p.time().Add(time.Hour)}
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
	return slices.SortedStableFunc(slices.Values(a.answers[index].points), func(p, q point) int { return cmp.Compare(p.at, q.at) })
}

// at returns the value of a series at a time, rounded to three digits: a threshold that people can read does as well.
// NaN where there is none.
func (a *ask) at(index int, at int64) float64 {
	for _, p := range a.answers[index].points {
		if p.at == at {
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
