package cloudwatch

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
)

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (s *Service) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	switch in := params.(type) {
	case *sdk.DescribeAlarmsInput:
		out, err = s.DescribeAlarms(ctx, in)
	case *sdk.DescribeAlarmHistoryInput:
		out, err = s.DescribeAlarmHistory(ctx, in)
	case *sdk.GetMetricDataInput:
		out, err = s.GetMetricData(ctx, in)
	case *sdk.PutMetricDataInput:
		out, err = s.PutMetricData(ctx, in)
	case *sdk.SetAlarmStateInput:
		out, err = s.SetAlarmState(ctx, in)
	default:
		return nil, false, nil
	}
	return out, true, err
}
