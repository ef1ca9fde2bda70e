package rehearsal

import (
	"context"
	"testing"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/story"
)

// rateAlarm is the alarm on the canary's own failure rate: above 2 % in 2 of 3 minutes.
const rateAlarm = "orders-canary-failure-rate"

// many rehearses some releases of a bad version.
func many(t *testing.T, change func(*release.Target, *scenario.Scenario)) story.Summary {
	t.Helper()
	summary, violations, err := plan(t, "bad.yaml", change).Many(context.Background(), 12, 1)
	if err != nil || len(violations) > 0 {
		t.Fatal(err, violations)
	}
	if summary.Outcomes.RolledBack != summary.Runs {
		t.Fatalf("%+v: a bad version got through", summary.Outcomes)
	}
	return summary
}

// The comparison alone lets through at most 1.5 times the failures that the alarm alone lets through, although it also
// sees what that alarm never does: 0.1 % that becomes 1 %.
func TestTheJudgeCostsLittleMoreThanAnAlarmMadeForTheFailure(t *testing.T) {
	withoutAlarm := func(target *release.Target, _ *scenario.Scenario) {
		target.Checks.Alarms = []string{"orders-dlq-not-empty", "orders-oldest-message"}
	}
	judge := many(t, withoutAlarm)
	alarm := many(t, func(target *release.Target, _ *scenario.Scenario) {
		target.Checks.Compare[0].Margin, target.Checks.FalseRollback = 1.9, 1e-6 // as good as blind
	})
	if judge.Exposed.MedianFailures > 1.5*alarm.Exposed.MedianFailures {
		t.Errorf("the judge lets through %v failures, the alarm %s %v", judge.Exposed.MedianFailures, rateAlarm, alarm.Exposed.MedianFailures)
	}
	subtle := many(t, func(target *release.Target, s *scenario.Scenario) {
		withoutAlarm(target, s)
		s.Baseline.FailureRate, s.Canary.FailureRate = .001, .01
	})
	if subtle.Exposed.MedianFailures > 45 {
		t.Errorf("0.1 %% that becomes 1 %% lets through %v failures", subtle.Exposed.MedianFailures)
	}
}
