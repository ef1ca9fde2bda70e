package observe

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

func TestArms(t *testing.T) {
	type arm = release.Arm
	for name, row := range map[string]struct {
		units, failed map[int]float64 // by minute
		want          map[int]arm
	}{
		"missing failures are none":        {map[int]float64{1: 50}, nil, map[int]arm{1: {Units: 50}}},
		"missing work is no evidence":      {map[int]float64{1: 50, 3: 50}, map[int]float64{2: 0}, map[int]arm{1: {Units: 50}, 3: {Units: 50}}},
		"a failure counted a moment later": {map[int]float64{1: 1, 4: 1}, map[int]float64{2: 1}, map[int]arm{1: {Units: 1}, 4: {Units: 1, Failed: 1}}},
		"all fail":                         {map[int]float64{1: 7}, map[int]float64{1: 7}, map[int]arm{1: {Units: 7, Failed: 7}}},
		"rounding":                         {map[int]float64{1: 6.9999999}, map[int]float64{1: .9999999}, map[int]arm{1: {Units: 7, Failed: 1}}},
		"a surplus waits for work":         {map[int]float64{1: 2, 2: 2}, map[int]float64{1: 3, 2: 2}, map[int]arm{1: {Units: 2, Failed: 2}, 2: {Units: 2, Failed: 2}}},
	} {
		f := &fakeCloudWatch{}
		for m, v := range row.units {
			f.put("Orders/Processed{Service=orders-canary,} Sum 60", minute(m), v)
		}
		for m, v := range row.failed {
			f.put("Orders/Failed{Service=orders-canary,} Sum 60", minute(m), v)
		}
		got := map[int]arm{}
		for _, m := range evidence(t, f, minute(9), aRelease()).Comparisons[0].Minutes {
			got[int(m.Start.Sub(minute(0))/time.Minute)] = m.Canary
		}
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

// Whatever CloudWatch counts, no minute has more failures than work, no failure is counted twice, and a minute that
// was seen once is the same when more is known.
func TestArmsNeverChangeAMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &fakeCloudWatch{}
		failures := int64(0)
		for m := 1; m <= 20; m++ {
			units, failed := rapid.IntRange(0, 20).Draw(t, "units"), rapid.IntRange(0, 12).Draw(t, "failed")
			f.counted("orders-canary", m, float64(units), float64(failed))
			failures += int64(failed)
		}
		look := func(now int) []judge.Minute {
			e, err := f.observer(minute(now)).Evidence(context.Background(), aRelease(), aSighting())
			if err != nil {
				t.Fatal(err)
			}
			return e.Comparisons[0].Minutes
		}
		early, late := look(rapid.IntRange(4, 22).Draw(t, "now")), look(23)
		if !slices.Equal(early, late[:len(early)]) {
			t.Fatalf("%v became %v", early, late)
		}
		counted := int64(0)
		for _, m := range late {
			counted += m.Canary.Failed
			if m.Canary.Failed > m.Canary.Units {
				t.Fatalf("%v", m)
			}
		}
		if counted > failures {
			t.Fatalf("%d failures counted of %d", counted, failures)
		}
	})
}

func TestCountsThatCannotBe(t *testing.T) {
	for name, set := range map[string]func(*fakeCloudWatch){
		"negative":         func(f *fakeCloudWatch) { f.counted("orders", 3, -1, 0) },
		"too large":        func(f *fakeCloudWatch) { f.counted("orders", 3, 1e16, 0) },
		"different things": func(f *fakeCloudWatch) { f.counted("orders", 3, 10_000, 30_000) },
	} {
		f := &fakeCloudWatch{}
		set(f)
		_, err := f.observer(minute(9)).Evidence(context.Background(), aRelease(), aSighting())
		if release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), "Orders") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Failures without work are no data: the sentence then names the metric that is missing.
func TestFailuresOfNothingAreNoData(t *testing.T) {
	f := &fakeCloudWatch{}
	f.put("Orders/Failed{Service=orders-canary,} Sum 60", minute(3), 2000)
	c := evidence(t, f, minute(9), aRelease()).Comparisons[0]
	if len(c.Minutes) != 0 || c.Problem != "" || c.Metric != "Orders/Processed{Service=orders-canary}" {
		t.Errorf("%+v", c)
	}
}

// What CloudWatch could not answer completely is not used, and never looks like an answer of nothing.
func TestIncompleteAnswersAreNotTrusted(t *testing.T) {
	const failed = "Orders/Failed{Service=orders-canary,} Sum 60"
	for name, set := range map[string]func(*fakeCloudWatch){
		"PartialData":   func(f *fakeCloudWatch) { f.status = map[string]types.StatusCode{failed: types.StatusCodePartialData} },
		"InternalError": func(f *fakeCloudWatch) { f.status = map[string]types.StatusCode{failed: types.StatusCodeInternalError} },
		"did not":       func(f *fakeCloudWatch) { f.silent = map[string]bool{failed: true} },
	} {
		f := &fakeCloudWatch{}
		f.counted("orders", 3, 900, 1)
		f.counted("orders-canary", 3, 100, 90)
		set(f)
		c := evidence(t, f, minute(9), aRelease()).Comparisons[0]
		if c.Minutes != nil || !strings.Contains(c.Problem, name) || !strings.Contains(c.Problem, "Orders/Failed{Service=orders-canary}") {
			t.Errorf("%s: %+v", name, c)
		}
	}
	f := &fakeCloudWatch{status: map[string]types.StatusCode{failed: types.StatusCodeForbidden}}
	if _, err := f.observer(minute(9)).Evidence(context.Background(), aRelease(), aSighting()); release.CodeOf(err) != release.Denied {
		t.Errorf("Forbidden: %v", err)
	}
	f = &fakeCloudWatch{status: map[string]types.StatusCode{"AWS/SQS/NumberOfMessagesReceived{QueueName=orders,} Sum 60": types.StatusCodePartialData}}
	f.put("AWS/SQS/NumberOfMessagesReceived{QueueName=orders,} Sum 60", minute(3), 10)
	if e := evidence(t, f, minute(9), aRelease()); e.Work != 0 {
		t.Errorf("work that was read in part: %d", e.Work)
	}
}

// The four hours before the release was opened come with the same call: what the two services scatter by themselves.
func TestHistoryIsBeforeTheRelease(t *testing.T) {
	f := &fakeCloudWatch{}
	opened := minute(-5).Add(20 * time.Second)
	for m := -300; m < 9; m++ {
		f.counted("orders", m, 900, 2)
		f.counted("orders-canary", m, 100, 1)
	}
	r := aRelease()
	r.Opened = opened
	c := evidence(t, f, minute(9), r).Comparisons[0]
	if len(f.getMetricData) != 1 {
		t.Errorf("%d calls", len(f.getMetricData))
	}
	first, last := c.History[0], c.History[len(c.History)-1]
	if len(c.History) != 240 || !first.Start.Equal(minute(-245)) || !last.Start.Equal(minute(-6)) || first.Canary.Units != 100 || last.Baseline.Failed != 2 {
		t.Errorf("%d minutes from %v to %v", len(c.History), first, last)
	}
	if len(c.Minutes) != 6 {
		t.Errorf("%d minutes since the canary's start", len(c.Minutes))
	}
	f.counted("orders", -100, -7, 0)
	if c := evidence(t, f, minute(9), r).Comparisons[0]; c.History != nil || len(c.Minutes) != 6 {
		t.Errorf("a history that cannot be: %v", c.History)
	}
	settling, alone := *r, *r
	settling.Phase, alone.Target.Checks.Compare = release.Settling, nil
	for _, r := range []*release.Release{&settling, &alone} {
		evidence(t, f, minute(9), r)
		if in := f.getMetricData[len(f.getMetricData)-1]; !in.StartTime.Equal(minute(1)) {
			t.Errorf("without a comparison asked from %s", in.StartTime)
		}
	}
}
