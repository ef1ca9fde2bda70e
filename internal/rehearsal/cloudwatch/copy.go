package cloudwatch

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// boxed holds what a metric alarm's pointers point to, in one piece of memory.
type boxed struct {
	name, arn, description, namespace, metric, extended, treat, lowSample, reason, data string
	enabled                                                                             bool
	period, periods, datapoints                                                         int32
	threshold                                                                           float64
	since, updated, created                                                             time.Time
}

// into copies *from to *to and returns to, or nil where there is nothing to copy.
func into[T any](to, from *T) *T {
	if from == nil {
		return nil
	}
	*to = *from
	return to
}

// asMetricAlarm answers a copy. Alarms are looked at far more often than they change, so that one answer may share with
// a later one what both say; with the account it shares nothing.
func (a *alarm) asMetricAlarm() *types.MetricAlarm {
	if a.shown != nil {
		return a.shown
	}
	out := &types.MetricAlarm{}
	b := &boxed{arn: a.arn, reason: a.reason, data: a.reasonData, since: a.since, updated: a.updated, created: a.created}
	copyMetricAlarm(out, a.def.metric, b)
	out.AlarmArn = &b.arn
	out.StateValue, out.StateReason = a.state, &b.reason
	out.StateTransitionedTimestamp, out.StateUpdatedTimestamp = &b.since, &b.updated
	out.AlarmConfigurationUpdatedTimestamp = &b.created
	if a.reasonData != "" {
		out.StateReasonData = &b.data
	}
	a.shown = out
	return out
}

func (a *alarm) asCompositeAlarm() types.CompositeAlarm {
	out := *copyCompositeAlarm(a.def.composite)
	out.AlarmArn = aws.String(a.arn)
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
func copyMetricAlarm(out, a *types.MetricAlarm, b *boxed) {
	out.AlarmName, out.AlarmDescription = into(&b.name, a.AlarmName), into(&b.description, a.AlarmDescription)
	out.ActionsEnabled = into(&b.enabled, a.ActionsEnabled)
	out.AlarmActions, out.OKActions = slices.Clone(a.AlarmActions), slices.Clone(a.OKActions)
	out.InsufficientDataActions = slices.Clone(a.InsufficientDataActions)
	out.Namespace, out.MetricName = into(&b.namespace, a.Namespace), into(&b.metric, a.MetricName)
	out.Dimensions, out.Unit = copyDimensions(a.Dimensions), a.Unit
	out.Statistic, out.ExtendedStatistic = a.Statistic, into(&b.extended, a.ExtendedStatistic)
	out.Period, out.EvaluationPeriods = into(&b.period, a.Period), into(&b.periods, a.EvaluationPeriods)
	out.DatapointsToAlarm, out.Threshold = into(&b.datapoints, a.DatapointsToAlarm), into(&b.threshold, a.Threshold)
	out.ComparisonOperator, out.TreatMissingData = a.ComparisonOperator, into(&b.treat, a.TreatMissingData)
	out.EvaluateLowSampleCountPercentile = into(&b.lowSample, a.EvaluateLowSampleCountPercentile)
	out.Metrics = copyQueries(a.Metrics)
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
