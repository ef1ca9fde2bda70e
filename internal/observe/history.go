package observe

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// historyPerPage is the most that one DescribeAlarmHistory answers.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
const historyPerPage = 100

// stampSlack is how far the time of a history item may lie before the time of the same transition in DescribeAlarms.
const stampSlack = time.Second

// recall fills in what the alarm was when the canary started, and every transition since. The history is read only
// where the last transition came after the start: an alarm that fired and cleared between two looks shows there, and
// only there.
func (o *Observer) recall(ctx context.Context, a *described, start time.Time) error {
	a.AtStart = a.State
	if !a.Since.IsZero() && a.Since.Before(start) {
		return nil
	}
	transitions, err := o.history(ctx, a.Name, start.Add(-stampSlack))
	if err != nil {
		return err
	}
	transitions = slices.DeleteFunc(transitions, func(t transition) bool { // the last one's stamp alone may be so early
		return t.At.Before(start) && t.At.Before(a.Since.Add(-stampSlack))
	})
	var last time.Time // transition that the history shows
	for i, t := range transitions {
		if i == 0 {
			a.AtStart = t.from
		}
		last = t.At
		a.Transitions = append(a.Transitions, t.Transition)
	}
	switch {
	case last.After(a.Since):
		a.State, a.Since = transitions[len(transitions)-1].To, last // it changed again while we were reading
	case !a.Since.IsZero() && last.Before(a.Since.Add(-stampSlack)):
		return lagging(a)
	}
	return nil
}

// lagging deals with a history that does not show the last transition yet. One to ALARM is known all the same; before
// one to anything else there may have been an ALARM, so the look must be repeated.
func lagging(a *described) error {
	if a.State != judge.InAlarm {
		return release.Errorf(release.Unavailable, "history of alarm "+a.Name,
			"the alarm changed to %s at %s, but its history does not show from what yet; look again", a.State, a.Since.UTC().Format(time.RFC3339))
	}
	if len(a.Transitions) == 0 {
		a.AtStart = "" // unknown
	}
	a.Transitions = append(a.Transitions, judge.Transition{At: a.Since, To: judge.InAlarm})
	return nil
}

// transition is one change of state as the history tells it.
type transition struct {
	judge.Transition
	from judge.State
}

// history returns the alarm's transitions at or after a time, in the order of time.
func (o *Observer) history(ctx context.Context, name string, from time.Time) ([]transition, error) {
	in := &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName:       aws.String(name),
		AlarmTypes:      []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
		HistoryItemType: types.HistoryItemTypeStateUpdate,
		StartDate:       aws.Time(from),
		ScanBy:          types.ScanByTimestampAscending,
		MaxRecords:      aws.Int32(historyPerPage),
	}
	var transitions []transition
	for {
		out, err := o.client.DescribeAlarmHistory(ctx, in)
		if err != nil {
			return nil, awserr.Wrap("history of alarm "+name, err)
		}
		for i := range out.AlarmHistoryItems {
			t, changed, err := transitionOf(name, &out.AlarmHistoryItems[i])
			if err != nil {
				return nil, err
			}
			if changed && !t.At.Before(from) {
				transitions = append(transitions, t)
			}
		}
		token := aws.ToString(out.NextToken)
		if token == "" {
			slices.SortStableFunc(transitions, func(a, b transition) int { return a.At.Compare(b.At) })
			return transitions, nil
		}
		if token == aws.ToString(in.NextToken) {
			return nil, release.Errorf(release.Unexpected, "history of alarm "+name, "CloudWatch answers the same page again and again")
		}
		in.NextToken = out.NextToken
	}
}

// transitionOf reads one item; changed is false where it is no change of state.
func transitionOf(name string, item *types.AlarmHistoryItem) (t transition, changed bool, err error) {
	if item.HistoryItemType != types.HistoryItemTypeStateUpdate {
		return t, false, nil
	}
	from, to, ok := parseStates(aws.ToString(item.HistoryData), aws.ToString(item.HistorySummary))
	if !ok || item.Timestamp == nil {
		return t, false, release.Errorf(release.Unexpected, "history of alarm "+name,
			"cannot tell which state it changed to: %q (%q)", aws.ToString(item.HistorySummary), aws.ToString(item.HistoryData))
	}
	return transition{judge.Transition{At: *item.Timestamp, To: to}, from}, from != to, nil
}

// historyData is the part of AlarmHistoryItem.HistoryData that matters.
type historyData struct {
	OldState struct {
		StateValue judge.State `json:"stateValue"`
	} `json:"oldState"`
	NewState struct {
		StateValue judge.State `json:"stateValue"`
	} `json:"newState"`
}

var summaryForm = regexp.MustCompile(`^Alarm updated from (\w+) to (\w+)`)

// parseStates reads the states out of a history item's data or, where that cannot be read, out of its summary.
func parseStates(data, summary string) (from, to judge.State, ok bool) {
	var parsed historyData
	if json.Unmarshal([]byte(data), &parsed) == nil {
		from, to = parsed.OldState.StateValue, parsed.NewState.StateValue
	}
	if known(from) && known(to) {
		return from, to, true
	}
	words := summaryForm.FindStringSubmatch(summary)
	if words == nil {
		return "", "", false
	}
	from, to = judge.State(words[1]), judge.State(words[2])
	return from, to, known(from) && known(to)
}

func known(s judge.State) bool {
	return s == judge.OK || s == judge.InAlarm || s == judge.InsufficientData
}
