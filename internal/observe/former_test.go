package observe

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// aFullBake is a release that was opened at 9:00 and whose canary has done all of the work since 9:02:20.
func aFullBake() *release.Release {
	r := aRelease()
	r.Steps = []release.Step{{Weight: 100, Bake: release.Duration(10 * time.Minute)}}
	r.Opened, r.BakeSince = start, minute(2).Add(20*time.Second)
	return r
}

// Where no primary works at the same time, the first minute is compared with the last before the release, the second with
// the last but one: no minute twice, and none that the next look would change.
func TestAllOfTheWorkIsComparedWithWhatServedBefore(t *testing.T) {
	f := &fakeCloudWatch{}
	for m := -9; m < 0; m++ {
		f.counted("orders", m, 900+float64(m), float64(-m))
	}
	f.counted("orders", 1, 900, 1) // while the weights move
	f.counted("orders-canary", 1, 30, 0)
	for m := 2; m < 12; m++ {
		f.counted("orders-canary", m, 1000, 2)
	}
	f.counted("orders", 4, 99, 50) // what drains
	f.counted("orders", 5, 100, 3) // what sticks: the same minute is the better comparison
	canary := release.Arm{Units: 1000, Failed: 2}
	want := []judge.Minute{
		{Start: minute(1), Canary: release.Arm{Units: 30}, Baseline: release.Arm{Units: 900, Failed: 1}},
		{Start: minute(2), Canary: canary},
		{Start: minute(3), Canary: canary, Baseline: release.Arm{Units: 899, Failed: 1}, Former: true},
		{Start: minute(4), Canary: canary, Baseline: release.Arm{Units: 898, Failed: 2}, Former: true},
		{Start: minute(5), Canary: canary, Baseline: release.Arm{Units: 100, Failed: 3}},
		{Start: minute(6), Canary: canary, Baseline: release.Arm{Units: 896, Failed: 4}, Former: true},
	}
	for now := 5; now <= 9; now++ {
		if got := evidence(t, f, minute(now), aFullBake()).Comparisons[0].Minutes; !reflect.DeepEqual(got, want[:now-3]) {
			t.Errorf("at minute %d got\n%+v, want\n%+v", now, got, want[:now-3])
		}
	}
	beyond := evidence(t, f, minute(60), aFullBake()).Comparisons[0].Minutes // 9 minutes before it are known
	if last := beyond[len(beyond)-1]; last.Start != minute(11) || last.Baseline != (release.Arm{Units: 891, Failed: 9}) {
		t.Errorf("%+v", last)
	}
}

// While both versions work, whatever came before the release is no baseline.
func TestAStepBelowAllOfTheWorkIsComparedSideBySide(t *testing.T) {
	f := &fakeCloudWatch{}
	f.counted("orders", -1, 900, 9)
	f.counted("orders-canary", 3, 100, 0)
	r := aFullBake()
	r.Steps[0].Weight = 50
	want := []judge.Minute{{Start: minute(3), Canary: release.Arm{Units: 100}}}
	if got := evidence(t, f, minute(9), r).Comparisons[0].Minutes; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestLatencyOfAllOfTheWork(t *testing.T) {
	f := &fakeCloudWatch{}
	f.timed("orders", -1, 900, [3]float64{450, 810, 891}, 80, 250)
	f.timed("orders-canary", 3, 1000, [3]float64{400, 890, 1000}, 90, 260)
	f.timed("orders-canary", 4, 1000, [3]float64{400, 890, 1000}, 90, 260)
	r := latencyRelease()
	r.Steps, r.Opened, r.BakeSince = aFullBake().Steps, aFullBake().Opened, aFullBake().BakeSince
	canary := judge.Durations{Units: 1000, Slow: [3]int64{600, 110, 0}, P50: 90, P90: 260}
	want := []judge.LatencyMinute{
		{Start: minute(3), Canary: canary, Baseline: judge.Durations{Units: 900, Slow: [3]int64{450, 90, 9}, P50: 80, P90: 250}, Former: true},
		{Start: minute(4), Canary: canary, Former: true},
	}
	if got := evidence(t, f, minute(9), r).Comparisons[0].Latency; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// What was not answered completely is no baseline either.
func TestAHalfAnswerOfWhatServedBeforeIsAProblem(t *testing.T) {
	f := &fakeCloudWatch{status: map[string]types.StatusCode{"Orders/Processed{Service=orders,} Sum 60": types.StatusCodePartialData}}
	f.counted("orders", -1, 900, 9)
	f.counted("orders-canary", 3, 1000, 0)
	if c := evidence(t, f, minute(9), aFullBake()).Comparisons[0]; c.Problem == "" || c.Minutes != nil {
		t.Errorf("%+v", c)
	}
}
