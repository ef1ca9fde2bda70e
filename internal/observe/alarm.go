package observe

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// What one DescribeAlarms takes and answers at most.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
const (
	namesPerCall  = 100
	alarmsPerPage = 100
)

// described is an alarm with as much of its definition as it takes to ask for its data.
type described struct {
	judge.Alarm
	reason  string   // of its state, in CloudWatch's words
	metrics []metric // what a metric alarm watches; none where that cannot be asked
	rule    string   // of a composite alarm
}

// describe returns the named alarms in the order of their names, each once. One that does not exist is Invalid: a
// missing alarm must never look like a quiet one.
func (o *Observer) describe(ctx context.Context, names []string) ([]described, error) {
	wanted := unique(names)
	alarms := make([]described, len(wanted))
	for chunk := range slices.Chunk(wanted, namesPerCall) {
		if err := o.describeChunk(ctx, chunk, func(a described) {
			if i := slices.Index(wanted, a.Name); i >= 0 {
				alarms[i] = a
			}
		}); err != nil {
			return nil, err
		}
	}
	var missing []string
	for i, name := range wanted {
		if alarms[i].Name == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, release.Errorf(release.Invalid, "checks.alarms",
			"CloudWatch has no metric or composite alarm named %s in this account and region; create what is missing, or correct the name in the target's checks", strings.Join(missing, ", "))
	}
	return alarms, nil
}

func (o *Observer) describeChunk(ctx context.Context, names []string, found func(described)) error {
	in := &cloudwatch.DescribeAlarmsInput{
		AlarmNames: names,
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}, // composites are left out unless asked for
		MaxRecords: aws.Int32(alarmsPerPage),
	}
	for {
		out, err := o.client.DescribeAlarms(ctx, in)
		if err != nil {
			return awserr.Wrap("describe alarms", err)
		}
		for i := range out.MetricAlarms {
			found(ofMetricAlarm(&out.MetricAlarms[i]))
		}
		for i := range out.CompositeAlarms {
			found(ofCompositeAlarm(&out.CompositeAlarms[i]))
		}
		token := aws.ToString(out.NextToken)
		if token == "" {
			return nil
		}
		if token == aws.ToString(in.NextToken) {
			return release.Errorf(release.Unexpected, "describe alarms", "CloudWatch answers the same page again and again")
		}
		in.NextToken = out.NextToken
	}
}

func ofMetricAlarm(a *types.MetricAlarm) described {
	alarm := alarmOf(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp)
	return described{Alarm: alarm, reason: aws.ToString(a.StateReason), metrics: metricsOf(a)}
}

func ofCompositeAlarm(a *types.CompositeAlarm) described {
	alarm := alarmOf(a.AlarmName, a.StateValue, a.StateTransitionedTimestamp, a.StateUpdatedTimestamp)
	return described{Alarm: alarm, reason: aws.ToString(a.StateReason), rule: aws.ToString(a.AlarmRule)}
}

// alarmOf takes the time of the last update of the state where the time of the last transition is missing: it is
// never earlier, so nothing is overlooked.
func alarmOf(name *string, state types.StateValue, transitioned, updated *time.Time) judge.Alarm {
	since := aws.ToTime(transitioned)
	if since.IsZero() {
		since = aws.ToTime(updated)
	}
	return judge.Alarm{Name: aws.ToString(name), State: judge.State(state), Since: since}
}

func unique(names []string) []string {
	once := make([]string, 0, len(names))
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}
