package observe

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// A missing alarm must never look like a quiet one.
func TestAMissingAlarmIsAConfigurationError(t *testing.T) {
	f := &fakeCloudWatch{}
	f.alarm("there", judge.OK, start.Add(-time.Hour))
	r := aRelease("there", "gone", "lost")
	_, preflight := f.observer(minute(9)).Preflight(context.Background(), r.Target)
	_, evidence := f.observer(minute(9)).Evidence(context.Background(), r, aSighting())
	for _, err := range []error{preflight, evidence} {
		if release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), "gone, lost") {
			t.Errorf("got %v", err)
		}
	}
}

func TestPreflightTellsStates(t *testing.T) {
	f := &fakeCloudWatch{}
	f.alarm("quiet", judge.OK, start.Add(-time.Hour))
	f.alarm("firing", judge.InAlarm, start.Add(-time.Minute))
	f.composite = []types.CompositeAlarm{{AlarmName: aws.String("both"), StateValue: types.StateValueInsufficientData, StateUpdatedTimestamp: aws.Time(start)}}
	got, err := f.observer(minute(9)).Preflight(context.Background(), aRelease("firing", "both", "quiet", "firing").Target)
	want := []AlarmState{
		{"firing", judge.InAlarm, start.Add(-time.Minute), "because"},
		{"both", judge.InsufficientData, start, ""},
		{"quiet", judge.OK, start.Add(-time.Hour), "because"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(f.describeAlarms) != 1 || len(f.describeAlarms[0].AlarmTypes) != 2 {
		t.Errorf("asked %+v; composite alarms are left out unless asked for", f.describeAlarms)
	}
}

func TestWithoutAlarmsNobodyIsAsked(t *testing.T) {
	f := &fakeCloudWatch{}
	if got, err := f.observer(minute(9)).Preflight(context.Background(), aRelease().Target); err != nil || len(got) != 0 || len(f.describeAlarms) != 0 {
		t.Errorf("%v, %v, %d calls", got, err, len(f.describeAlarms))
	}
}

func TestHundredNamesACall(t *testing.T) {
	f := &fakeCloudWatch{}
	var names []string
	for i := range 250 {
		names = append(names, fmt.Sprint("alarm-", i))
		f.alarm(names[i], judge.OK, start.Add(-time.Hour))
	}
	slices.Reverse(names)
	got, err := f.observer(minute(9)).Preflight(context.Background(), aRelease(names...).Target)
	if err != nil || len(f.describeAlarms) != 3 || len(got) != 250 || got[0].Name != "alarm-249" {
		t.Errorf("%v, %d calls, %d alarms", err, len(f.describeAlarms), len(got))
	}
}

// An alarm that fired and cleared between two looks shows in its history, and only there.
func TestAnAlarmThatFiredAndClearedIsSeen(t *testing.T) {
	f := &fakeCloudWatch{}
	f.alarm("failures", judge.OK, minute(5))
	f.changed("failures", start.Add(-time.Minute), judge.InsufficientData, judge.OK)
	f.changed("failures", minute(4), judge.OK, judge.InAlarm)
	f.changed("failures", minute(5), judge.InAlarm, judge.OK)
	e := evidence(t, f, minute(9), aRelease("failures"))
	want := judge.Alarm{
		Name: "failures", State: judge.OK, Since: minute(5), AtStart: judge.OK,
		Transitions: []judge.Transition{{At: minute(4), To: judge.InAlarm}, {At: minute(5), To: judge.OK}},
	}
	if !reflect.DeepEqual(e.Alarms[0], want) {
		t.Errorf("got %+v", e.Alarms[0])
	}
	if judgement, err := judge.Judge(e); err != nil || judgement.Verdict != release.Fail {
		t.Errorf("the judge says %v, %v", judgement, err)
	}
	if in := f.describeHist[0]; !in.StartDate.Equal(start.Add(-stampSlack)) || in.HistoryItemType != types.HistoryItemTypeStateUpdate {
		t.Errorf("asked %+v", in)
	}
}

func TestRecall(t *testing.T) {
	transition := func(at time.Time, to judge.State) judge.Transition { return judge.Transition{At: at, To: to} }
	for name, row := range map[string]struct {
		set  func(*fakeCloudWatch)
		want judge.Alarm // without name
		asks int         // DescribeAlarmHistory
		code release.Code
	}{
		"changed before the start: nothing to ask": {
			func(f *fakeCloudWatch) { f.alarm("a", judge.InAlarm, start.Add(-time.Second)) },
			judge.Alarm{State: judge.InAlarm, Since: start.Add(-time.Second), AtStart: judge.InAlarm},
			0, "",
		},
		"changed at the start": {
			func(f *fakeCloudWatch) {
				f.alarm("a", judge.InAlarm, start)
				f.changed("a", start, judge.OK, judge.InAlarm)
			},
			judge.Alarm{State: judge.InAlarm, Since: start, AtStart: judge.OK, Transitions: []judge.Transition{transition(start, judge.InAlarm)}},
			1, "",
		},
		"changed again while we were reading": {
			func(f *fakeCloudWatch) {
				f.alarm("a", judge.OK, minute(3))
				f.changed("a", minute(3), judge.InsufficientData, judge.OK)
				f.changed("a", minute(8), judge.OK, judge.InAlarm)
			},
			judge.Alarm{State: judge.InAlarm, Since: minute(8), AtStart: judge.InsufficientData, Transitions: []judge.Transition{transition(minute(3), judge.OK), transition(minute(8), judge.InAlarm)}},
			1, "",
		},
		"the history lags, ALARM is known": {
			func(f *fakeCloudWatch) { f.alarm("a", judge.InAlarm, minute(8)) },
			judge.Alarm{State: judge.InAlarm, Since: minute(8), Transitions: []judge.Transition{transition(minute(8), judge.InAlarm)}},
			1, "",
		},
		"the history lags, there may have been an ALARM": {
			func(f *fakeCloudWatch) { f.alarm("a", judge.OK, minute(8)) }, judge.Alarm{}, 1, release.Unavailable,
		},
		"the history lags behind a second change": {
			func(f *fakeCloudWatch) {
				f.alarm("a", judge.OK, minute(8))
				f.changed("a", minute(3), judge.InsufficientData, judge.OK)
			}, judge.Alarm{}, 1, release.Unavailable,
		},
		"the stamps differ by a moment": {
			func(f *fakeCloudWatch) {
				f.alarm("a", judge.OK, minute(8))
				f.changed("a", minute(8).Add(-300*time.Millisecond), judge.InsufficientData, judge.OK)
			},
			judge.Alarm{State: judge.OK, Since: minute(8), AtStart: judge.InsufficientData, Transitions: []judge.Transition{transition(minute(8).Add(-300*time.Millisecond), judge.OK)}},
			1, "",
		},
		"the stamps differ by a moment, and the canary started in between": {
			func(f *fakeCloudWatch) {
				f.alarm("a", judge.OK, start.Add(100*time.Millisecond))
				f.changed("a", start.Add(-200*time.Millisecond), judge.InsufficientData, judge.OK)
			},
			judge.Alarm{State: judge.OK, Since: start.Add(100 * time.Millisecond), AtStart: judge.InsufficientData, Transitions: []judge.Transition{transition(start.Add(-200*time.Millisecond), judge.OK)}},
			1, "",
		},
		"what fired right before the canary started is not its doing": {
			func(f *fakeCloudWatch) {
				f.alarm("a", judge.OK, minute(3))
				f.changed("a", start.Add(-200*time.Millisecond), judge.OK, judge.InAlarm)
				f.changed("a", minute(3), judge.InAlarm, judge.OK)
			},
			judge.Alarm{State: judge.OK, Since: minute(3), AtStart: judge.InAlarm, Transitions: []judge.Transition{transition(minute(3), judge.OK)}},
			1, "",
		},
		"only the time of the last update is known": {
			func(f *fakeCloudWatch) {
				a := f.alarm("a", judge.OK, minute(8))
				a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = aws.Time(start.Add(-time.Minute)), nil
			},
			judge.Alarm{State: judge.OK, Since: start.Add(-time.Minute), AtStart: judge.OK},
			0, "",
		},
		"no time is known: the history tells": {
			func(f *fakeCloudWatch) { f.alarm("a", judge.OK, minute(8)).StateTransitionedTimestamp = nil },
			judge.Alarm{State: judge.OK, AtStart: judge.OK},
			1, "",
		},
		"other items do not count": {
			func(f *fakeCloudWatch) {
				f.alarm("a", judge.OK, minute(3))
				f.changed("a", minute(3), judge.InsufficientData, judge.OK)
				f.changed("a", minute(4), judge.OK, judge.OK)
				f.history["a"] = append(f.history["a"], types.AlarmHistoryItem{HistoryItemType: types.HistoryItemTypeAction, Timestamp: aws.Time(minute(5))})
			},
			judge.Alarm{State: judge.OK, Since: minute(3), AtStart: judge.InsufficientData, Transitions: []judge.Transition{transition(minute(3), judge.OK)}},
			1, "",
		},
		"an item that cannot be read": {
			func(f *fakeCloudWatch) {
				f.alarm("a", judge.OK, minute(3))
				f.changed("a", minute(3), "MUTED", judge.OK)
			}, judge.Alarm{}, 1, release.Unexpected,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeCloudWatch{}
			row.set(f)
			e, err := f.observer(minute(9)).Evidence(context.Background(), aRelease("a"), aSighting())
			if len(f.describeHist) != row.asks {
				t.Errorf("%d calls, want %d", len(f.describeHist), row.asks)
			}
			if row.code != "" {
				if release.CodeOf(err) != row.code || !strings.Contains(err.Error(), "alarm a") {
					t.Errorf("got %v", err)
				}
				return
			}
			row.want.Name = "a"
			if err != nil || !reflect.DeepEqual(e.Alarms[0], row.want) {
				t.Errorf("got  %+v, %v\nwant %+v", e.Alarms[0], err, row.want)
			}
		})
	}
}

func TestParseStates(t *testing.T) {
	for _, row := range []struct {
		data, summary string
		from, to      judge.State
		ok            bool
	}{
		// The example of https://docs.aws.amazon.com/cli/latest/reference/cloudwatch/describe-alarm-history.html
		{
			`{"version":"1.0","oldState":{"stateValue":"ALARM","stateReason":"testing purposes"},"newState":{"stateValue":"OK","stateReason":"Threshold Crossed: 2 datapoints were not greater than the threshold (70.0). The most recent datapoints: [38.958, 40.292].","stateReasonData":{"version":"1.0","queryDate":"2014-04-09T18:59:06.419+0000","startDate":"2014-04-09T18:44:00.000+0000","statistic":"Average","period":300,"recentDatapoints":[38.958,40.292],"threshold":70.0}}}`,
			"Alarm updated from ALARM to OK", judge.InAlarm, judge.OK, true,
		},
		{"", "Alarm updated from OK to INSUFFICIENT_DATA", judge.OK, judge.InsufficientData, true},
		{"{", "Alarm updated from OK to ALARM arn:aws:sns:us-east-1:123456789012:my-topic", judge.OK, judge.InAlarm, true},
		{`{"oldState":{"stateValue":"OK"},"newState":{}}`, "", "", "", false},
		{`{"oldState":{"stateValue":"OK"},"newState":{"stateValue":"RED"}}`, "Alarm updated from OK to RED", "", "", false},
		{`[]`, "something else", "", "", false},
	} {
		from, to, ok := parseStates(row.data, row.summary)
		if ok != row.ok || ok && (from != row.from || to != row.to) {
			t.Errorf("%s (%s): %s to %s, %v", row.data, row.summary, from, to, ok)
		}
	}
}

func FuzzParseStates(f *testing.F) {
	f.Add(`{"oldState":{"stateValue":"OK"},"newState":{"stateValue":"ALARM"}}`, "Alarm updated from OK to ALARM")
	f.Add(`{"oldState":null}`, "Alarm updated from OK to ALARM")
	f.Add(`{"newState":{"stateValue":7}}`, "")
	f.Fuzz(func(t *testing.T, data, summary string) {
		from, to, ok := parseStates(data, summary)
		if ok && !(known(from) && known(to)) {
			t.Errorf("%q, %q: %q to %q", data, summary, from, to)
		}
	})
}

func TestChildren(t *testing.T) {
	for rule, want := range map[string][]string{
		`ALARM("a") AND NOT OK(b)`:          {"a", "b"},
		`INSUFFICIENT_DATA( "with space" )`: {"with space"},
		`ALARM("q\"uote")`:                  {`q"uote`},
		`ALARM("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a:b")`: {"a:b"},
		`ALARM(a) OR (TRUE AND ALARM(a))`:                                 {"a", "a"},
		`ALARM("OK(x)")`:                                                  {"OK(x)"},
		`TRUE`:                                                            nil,
		``:                                                                nil,
	} {
		if got := children(rule); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", rule, got, want)
		}
	}
}

func FuzzChildren(f *testing.F) {
	f.Add(`ALARM("a") AND NOT OK(b)`)
	f.Add(`ALARM("q\"uote") OR ALARM(`)
	f.Fuzz(func(t *testing.T, rule string) {
		for _, name := range children(rule) {
			if len(name) > len(rule) {
				t.Errorf("%q names %q", rule, name)
			}
		}
	})
}
