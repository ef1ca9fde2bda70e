package observe

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// timed is one arm of a comparison of latency: the indexes of its series.
type timed struct {
	units    int
	within   [3]int // units that took no longer than each of the thresholds
	p50, p90 int
}

func (t timed) all() []int { return append(t.within[:], t.units, t.p50, t.p90) }

// latency asks how long units of work took: how many took no longer than what was the baseline's p50, p90 and p99
// before the release, and the p50 and p90 of each minute. Without thresholds nothing is asked, and the reason returned.
func (a *ask) latency(of release.Compared, name string, before release.Reference) (fill func(*ask, *judge.Comparison) error, missing string) {
	t, ok := before.Thresholds(name)
	if !ok {
		return nil, "the primary published no " + of.Baseline.Duration.String() + " before the release, so nobody knows what was normal; is that the metric's name, and is it published as single values?"
	}
	limits := [3]string{duration(t.P50, of.Unit), duration(t.P90, of.Unit), duration(t.P99, of.Unit)}
	canary, baseline := a.wantTimed(of.Canary.Duration, t), a.wantTimed(of.Baseline.Duration, t)
	series := append(canary.all(), baseline.all()...)
	return func(a *ask, c *judge.Comparison) error {
		if c.Problem = a.incomplete(series...); c.Problem != "" {
			return nil
		}
		c.Limits = limits
		return a.fillLatency(canary, baseline, c)
	}, ""
}

func (a *ask) wantTimed(m release.Metric, t release.Thresholds) timed {
	of := perMinute(m)
	asked := timed{units: a.want(of, "SampleCount"), p50: a.want(of, "p50"), p90: a.want(of, "p90")}
	for i, threshold := range [3]float64{t.P50, t.P90, t.P99} {
		asked.within[i] = a.want(of, upTo(threshold))
	}
	return asked
}

// duration returns a threshold for people.
func duration(value float64, unit release.TimeUnit) string {
	return strings.TrimSpace(strconv.FormatFloat(value, 'f', -1, 64) + " " + string(unit))
}

// upTo is the statistic that counts samples up to a value, the value included.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
func upTo(value float64) string { return "TC(:" + strconv.FormatFloat(value, 'f', -1, 64) + ")" }

func (a *ask) fillLatency(canaryOf, baselineOf timed, c *judge.Comparison) error {
	canary, err := a.durations(canaryOf, a.window)
	if err != nil {
		return err
	}
	baseline, err := a.durations(baselineOf, a.window)
	if err != nil {
		return err
	}
	c.Latency = []judge.LatencyMinute{} // not nil: it is this that is compared
	for i := range canary {
		if canary[i].Units > 0 || baseline[i].Units > 0 {
			start := a.window.Since.Add(time.Duration(i) * time.Minute)
			c.Latency = append(c.Latency, judge.LatencyMinute{Start: start, Canary: canary[i], Baseline: baseline[i]})
		}
	}
	if !a.alone.IsZero() {
		former, _ := a.durations(baselineOf, a.history) // as of the history of failures: what cannot be is none
		a.pairLatency(c.Latency, former)
	}
	return nil
}

// pairLatency gives each minute in which the canary did all of the work its counterpart's baseline. former has a row a
// minute of the history.
func (a *ask) pairLatency(minutes []judge.LatencyMinute, former []judge.Durations) {
	for i := range minutes {
		m := &minutes[i]
		before, alone := a.counterpart(m.Start, m.Canary.Units, m.Baseline.Units)
		if !alone {
			continue
		}
		m.Former, m.Baseline = true, judge.Durations{}
		if row := int(before.Sub(a.history.Since) / time.Minute); row >= 0 && row < len(former) {
			m.Baseline = former[row]
		}
	}
}

// durations returns one arm, a row a minute of a window. CloudWatch interpolates its counts up to a value, so they
// are rounded, and kept between none and all.
func (a *ask) durations(of timed, w window) ([]judge.Durations, error) {
	units, err := a.counts(of.units, w)
	if err != nil {
		return nil, err
	}
	rows := make([]judge.Durations, len(units))
	for i, n := range units {
		rows[i].Units = n
	}
	for t, index := range of.within {
		within, err := a.counts(index, w)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i].Slow[t] = max(0, rows[i].Units-within[i])
		}
	}
	a.values(of.p50, w, func(row int, v float64) { rows[row].P50 = v })
	a.values(of.p90, w, func(row int, v float64) { rows[row].P90 = v })
	return rows, nil
}

// values gives every value of a series with its minute's row in a window. What is no number is no value.
func (a *ask) values(index int, w window, give func(row int, v float64)) {
	minutes := w.by(time.Minute)
	for _, p := range a.answers[index].points {
		if row, ok := minutes.row(p); ok && p.value > 0 && !math.IsInf(p.value, 1) {
			give(row, p.value)
		}
	}
}
