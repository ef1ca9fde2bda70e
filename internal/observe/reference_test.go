package observe

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// took names one statistic of an arm's durations by the fake's key.
func took(service, stat, period string) string {
	return "Orders/Duration{Service=" + service + ",} " + stat + " " + period
}

// hour sets what the baseline's durations were in the hour that starts so many hours after nine.
func (f *fakeCloudWatch) hour(n int, units, p50, p90, p99 float64) {
	at := minute(60 * n)
	f.put(took("orders", "SampleCount", "3600"), at, units)
	f.put(took("orders", "p50", "3600"), at, p50)
	f.put(took("orders", "p90", "3600"), at, p90)
	f.put(took("orders", "p99", "3600"), at, p99)
}

var byLatency = release.Comparison{
	Name: "latency", Margin: 1.25, WarmUp: release.Duration(2 * time.Minute),
	Latency: &release.Latency{Namespace: "Orders", Metric: "Duration", By: release.ByDimension{Dimension: "Service"}, Unit: release.InMilliseconds},
}

func reference(t testing.TB, f *fakeCloudWatch, compare []release.Comparison, alarms ...string) release.Reference {
	t.Helper()
	target := aRelease(alarms...).Target
	target.Checks.Compare = compare
	r, err := f.observer(minute(20)).Reference(context.Background(), target, theMetrics())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The newest hour with enough units is normal, whatever came before; where none has enough, the busiest.
func TestThresholdsAreOfOneHour(t *testing.T) {
	for name, row := range map[string]struct {
		hours [][5]float64 // hour, units, p50, p90, p99
		want  release.Thresholds
	}{
		"the newest with enough":   {[][5]float64{{-3, 9000, 1, 2, 3}, {-1, 2000, 80.14, 250.2, 601.7}, {0, 400, 5, 6, 7}}, release.Thresholds{P50: 80.1, P90: 250, P99: 602, Units: 2000, From: minute(-60), To: minute(0)}},
		"the busiest of few":       {[][5]float64{{-9, 300, .1, .2, .3}, {-1, 200, 5, 6, 7}}, release.Thresholds{P50: .1, P90: .2, P99: .3, Units: 300, From: minute(-540), To: minute(-480)}},
		"an hour that is not over": {[][5]float64{{0, 4000, 5, 6, 7}}, release.Thresholds{P50: 5, P90: 6, P99: 7, Units: 4000, From: minute(0), To: minute(18)}},
		"one that cannot be":       {[][5]float64{{-2, 1500, 5, 6, 7}, {-1, 1500, 5, 4, 7}}, release.Thresholds{P50: 5, P90: 6, P99: 7, Units: 1500, From: minute(-120), To: minute(-60)}},
		"longer ago than a day":    {[][5]float64{{-30, 5000, 5, 6, 7}}, release.Thresholds{}},
		"nothing took any time":    {[][5]float64{{-1, 5000, 0, 0, 0}}, release.Thresholds{}},
		"half of it took no time":  {[][5]float64{{-1, 5000, 0, 1, 2}}, release.Thresholds{P90: 1, P99: 2, Units: 5000, From: minute(-60), To: minute(0)}},
	} {
		f := &fakeCloudWatch{}
		for _, h := range row.hours {
			f.hour(int(h[0]), h[1], h[2], h[3], h[4])
		}
		got := reference(t, f, []release.Comparison{byLatency})
		row.want.Name = "latency"
		if row.want.Units == 0 {
			if len(got.Latency) != 0 || len(got.Notes) != 1 {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		if len(got.Latency) != 1 || got.Latency[0] != row.want || len(got.Notes) != 0 {
			t.Errorf("%s: %+v, want %+v", name, got, row.want)
		}
	}
}

func TestNotesNameWhatHasNoData(t *testing.T) {
	failures := aRelease().Target.Checks.Compare[0]
	for name, row := range map[string]struct {
		set     func(*fakeCloudWatch)
		compare []release.Comparison
		want    []string
	}{
		"all there": {func(f *fakeCloudWatch) {
			f.put("Orders/Processed{Service=orders,} SampleCount 3600", minute(-60), 9)
			f.put("Orders/Failed{Service=orders-canary,} SampleCount 3600", minute(-60), 1)
		}, []release.Comparison{failures}, nil},
		"no work": {func(*fakeCloudWatch) {}, []release.Comparison{failures}, []string{"no data of Orders/Processed{Service=orders} in the last 24 hours, so failures cannot be compared"}},
		"no failure ever": {func(f *fakeCloudWatch) {
			f.put("Orders/Processed{Service=orders,} SampleCount 3600", minute(-60), 9)
		}, []release.Comparison{failures}, []string{"no data of Orders/Failed{Service=orders} and Orders/Failed{Service=orders-canary} in the last 24 hours: either nothing has failed"}},
		"statistic sets": {func(f *fakeCloudWatch) {
			f.put(took("orders", "SampleCount", "3600"), minute(-60), 9)
		}, []release.Comparison{byLatency}, []string{"CloudWatch has no percentiles of Orders/Duration{Service=orders}"}},
		"no latency": {func(*fakeCloudWatch) {}, []release.Comparison{byLatency}, []string{"no data of Orders/Duration{Service=orders}"}},
		"an answer that is not complete is no reason": {func(f *fakeCloudWatch) {
			f.status = map[string]types.StatusCode{"Orders/Processed{Service=orders,} SampleCount 3600": types.StatusCodeInternalError}
			f.put("Orders/Failed{Service=orders-canary,} SampleCount 3600", minute(-60), 1)
		}, []release.Comparison{failures}, nil},
		"an alarm without data": {func(f *fakeCloudWatch) {
			f.put("Orders/Processed{Service=orders,} SampleCount 3600", minute(-60), 9)
			f.put("Orders/Failed{Service=orders,} SampleCount 3600", minute(-60), 9)
			f.alarm("dlq", judge.InsufficientData, start.Add(-time.Hour))
			f.alarm("age", judge.InsufficientData, start.Add(-time.Hour))
			f.sampled("age", -100, -90)
			f.alarm("depth", judge.OK, start.Add(-time.Hour))
		}, []release.Comparison{failures}, []string{"alarm dlq has had no data in the last 24 hours"}},
	} {
		f := &fakeCloudWatch{}
		row.set(f)
		var alarms []string
		for _, a := range f.metric {
			alarms = append(alarms, *a.AlarmName)
		}
		got := reference(t, f, row.compare, alarms...).Notes
		if len(got) != len(row.want) {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for i, want := range row.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: %q, want %q", name, got[i], want)
			}
		}
		if len(f.getMetricData) != 1 {
			t.Errorf("%s: %d calls", name, len(f.getMetricData))
		}
	}
}

// A threshold is not made up: where CloudWatch does not answer, the release starts later.
func TestThresholdsAreAskedAgain(t *testing.T) {
	f := &fakeCloudWatch{status: map[string]types.StatusCode{took("orders", "p99", "3600"): types.StatusCodeInternalError}}
	f.hour(-1, 5000, 1, 2, 3)
	target := aRelease().Target
	target.Checks.Compare = []release.Comparison{byLatency}
	if _, err := f.observer(minute(20)).Reference(context.Background(), target, theMetrics()); release.CodeOf(err) != release.Unavailable {
		t.Errorf("%v", err)
	}
}

// What AWS measures of each version is read by all of its dimensions, and several counts of errors are one.
func TestPlatformsMeasureByThemselves(t *testing.T) {
	of := func(name, version string) release.Metric {
		return release.Metric{Namespace: "AWS/Lambda", Name: name, Dimensions: []release.Dimension{{Name: "FunctionName", Value: "orders"}, {Name: "ExecutedVersion", Value: version}}}
	}
	arm := func(version string) release.ArmMetrics {
		return release.ArmMetrics{
			Value: version, Requests: of("Invocations", version), Errors: []release.Metric{of("Errors", version), of("Dropped", version)},
			Duration: of("Duration", version), Unit: release.InMilliseconds,
		}
	}
	f := &fakeCloudWatch{}
	key := func(name, version, stat string) string {
		return "AWS/Lambda/" + name + "{FunctionName=orders,ExecutedVersion=" + version + ",} " + stat + " 60"
	}
	f.put(key("Invocations", "8", "Sum"), minute(3), 100)
	f.put(key("Errors", "8", "Sum"), minute(3), 2)
	f.put(key("Dropped", "8", "Sum"), minute(3), 3)
	f.put(key("Invocations", "7", "Sum"), minute(3), 900)
	f.put(key("Duration", "7", "SampleCount"), minute(3), 900)
	r := aRelease()
	r.Metrics = release.Metrics{Canary: arm("8"), Baseline: arm("7")}
	r.Target.Checks.Compare = []release.Comparison{{Name: "errors", Platform: release.MeasureErrors, Margin: 1.25}, {Name: "latency", Platform: release.MeasureLatency, Margin: 1.25}}
	r.Reference.Latency = []release.Thresholds{{Name: "latency", P50: 1, P90: 2, P99: 3}}
	e := evidence(t, f, minute(9), r)
	errors, latency := e.Comparisons[0], e.Comparisons[1]
	if len(errors.Minutes) != 1 || errors.Minutes[0].Canary != (release.Arm{Units: 100, Failed: 5}) || errors.Minutes[0].Baseline.Units != 900 ||
		errors.Metric != "AWS/Lambda/Invocations{FunctionName=orders,ExecutedVersion=8}" {
		t.Errorf("%+v", errors)
	}
	if len(latency.Latency) != 1 || latency.Latency[0].Baseline.Units != 900 {
		t.Errorf("%+v", latency)
	}
	if d := f.getMetricData[0].MetricDataQueries[0].MetricStat.Metric.Dimensions; len(d) != 2 || aws.ToString(d[1].Name) != "ExecutedVersion" {
		t.Errorf("%v", d)
	}
}
