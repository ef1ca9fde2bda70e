package cloudwatch

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// DescribeAlarmHistory answers the changes of state; the other kinds of items are not kept.
func (s *Service) DescribeAlarmHistory(ctx context.Context, in *sdk.DescribeAlarmHistoryInput, _ ...func(*sdk.Options)) (*sdk.DescribeAlarmHistoryOutput, error) {
	return door.Call(ctx, "cloudwatch:DescribeAlarmHistory", in, func() (*sdk.DescribeAlarmHistoryOutput, error) { return s.describeHistory(in) })
}

func (s *Service) describeHistory(in *sdk.DescribeAlarmHistoryInput) (*sdk.DescribeAlarmHistoryOutput, error) {
	limit, err := s.records(in.MaxRecords)
	if err != nil {
		return nil, err
	}
	skip, err := skipOf(in.NextToken)
	if err != nil {
		return nil, err
	}
	s.catchUp(s.now())
	items := s.historyItems(in)
	out := &sdk.DescribeAlarmHistoryOutput{}
	for i := skip; i < len(items); i++ {
		if len(out.AlarmHistoryItems) == limit {
			out.NextToken = aws.String(skipToken(i))
			break
		}
		out.AlarmHistoryItems = append(out.AlarmHistoryItems, items[i].a.asHistoryItem(items[i].t))
	}
	return out, nil
}

func skipToken(n int) string { return tokenMark + strconv.Itoa(n) }

func skipOf(token *string) (int, error) {
	text, err := tokenOf(token)
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, &types.InvalidNextToken{Message: aws.String("The next token is not valid")}
	}
	return n, nil
}

type historyItem struct {
	a *alarm
	t *transition
}

// historyItems returns what is asked for, in the order asked for: the newest first, unless told otherwise.
func (s *Service) historyItems(in *sdk.DescribeAlarmHistoryInput) []historyItem {
	var items []historyItem
	if in.HistoryItemType != "" && in.HistoryItemType != types.HistoryItemTypeStateUpdate {
		return nil
	}
	for _, a := range s.alarms {
		kind := types.AlarmTypeMetricAlarm
		if a.def.composite != nil {
			kind = types.AlarmTypeCompositeAlarm
		}
		if !isAsked(in.AlarmTypes, kind) || in.AlarmName != nil && *in.AlarmName != a.def.name {
			continue
		}
		for i := range a.history {
			t := &a.history[i]
			if in.StartDate != nil && t.at.Before(*in.StartDate) || in.EndDate != nil && t.at.After(*in.EndDate) {
				continue
			}
			items = append(items, historyItem{a, t})
		}
	}
	slices.SortStableFunc(items, func(a, b historyItem) int {
		if in.ScanBy == types.ScanByTimestampAscending {
			return a.t.at.Compare(b.t.at)
		}
		return b.t.at.Compare(a.t.at)
	})
	return items
}

func (a *alarm) asHistoryItem(t *transition) types.AlarmHistoryItem {
	kind := types.AlarmTypeMetricAlarm
	if a.def.composite != nil {
		kind = types.AlarmTypeCompositeAlarm
	}
	return types.AlarmHistoryItem{
		AlarmName: aws.String(a.def.name), AlarmType: kind, Timestamp: aws.Time(t.at),
		HistoryItemType: types.HistoryItemTypeStateUpdate,
		HistorySummary:  aws.String("Alarm updated from " + string(t.from) + " to " + string(t.to)),
		HistoryData:     aws.String(t.data()),
	}
}

// historyState is one side of HistoryData.
type historyState struct {
	StateValue      types.StateValue `json:"stateValue"`
	StateReason     string           `json:"stateReason"`
	StateReasonData json.RawMessage  `json:"stateReasonData,omitempty"`
}

// data returns HistoryData, written once.
func (t *transition) data() string {
	if t.written == "" {
		t.written = t.json()
	}
	return t.written
}

// json writes HistoryData in the form of AWS's own example of describe-alarm-history.
// https://docs.aws.amazon.com/cli/latest/reference/cloudwatch/describe-alarm-history.html
func (t *transition) json() string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Version  string       `json:"version"`
		OldState historyState `json:"oldState"`
		NewState historyState `json:"newState"`
	}{"1.0", side(t.from, t.fromReason, t.fromReasonData), side(t.to, t.toReason, t.toReasonData)})
	if err != nil {
		panic(err) // strings, and JSON that is checked when it comes in
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func side(state types.StateValue, reason, data string) historyState {
	s := historyState{StateValue: state, StateReason: reason}
	if data != "" {
		s.StateReasonData = json.RawMessage(data)
	}
	return s
}
