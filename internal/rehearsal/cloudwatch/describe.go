package cloudwatch

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// Bounds of one call.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
const (
	maxNames       = 100
	defaultRecords = 50
	maxRecords     = 100
)

// DescribeAlarms answers metric alarms, and composite ones only where AlarmTypes asks for them.
func (s *Service) DescribeAlarms(ctx context.Context, in *sdk.DescribeAlarmsInput, _ ...func(*sdk.Options)) (*sdk.DescribeAlarmsOutput, error) {
	return door.Call(ctx, "cloudwatch:DescribeAlarms", in, func() (*sdk.DescribeAlarmsOutput, error) { return s.describeAlarms(in) })
}

// SetAlarmState changes the state until the alarm is evaluated next.
func (s *Service) SetAlarmState(ctx context.Context, in *sdk.SetAlarmStateInput, _ ...func(*sdk.Options)) (*sdk.SetAlarmStateOutput, error) {
	return door.Call(ctx, "cloudwatch:SetAlarmState", in, func() (*sdk.SetAlarmStateOutput, error) { return s.setAlarmState(in) })
}

func (s *Service) describeAlarms(in *sdk.DescribeAlarmsInput) (*sdk.DescribeAlarmsOutput, error) {
	if in.ActionPrefix != nil || in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil {
		return nil, invalid("ActionPrefix, ChildrenOfAlarmName and ParentsOfAlarmName are not simulated")
	}
	if len(in.AlarmNames) > maxNames || in.AlarmNamePrefix != nil && len(in.AlarmNames) > 0 {
		return nil, invalid("AlarmNames takes at most 100 names, and none together with AlarmNamePrefix")
	}
	limit, err := s.records(in.MaxRecords)
	if err != nil {
		return nil, err
	}
	after, err := tokenOf(in.NextToken)
	if err != nil {
		return nil, err
	}
	s.catchUp(s.now())
	out := &sdk.DescribeAlarmsOutput{}
	shown := make([]*types.MetricAlarm, 0, min(limit, len(s.alarms)))
	answered, last := 0, ""
	for _, a := range s.alarms {
		if a.def.name <= after || !asked(in, a) {
			continue
		}
		if answered == limit {
			out.NextToken = aws.String(tokenMark + last) // alarms are answered by name
			break
		}
		answered, last = answered+1, a.def.name
		if a.def.metric != nil {
			shown = append(shown, a.asMetricAlarm())
		} else {
			out.CompositeAlarms = append(out.CompositeAlarms, a.asCompositeAlarm())
		}
	}
	out.MetricAlarms = s.metricAlarms.Of(shown)
	return out, nil
}

func asked(in *sdk.DescribeAlarmsInput, a *alarm) bool {
	kind := types.AlarmTypeMetricAlarm
	if a.def.composite != nil {
		kind = types.AlarmTypeCompositeAlarm
	}
	return isAsked(in.AlarmTypes, kind) &&
		(len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, a.def.name)) &&
		strings.HasPrefix(a.def.name, aws.ToString(in.AlarmNamePrefix)) &&
		(in.StateValue == "" || in.StateValue == a.state)
}

func isAsked(kinds []types.AlarmType, kind types.AlarmType) bool {
	if len(kinds) == 0 {
		return kind == types.AlarmTypeMetricAlarm
	}
	return slices.Contains(kinds, kind)
}

// tokenMark starts every token, so that one made up is noticed.
const tokenMark = "after:"

func tokenOf(token *string) (string, error) {
	if token == nil {
		return "", nil
	}
	after, ok := strings.CutPrefix(*token, tokenMark)
	if !ok {
		return "", &types.InvalidNextToken{Message: aws.String("The next token is not valid")}
	}
	return after, nil
}

// records is how many alarms, or changes of them, come at once.
func (s *Service) records(asked *int32) (int, error) {
	n := defaultRecords
	if asked != nil {
		n = int(*asked)
	}
	if n < 1 || n > maxRecords {
		return 0, invalid("MaxRecords must lie between 1 and 100")
	}
	if s.few > 0 {
		n = min(n, s.few)
	}
	return n, nil
}

func (s *Service) setAlarmState(in *sdk.SetAlarmStateInput) (*sdk.SetAlarmStateOutput, error) {
	now := s.now()
	s.catchUp(now)
	a := s.alarm(aws.ToString(in.AlarmName))
	switch {
	case a == nil:
		return nil, &types.ResourceNotFound{Message: aws.String("Alarm " + aws.ToString(in.AlarmName) + " does not exist")}
	case !slices.Contains(in.StateValue.Values(), in.StateValue):
		return nil, invalid("StateValue must be one of OK, ALARM, INSUFFICIENT_DATA")
	case in.StateReasonData != nil && !json.Valid([]byte(*in.StateReasonData)):
		return nil, &types.InvalidFormatFault{Message: aws.String("StateReasonData is not JSON")}
	}
	if a.state != in.StateValue {
		a.enter(in.StateValue, now, aws.ToString(in.StateReason), aws.ToString(in.StateReasonData))
		s.settleComposites(now, a)
	}
	return &sdk.SetAlarmStateOutput{}, nil
}
