package cloudwatch

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// asMetricAlarm answers a copy with pointers of its own.
func (a *alarm) asMetricAlarm() types.MetricAlarm {
	out := *copyMetricAlarm(a.def.metric)
	out.AlarmArn = aws.String(arnOf(a.def.name))
	out.StateValue, out.StateReason = a.state, aws.String(a.reason)
	out.StateTransitionedTimestamp, out.StateUpdatedTimestamp = aws.Time(a.since), aws.Time(a.updated)
	out.AlarmConfigurationUpdatedTimestamp = aws.Time(a.created)
	out.StateReasonData = nil
	if a.reasonData != "" {
		out.StateReasonData = aws.String(a.reasonData)
	}
	return out
}

func (a *alarm) asCompositeAlarm() types.CompositeAlarm {
	out := *copyCompositeAlarm(a.def.composite)
	out.AlarmArn = aws.String(arnOf(a.def.name))
	out.StateValue, out.StateReason = a.state, aws.String(a.reason)
	out.StateTransitionedTimestamp, out.StateUpdatedTimestamp = aws.Time(a.since), aws.Time(a.updated)
	out.AlarmConfigurationUpdatedTimestamp = aws.Time(a.created)
	return out
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// copyMetricAlarm copies everything that an alarm's definition may hold; a caller may do with it what it likes.
func copyMetricAlarm(a *types.MetricAlarm) *types.MetricAlarm {
	return &types.MetricAlarm{
		AlarmName: clone(a.AlarmName), AlarmDescription: clone(a.AlarmDescription), ActionsEnabled: clone(a.ActionsEnabled),
		AlarmActions: slices.Clone(a.AlarmActions), OKActions: slices.Clone(a.OKActions), InsufficientDataActions: slices.Clone(a.InsufficientDataActions),
		Namespace: clone(a.Namespace), MetricName: clone(a.MetricName), Dimensions: copyDimensions(a.Dimensions), Unit: a.Unit,
		Statistic: a.Statistic, ExtendedStatistic: clone(a.ExtendedStatistic), Period: clone(a.Period),
		EvaluationPeriods: clone(a.EvaluationPeriods), DatapointsToAlarm: clone(a.DatapointsToAlarm), Threshold: clone(a.Threshold),
		ComparisonOperator: a.ComparisonOperator, TreatMissingData: clone(a.TreatMissingData),
		EvaluateLowSampleCountPercentile: clone(a.EvaluateLowSampleCountPercentile), Metrics: copyQueries(a.Metrics),
	}
}

func copyCompositeAlarm(a *types.CompositeAlarm) *types.CompositeAlarm {
	return &types.CompositeAlarm{
		AlarmName: clone(a.AlarmName), AlarmDescription: clone(a.AlarmDescription), ActionsEnabled: clone(a.ActionsEnabled),
		AlarmActions: slices.Clone(a.AlarmActions), OKActions: slices.Clone(a.OKActions), InsufficientDataActions: slices.Clone(a.InsufficientDataActions),
		AlarmRule: clone(a.AlarmRule),
	}
}

func copyDimensions(from []types.Dimension) []types.Dimension {
	if from == nil {
		return nil
	}
	to := make([]types.Dimension, len(from))
	for i, d := range from {
		to[i] = types.Dimension{Name: clone(d.Name), Value: clone(d.Value)}
	}
	return to
}

func copyQueries(from []types.MetricDataQuery) []types.MetricDataQuery {
	if from == nil {
		return nil
	}
	to := make([]types.MetricDataQuery, len(from))
	for i, q := range from {
		to[i] = types.MetricDataQuery{
			Id: clone(q.Id), AccountId: clone(q.AccountId), Expression: clone(q.Expression), Label: clone(q.Label),
			Period: clone(q.Period), ReturnData: clone(q.ReturnData),
		}
		if m := q.MetricStat; m != nil {
			to[i].MetricStat = &types.MetricStat{Period: clone(m.Period), Stat: clone(m.Stat), Unit: m.Unit}
			if m.Metric != nil {
				to[i].MetricStat.Metric = &types.Metric{
					Namespace: clone(m.Metric.Namespace), MetricName: clone(m.Metric.MetricName), Dimensions: copyDimensions(m.Metric.Dimensions),
				}
			}
		}
	}
	return to
}
