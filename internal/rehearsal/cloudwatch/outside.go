package cloudwatch

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Outside is the metrics for whoever looks at the account from outside of it, as a report does: no invocation, no
// faults, no time passes, nothing is counted.
type Outside struct{ service *Service }

// Outside returns the metrics without the door.
func (s *Service) Outside() Outside { return Outside{s} }

// GetMetricData reads metrics.
func (o Outside) GetMetricData(_ context.Context, in *sdk.GetMetricDataInput, _ ...func(*sdk.Options)) (*sdk.GetMetricDataOutput, error) {
	return o.service.getMetricData(in)
}

// SetAlarmState changes an alarm's state until it is evaluated next, as somebody does who tries an alarm.
func (o Outside) SetAlarmState(_ context.Context, in *sdk.SetAlarmStateInput, _ ...func(*sdk.Options)) (*sdk.SetAlarmStateOutput, error) {
	return o.service.setAlarmState(in)
}

// Fired returns when an alarm went to ALARM for the first time; false where it has not, or does not exist.
func (o Outside) Fired(name string) (time.Time, bool) {
	o.service.catchUp(o.service.now())
	if a := o.service.alarm(name); a != nil {
		for _, t := range a.history {
			if t.to == types.StateValueAlarm {
				return t.at, true
			}
		}
	}
	return time.Time{}, false
}
