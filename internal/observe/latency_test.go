package observe

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// timed sets how long an arm's units took in a minute: how many took no longer than the thresholds 80, 250.5 and 600.
func (f *fakeCloudWatch) timed(service string, m int, units float64, within [3]float64, p50, p90 float64) {
	f.put(took(service, "SampleCount", "60"), minute(m), units)
	for i, threshold := range []string{"80", "250.5", "600"} {
		f.put(took(service, "TC(:"+threshold+")", "60"), minute(m), within[i])
	}
	f.put(took(service, "p50", "60"), minute(m), p50)
	f.put(took(service, "p90", "60"), minute(m), p90)
}

func latencyRelease() *release.Release {
	r := aRelease()
	r.Target.Checks.Compare = []release.Comparison{byLatency}
	r.Reference.Latency = []release.Thresholds{{Name: "other", P50: 1, P90: 2, P99: 3}, {Name: "latency", P50: 80, P90: 250.5, P99: 600}}
	return r
}

// CloudWatch interpolates its counts, so that they are broken numbers, and may be more than all.
func TestSlowUnitsAreTheRest(t *testing.T) {
	f := &fakeCloudWatch{}
	f.timed("orders-canary", 3, 100, [3]float64{40.4, 89.5, 100.9}, 90, 260)
	f.timed("orders", 3, 900, [3]float64{450, 810, 891}, 80, 250)
	f.timed("orders", 4, 900, [3]float64{450, 810, 891}, math.Inf(1), math.NaN())
	f.timed("orders-canary", 8, 100, [3]float64{0, 0, 0}, 9000, 9000) // younger than the watermark
	e := evidence(t, f, minute(9), latencyRelease())
	c := e.Comparisons[0]
	want := []judge.LatencyMinute{
		{Start: minute(3), Canary: judge.Durations{Units: 100, Slow: [3]int64{60, 10, 0}, P50: 90, P90: 260}, Baseline: judge.Durations{Units: 900, Slow: [3]int64{450, 90, 9}, P50: 80, P90: 250}},
		{Start: minute(4), Baseline: judge.Durations{Units: 900, Slow: [3]int64{450, 90, 9}}},
	}
	if c.Limits != [3]string{"80 ms", "250.5 ms", "600 ms"} {
		t.Errorf("%q", c.Limits)
	}
	if !reflect.DeepEqual(c.Latency, want) || c.Minutes != nil || c.Settings.WarmUp != 2 || c.Metric != "Orders/Duration{Service=orders-canary}" {
		t.Errorf("%+v", c)
	}
	if len(f.getMetricData) != 1 || len(f.getMetricData[0].MetricDataQueries) != 2*6+1 {
		t.Errorf("%d calls for %d metrics", len(f.getMetricData), len(f.getMetricData[0].MetricDataQueries))
	}
}

func TestLatencyThatCannotBeRead(t *testing.T) {
	f := &fakeCloudWatch{status: map[string]types.StatusCode{took("orders", "TC(:600)", "60"): types.StatusCodePartialData}}
	f.timed("orders", 3, 900, [3]float64{450, 810, 891}, 80, 250)
	c := evidence(t, f, minute(9), latencyRelease()).Comparisons[0]
	if c.Latency != nil || !strings.Contains(c.Problem, "PartialData for Orders/Duration{Service=orders}") {
		t.Errorf("%+v", c)
	}
	r := latencyRelease()
	r.Reference = release.Reference{}
	f = &fakeCloudWatch{}
	if c := evidence(t, f, minute(9), r).Comparisons[0]; !strings.Contains(c.Missing, "Orders/Duration{Service=orders} before the release") || len(f.getMetricData[0].MetricDataQueries) != 1 {
		t.Errorf("without thresholds: %+v", c)
	}
}

func TestThresholdsAsCloudWatchWritesThem(t *testing.T) {
	for value, want := range map[float64]string{80: "TC(:80)", .0123: "TC(:0.0123)", 1.5e6: "TC(:1500000)", 0: "TC(:0)"} {
		if got := upTo(value); got != want {
			t.Errorf("%v: %s, want %s", value, got, want)
		}
	}
}

// Work is compared for each worker-minute, where it is known who worked all the time.
func TestThroughputNeedsSettledWorkers(t *testing.T) {
	f := &fakeCloudWatch{}
	r := aRelease()
	r.Target.Checks.Compare = []release.Comparison{{
		Name: "done", Margin: 1.25, Throughput: &release.Throughput{Namespace: "Orders", Metric: "Processed", By: release.ByDimension{Dimension: "Service"}},
	}}
	r.Shares = []release.TaskShare{
		{At: minute(-1), Canary: 0, Primary: 9}, {At: minute(1), Canary: 1, Primary: 9}, {At: minute(6).Add(30 * time.Second), Canary: 2, Primary: 8},
	}
	for m := 1; m < 12; m++ {
		f.counted("orders", m, 900, 0)
		f.counted("orders-canary", m, 100, 0)
	}
	c := evidence(t, f, minute(14), r).Comparisons[0]
	var got []int
	for _, m := range c.Throughput {
		got = append(got, int(m.Start.Sub(minute(0))/time.Minute))
	}
	if want := []int{3, 4, 5, 9, 10, 11}; !reflect.DeepEqual(got, want) {
		t.Errorf("minutes %v, want %v", got, want)
	}
	if first, last := c.Throughput[0], c.Throughput[5]; first.Canary != (judge.Work{Units: 100, Workers: 1}) || last.Baseline != (judge.Work{Units: 900, Workers: 8}) {
		t.Errorf("%+v %+v", first, last)
	}
}
