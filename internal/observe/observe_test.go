package observe

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

func evidence(t testing.TB, f *fakeCloudWatch, now time.Time, r *release.Release) judge.Evidence {
	t.Helper()
	e, err := f.observer(now).Evidence(context.Background(), r, aSighting())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// One look costs one DescribeAlarms and one GetMetricData, which accounts share at 9 and 500 a second.
func TestALookCostsTwoCalls(t *testing.T) {
	f := &fakeCloudWatch{}
	f.alarm("dlq", judge.InsufficientData, start.Add(-time.Hour))
	f.alarm("age", judge.OK, start.Add(-time.Hour))
	f.sampled("age", 0, 20)
	for m := 1; m < 9; m++ {
		f.counted("orders", m, 900, 2)
		f.counted("orders-canary", m, 100, float64(m%2))
		f.put("AWS/SQS/NumberOfMessagesReceived{QueueName=orders,} Sum 60", minute(m), 1005)
	}
	e := evidence(t, f, minute(9).Add(30*time.Second), aRelease("dlq", "age"))
	if len(f.describeAlarms) != 1 || len(f.getMetricData) != 1 || len(f.describeHist) != 0 {
		t.Errorf("%d DescribeAlarms, %d GetMetricData, %d DescribeAlarmHistory", len(f.describeAlarms), len(f.getMetricData), len(f.describeHist))
	}
	var minutes []judge.Minute
	for m := 1; m < 7; m++ { // minute 0 is cut by the start, minutes 7 and 8 are younger than the watermark
		minutes = append(minutes, judge.Minute{Start: minute(m), Canary: release.Arm{Units: 100, Failed: int64(m % 2)}, Baseline: release.Arm{Units: 900, Failed: 2}})
	}
	want := judge.Evidence{
		Since: start, Until: minute(7), FalseRollback: .01, MinimumSample: 300, Work: 6 * 1005, Unit: "messages",
		Shares: []release.TaskShare{{At: start, Canary: 1, Primary: 9}},
		Alarms: []judge.Alarm{
			{Name: "dlq", State: judge.InsufficientData, AtStart: judge.InsufficientData, Since: start.Add(-time.Hour)},
			{Name: "age", State: judge.OK, AtStart: judge.OK, Since: start.Add(-time.Hour), Throughout: true},
		},
		Comparisons: []judge.Comparison{{
			Name: "failures", Metric: "Orders/Processed{Service=orders-canary}", Minutes: minutes,
			Settings: judge.Settings{Margin: 1.25, Horizon: 35}, // 15 of maxBake and 20 of bake
		}},
	}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("got  %+v\nwant %+v", e, want)
	}
	if _, err := judge.Judge(e); err != nil {
		t.Errorf("the judge refuses the evidence: %v", err)
	}
}

// What is not final is not shown: minutes younger than the watermark, and the minute in which the canary started.
func TestWindow(t *testing.T) {
	for _, row := range []struct {
		start, now   time.Time
		since, until int
	}{
		{minute(0).Add(time.Second), minute(10), 1, 8},
		{minute(0), minute(10), 0, 8},
		{minute(0), minute(10).Add(59 * time.Second), 0, 8},
		{minute(0), minute(11), 0, 9},
		{minute(9), minute(10), 9, 9}, // nothing yet
		{minute(0).Add(59 * time.Second), minute(3), 1, 1},
		{minute(0).Add(59 * time.Second), minute(4), 1, 2},
	} {
		w := windowOf(row.start, row.now)
		if !w.Since.Equal(minute(row.since)) || !w.Until.Equal(minute(row.until)) || w.empty() != (row.since == row.until) {
			t.Errorf("canary since %s, now %s: %s to %s", row.start, row.now, w.Since, w.Until)
		}
	}
}

func TestNothingIsAskedWhileNoMinuteIsFinal(t *testing.T) {
	f := &fakeCloudWatch{}
	f.alarm("age", judge.OK, start.Add(-time.Hour))
	f.counted("orders", 0, 900, 2)
	e := evidence(t, f, start.Add(2*time.Minute), aRelease("age"))
	if len(f.getMetricData) != 0 || len(e.Comparisons[0].Minutes) != 0 || e.Comparisons[0].Problem != "" || e.Alarms[0].Throughout {
		t.Errorf("%d calls, %+v", len(f.getMetricData), e)
	}
}

func TestEvidenceStartsWithTheCanary(t *testing.T) {
	r, s := aRelease(), release.Sighting{CanaryStarted: start.Add(time.Minute)}
	if got := startOf(r, s); !got.Equal(start) {
		t.Errorf("recorded: %s", got)
	}
	r.CanarySince = time.Time{}
	if got := startOf(r, s); !got.Equal(s.CanaryStarted) {
		t.Errorf("not recorded: %s", got)
	}
	if got := startOf(r, release.Sighting{}); !got.Equal(r.Opened) {
		t.Errorf("never seen: %s; nothing since the opening may be overlooked", got)
	}
}

// While the work is being promoted, and after, there is no baseline arm.
func TestNoComparisonWithoutABaselineArm(t *testing.T) {
	for _, phase := range []release.Phase{release.Promoting, release.Settling} {
		f := &fakeCloudWatch{}
		f.counted("orders", 3, 900, 2)
		r := aRelease()
		r.Phase = phase
		if e := evidence(t, f, minute(9), r); e.Comparisons != nil {
			t.Errorf("%s: %+v", phase, e.Comparisons)
		}
	}
}

func TestNothingToCompareIsAProblem(t *testing.T) {
	r := aRelease()
	r.Metrics.Canary.Value = ""
	r.Target.Checks.Compare = append(r.Target.Checks.Compare, release.Comparison{Name: "empty"})
	e, err := (&fakeCloudWatch{}).observer(minute(9)).Evidence(context.Background(), r, release.Sighting{})
	if err != nil || e.Comparisons[0].Problem == "" || e.Comparisons[1].Problem == "" {
		t.Errorf("%+v, %v", e.Comparisons, err)
	}
}

// However CloudWatch cuts its answers, the evidence is the same.
func TestPagesDoNotShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &fakeCloudWatch{}
		var names []string
		for i := range 7 {
			name := fmt.Sprint("alarm-", i)
			names = append(names, name)
			f.alarm(name, judge.OK, minute(5))
			f.changed(name, minute(3), judge.OK, judge.InAlarm)
			f.changed(name, minute(5), judge.InAlarm, judge.OK)
			f.sampled(name, 0, 12)
		}
		for m := 1; m < 10; m++ {
			f.counted("orders", m, float64(rapid.IntRange(0, 50).Draw(t, "units")), 0)
			f.counted("orders-canary", m, 10, 1)
		}
		look := func() judge.Evidence {
			e, err := f.observer(minute(12)).Evidence(context.Background(), aRelease(names...), aSighting())
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		whole := look()
		f.perPage, f.points = rapid.IntRange(1, 5).Draw(t, "alarms a page"), rapid.IntRange(1, 40).Draw(t, "points a page")
		if paged := look(); !reflect.DeepEqual(whole, paged) {
			t.Fatalf("%+v\nin pages:\n%+v", whole, paged)
		}
	})
}

func TestManyMetricsTakeCallsOf500(t *testing.T) {
	f := &fakeCloudWatch{}
	r := aRelease()
	for i := range 130 {
		c := r.Target.Checks.Compare[0]
		p := *c.Proportion
		p.Namespace, c.Name, c.Proportion = fmt.Sprint("Orders", i), fmt.Sprint("failures-", i), &p
		r.Target.Checks.Compare = append(r.Target.Checks.Compare, c)
		f.put(fmt.Sprintf("Orders%d/Processed{Service=orders,} Sum 60", i), minute(3), float64(i+1))
	}
	e := evidence(t, f, minute(9), r)
	if len(f.getMetricData) != 2 || len(e.Comparisons) != 131 {
		t.Fatalf("%d calls, %d comparisons", len(f.getMetricData), len(e.Comparisons))
	}
	if got := e.Comparisons[130].Minutes[0].Baseline.Units; got != 130 {
		t.Errorf("the last comparison has %d units", got)
	}
}

func TestEndlessPagesEnd(t *testing.T) {
	f := &fakeCloudWatch{sameToken: true}
	_, err := f.observer(minute(9)).Preflight(context.Background(), aRelease("a").Target)
	if release.CodeOf(err) != release.Unexpected {
		t.Errorf("got %v", err)
	}
}

func TestErrorsOfAWSHaveCodes(t *testing.T) {
	for code, want := range map[string]release.Code{"Throttling": release.Throttled, "AccessDenied": release.Denied, "InternalServiceError": release.Unavailable} {
		fault := smithy.FaultClient
		if want == release.Unavailable {
			fault = smithy.FaultServer
		}
		f := &fakeCloudWatch{fail: &smithy.GenericAPIError{Code: code, Fault: fault}}
		if _, err := f.observer(minute(9)).Evidence(context.Background(), aRelease("a"), aSighting()); release.CodeOf(err) != want {
			t.Errorf("%s: %v", code, err)
		}
		if _, err := f.observer(minute(9)).Evidence(context.Background(), aRelease(), aSighting()); release.CodeOf(err) != want {
			t.Errorf("%s in GetMetricData: %v", code, err)
		}
	}
}

// A long period asks back to its own grid, so that CloudWatch's periods are the clock's; what lies before the window
// is still not counted.
func TestALongPeriodAsksBackToItsGrid(t *testing.T) {
	f := &fakeCloudWatch{}
	f.alarm("a", judge.OK, start.Add(-time.Hour)).Period = aws.Int32(300)
	for m := range 6 {
		f.counted("orders", m, 10, 1)
	}
	r := aRelease("a")
	r.Opened = time.Time{} // no history
	e := evidence(t, f, minute(9), r)
	if in := f.getMetricData[0]; !in.StartTime.Equal(minute(0)) || !in.EndTime.Equal(minute(7)) {
		t.Errorf("asked from %s to %s", in.StartTime, in.EndTime)
	}
	if got := e.Comparisons[0].Minutes; len(got) != 5 || !got[0].Start.Equal(minute(1)) {
		t.Errorf("minutes %v", got)
	}
}

// AWS charges for every metric that is asked for.
func TestTheSameMetricIsAskedForOnce(t *testing.T) {
	f := &fakeCloudWatch{}
	f.alarm("a", judge.OK, start.Add(-time.Hour))
	f.metric = append(f.metric, f.metric[0])
	f.metric[1].AlarmName = aws.String("b")
	r := aRelease("a", "b")
	again := *r.Target.Checks.Compare[0].Proportion
	again.Failed = "Slow"
	r.Target.Checks.Compare = append(r.Target.Checks.Compare, release.Comparison{Name: "slow", Proportion: &again})
	evidence(t, f, minute(9), r)
	if got := len(f.getMetricData[0].MetricDataQueries); got != 1+6+1 {
		t.Errorf("%d metrics: one for both alarms, totals of two arms, failures and slow of two arms, all work", got)
	}
}

// Where nothing is compared, what AWS counts of the canary says how much it did.
func TestTheCanarysRequestsAreCountedWhereNothingIsCompared(t *testing.T) {
	requests := release.Metric{Namespace: "AWS/ApplicationELB", Name: "RequestCount", Dimensions: []release.Dimension{{Name: "TargetGroup", Value: "canary"}}}
	for name, c := range map[string]struct {
		change func(*release.Release)
		work   int64
		shares int
	}{
		"baking":            {func(*release.Release) {}, 200, 0},
		"settling":          {func(r *release.Release) { r.Phase = release.Settling }, 5 * 1005, 1},
		"not counted there": {func(r *release.Release) { r.Metrics.Canary.Requests = release.Metric{} }, 5 * 1005, 1},
	} {
		f := &fakeCloudWatch{}
		for m := 2; m < 7; m++ {
			f.put("AWS/ApplicationELB/RequestCount{TargetGroup=canary,} Sum 60", minute(m), 40)
			f.put("AWS/SQS/NumberOfMessagesReceived{QueueName=orders,} Sum 60", minute(m), 1005)
		}
		r := aRelease()
		r.Target.Checks.Compare, r.Metrics.Canary.Requests = nil, requests
		c.change(r)
		if e := evidence(t, f, minute(9), r); e.Work != c.work || len(e.Shares) != c.shares {
			t.Errorf("%s: %d units, %d shares", name, e.Work, len(e.Shares))
		}
	}
}
