package rehearsal

import (
	"reflect"
	"testing"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/story"
)

func rateAlarmOf(t *testing.T, name string, change func(*release.Target, *scenario.Scenario)) *story.RateAlarm {
	t.Helper()
	told, err := plan(t, name, change).RateAlarm(t.Context(), 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	return told
}

// What is said of an alarm on the failure rate is what the simulated CloudWatch did with one: it fires for a rate above its
// threshold, within its minutes and CloudWatch's delay, and for none below, however much worse than the baseline that is.
func TestWhatARateAlarmAloneWouldHaveDone(t *testing.T) {
	rate := func(r scenario.Share) func(*release.Target, *scenario.Scenario) {
		return func(_ *release.Target, s *scenario.Scenario) { s.Canary.FailureRate = r }
	}
	bad := rateAlarmOf(t, "bad.yaml", nil)
	if bad.Fired != bad.Runs || *bad.Detection.MedianSeconds < 120 || *bad.Detection.MedianSeconds > 600 || *bad.Failures < 10 {
		t.Errorf("3 %%: %+v, after %v s, %v failed", bad, *bad.Detection.MedianSeconds, *bad.Failures)
	}
	if awful := rateAlarmOf(t, "bad.yaml", rate(0.5)); awful.Fired != awful.Runs || *awful.Detection.MedianSeconds > *bad.Detection.MedianSeconds || *awful.Failures <= *bad.Failures {
		t.Errorf("50 %%: %+v, after %v s, %v failed", awful, *awful.Detection.MedianSeconds, *awful.Failures)
	}
	for name, below := range map[string]*story.RateAlarm{"1 %": rateAlarmOf(t, "bad.yaml", rate(0.01)), "as the baseline": rateAlarmOf(t, "good.yaml", nil)} {
		if below.Fired > 0 || below.Runs != 8 || below.Failures != nil {
			t.Errorf("%s: %+v", name, below)
		}
	}
	if again := rateAlarmOf(t, "bad.yaml", nil); !reflect.DeepEqual(again, bad) {
		t.Errorf("the same seeds, made again: %+v, %+v", again, bad)
	}
}

// The metrics of a function's version have its number in their names, which is known once there is one.
func TestARateAlarmOnAVersionOfAFunction(t *testing.T) {
	told, err := planOf(t, "orders-api", "bad.yaml", nil).RateAlarm(t.Context(), 4, 1)
	if err != nil || told.Fired != told.Runs {
		t.Errorf("%+v, %v", told, err)
	}
}

// A canary that crashes is no matter of an alarm, whoever takes it home; without a comparison of failures there is no rate.
func TestWhereARateAlarmHasNothingToSay(t *testing.T) {
	if crashed := rateAlarmOf(t, "bad.yaml", func(_ *release.Target, s *scenario.Scenario) { s.Canary.CrashLoop = true }); crashed.Fired > 0 {
		t.Errorf("crashes: %+v", crashed)
	}
	none := rateAlarmOf(t, "bad.yaml", func(target *release.Target, _ *scenario.Scenario) { target.Checks.Compare = nil })
	if none != nil {
		t.Errorf("nothing is compared: %+v", none)
	}
}
