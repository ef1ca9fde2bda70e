package judge

import (
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

func second(minute, sec int) time.Time { return at(minute).Add(time.Duration(sec) * time.Second) }

func TestAlarms(t *testing.T) {
	fired := []Transition{{At: second(6, 10), To: InAlarm}, {At: second(6, 50), To: OK}}
	for name, c := range map[string]struct {
		alarm   Alarm
		want    release.Verdict
		message string
	}{
		"quiet": {
			Alarm{State: OK, Throughout: true}, release.Pass, "alarm dlq is OK and had data all the time",
		},
		"quiet, with gaps": {
			Alarm{State: OK}, release.NoData, "alarm dlq is OK but had no data at times: no veto, and no evidence",
		},
		"idle": {
			Alarm{State: InsufficientData, Throughout: true}, release.NoData, "alarm dlq has no data: no veto, and no evidence",
		},
		"fires": {
			Alarm{State: InAlarm, AtStart: OK, Transitions: fired[:1]},
			release.Fail,
			"alarm dlq went to ALARM at 14:06:10 UTC; it was OK when the canary started",
		},
		"fired between two looks": {
			Alarm{State: OK, AtStart: OK, Transitions: fired, Throughout: true},
			release.Fail,
			"alarm dlq went to ALARM at 14:06:10 and back to OK at 14:06:50 UTC; it was OK when the canary started",
		},
		"fired twice": {
			Alarm{State: InAlarm, AtStart: InsufficientData, Transitions: append(fired, Transition{At: second(9, 0), To: InAlarm})},
			release.Fail,
			"alarm dlq went to ALARM at 14:06:10 and back to OK at 14:06:50 UTC, and once more since; it was INSUFFICIENT_DATA when the canary started",
		},
		"fires since before": {
			Alarm{State: InAlarm, AtStart: InAlarm, Since: at(1)}, release.Fail, "alarm dlq is in ALARM since 14:01:00 UTC, from before the canary started",
		},
		"fires, nobody knows since when": {
			Alarm{State: InAlarm}, release.Fail, "alarm dlq is in ALARM",
		},
		"was in alarm at the start and cleared": {
			Alarm{State: OK, AtStart: InAlarm, Transitions: []Transition{{At: at(2), To: OK}}, Throughout: true},
			release.Pass,
			"alarm dlq is OK and had data all the time",
		},
		"overridden": {
			Alarm{State: InAlarm, Overridden: true, Transitions: fired},
			release.NoData,
			"alarm dlq does not count for this release: a person overrode it",
		},
		"in no known state": {
			Alarm{State: "PANIC", Throughout: true}, release.Unknown, `alarm dlq is in the state "PANIC", which is none that CloudWatch has`,
		},
		"in no state at all": {
			Alarm{}, release.Unknown, `alarm dlq is in the state "", which is none that CloudWatch has`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.alarm.Name = "dlq"
			got := c.alarm.check()
			if got.Verdict != c.want || got.Sentence != c.message {
				t.Errorf("%v: %s\nwant %v: %s", got.Verdict, got.Sentence, c.want, c.message)
			}
		})
	}
}
