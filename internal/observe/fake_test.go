package observe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

var start = time.Date(2026, 3, 2, 9, 0, 20, 0, time.UTC) // of the canary: the first whole minute is 9:01

// minute returns the start of a minute after nine.
func minute(n int) time.Time { return start.Truncate(time.Hour).Add(time.Duration(n) * time.Minute) }

// fakeCloudWatch is a CloudWatch with as much behaviour as observe depends on.
type fakeCloudWatch struct {
	metric    []types.MetricAlarm
	composite []types.CompositeAlarm
	history   map[string][]types.AlarmHistoryItem
	data      map[string]map[time.Time]float64 // by "namespace/name{dimensions} stat period"
	status    map[string]types.StatusCode      // where it is not Complete, by the same
	silent    map[string]bool                  // series that are not answered at all

	perPage   int // of alarms and history; 0: as asked
	points    int // a page of GetMetricData; 0: no limit
	sameToken bool
	fail      error

	describeAlarms []*cloudwatch.DescribeAlarmsInput
	describeHist   []*cloudwatch.DescribeAlarmHistoryInput
	getMetricData  []*cloudwatch.GetMetricDataInput
}

func (f *fakeCloudWatch) DescribeAlarms(_ context.Context, in *cloudwatch.DescribeAlarmsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	asked := *in
	f.describeAlarms = append(f.describeAlarms, &asked)
	if f.fail != nil {
		return nil, f.fail
	}
	if len(in.AlarmNames) > 100 || *in.MaxRecords > 100 {
		return nil, fmt.Errorf("more than 100 names or records")
	}
	out := &cloudwatch.DescribeAlarmsOutput{}
	if f.sameToken {
		out.NextToken = aws.String("again")
		return out, nil
	}
	skip := skipOf(in.NextToken)
	limit := cmp.Or(f.perPage, int(*in.MaxRecords))
	n := 0
	add := func(name *string, kind types.AlarmType, put func()) {
		if !slices.Contains(in.AlarmNames, *name) || !slices.Contains(in.AlarmTypes, kind) {
			return
		}
		if n++; n > skip && n <= skip+limit {
			put()
		}
	}
	for _, a := range f.metric {
		add(a.AlarmName, types.AlarmTypeMetricAlarm, func() { out.MetricAlarms = append(out.MetricAlarms, a) })
	}
	for _, a := range f.composite {
		add(a.AlarmName, types.AlarmTypeCompositeAlarm, func() { out.CompositeAlarms = append(out.CompositeAlarms, a) })
	}
	if n > skip+limit {
		out.NextToken = aws.String(strconv.Itoa(skip + limit))
	}
	return out, nil
}

func (f *fakeCloudWatch) DescribeAlarmHistory(_ context.Context, in *cloudwatch.DescribeAlarmHistoryInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmHistoryOutput, error) {
	asked := *in
	f.describeHist = append(f.describeHist, &asked)
	if f.fail != nil {
		return nil, f.fail
	}
	if len(in.AlarmTypes) != 2 {
		return nil, fmt.Errorf("composite alarms are left out unless asked for")
	}
	items := slices.DeleteFunc(slices.Clone(f.history[*in.AlarmName]), func(i types.AlarmHistoryItem) bool { return i.Timestamp.Before(*in.StartDate) })
	skip := skipOf(in.NextToken)
	limit := cmp.Or(f.perPage, int(*in.MaxRecords))
	out := &cloudwatch.DescribeAlarmHistoryOutput{AlarmHistoryItems: items[min(skip, len(items)):min(skip+limit, len(items))]}
	if skip+limit < len(items) {
		out.NextToken = aws.String(strconv.Itoa(skip + limit))
	}
	return out, nil
}

func skipOf(token *string) int {
	n, _ := strconv.Atoi(aws.ToString(token))
	return n
}

func (f *fakeCloudWatch) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	asked := *in
	f.getMetricData = append(f.getMetricData, &asked)
	if f.fail != nil {
		return nil, f.fail
	}
	if len(in.MetricDataQueries) > 500 {
		return nil, fmt.Errorf("more than 500 queries")
	}
	out := &cloudwatch.GetMetricDataOutput{}
	skip, limit, n := skipOf(in.NextToken), cmp.Or(f.points, 1<<30), 0
	for _, q := range in.MetricDataQueries {
		key := keyOf(q)
		if f.silent[key] {
			continue
		}
		result := types.MetricDataResult{Id: q.Id, StatusCode: cmp.Or(f.status[key], types.StatusCodeComplete)}
		for _, at := range slices.SortedFunc(keys(f.data[key]), time.Time.Compare) {
			if at.Before(*in.StartTime) || !at.Before(*in.EndTime) {
				continue
			}
			n++
			switch {
			case n > skip && n <= skip+limit:
				result.Timestamps, result.Values = append(result.Timestamps, at), append(result.Values, f.data[key][at])
			case n > skip+limit:
				result.StatusCode = types.StatusCodePartialData
				out.NextToken = aws.String(strconv.Itoa(skip + limit))
			}
		}
		out.MetricDataResults = append(out.MetricDataResults, result)
	}
	return out, nil
}

func keys(m map[time.Time]float64) func(func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		for at := range m {
			if !yield(at) {
				return
			}
		}
	}
}

func keyOf(q types.MetricDataQuery) string {
	dims := ""
	for _, d := range q.MetricStat.Metric.Dimensions {
		dims += *d.Name + "=" + *d.Value + ","
	}
	return fmt.Sprintf("%s/%s{%s} %s %d", *q.MetricStat.Metric.Namespace, *q.MetricStat.Metric.MetricName, dims, *q.MetricStat.Stat, *q.MetricStat.Period)
}

// put sets one data point of a series that is asked for by the minute.
func (f *fakeCloudWatch) put(series string, at time.Time, v float64) {
	if f.data == nil {
		f.data = map[string]map[time.Time]float64{}
	}
	if f.data[series] == nil {
		f.data[series] = map[time.Time]float64{}
	}
	f.data[series][at] = v
}

func (f *fakeCloudWatch) observer(now time.Time) *Observer {
	return New(f, func() time.Time { return now })
}

// alarm adds a metric alarm of one minute on AWS/SQS that entered its state at the given time.
func (f *fakeCloudWatch) alarm(name string, state judge.State, since time.Time) *types.MetricAlarm {
	f.metric = append(f.metric, types.MetricAlarm{
		AlarmName: aws.String(name), StateValue: types.StateValue(state), StateTransitionedTimestamp: aws.Time(since), StateReason: aws.String("because"),
		Namespace: aws.String("AWS/SQS"), MetricName: aws.String(name), Period: aws.Int32(60),
		Dimensions: []types.Dimension{{Name: aws.String("QueueName"), Value: aws.String("orders")}},
	})
	return &f.metric[len(f.metric)-1]
}

// sampled gives an alarm's metric samples in the minutes [from, to).
func (f *fakeCloudWatch) sampled(name string, from, to int) {
	for m := from; m < to; m++ {
		f.put("AWS/SQS/"+name+"{QueueName=orders,} SampleCount 60", minute(m), 1)
	}
}

// changed adds a transition to an alarm's history.
func (f *fakeCloudWatch) changed(name string, at time.Time, from, to judge.State) {
	if f.history == nil {
		f.history = map[string][]types.AlarmHistoryItem{}
	}
	f.history[name] = append(f.history[name], types.AlarmHistoryItem{
		AlarmName: aws.String(name), Timestamp: aws.Time(at), HistoryItemType: types.HistoryItemTypeStateUpdate,
		HistoryData:    aws.String(fmt.Sprintf(`{"version":"1.0","oldState":{"stateValue":%q,"stateReason":"x"},"newState":{"stateValue":%q,"stateReason":"y"}}`, from, to)),
		HistorySummary: aws.String("Alarm updated from " + string(from) + " to " + string(to)),
	})
}

// counted sets what one arm did in a minute.
func (f *fakeCloudWatch) counted(service string, m int, units, failed float64) {
	f.put("Orders/Processed{Service="+service+",} Sum 60", minute(m), units)
	if failed > 0 {
		f.put("Orders/Failed{Service="+service+",} Sum 60", minute(m), failed)
	}
}

// aRelease is one that bakes, with the given alarms and one comparison.
func aRelease(alarms ...string) *release.Release {
	r := &release.Release{}
	r.Target = release.Target{Name: "orders", Platform: release.PlatformECSQueue, Checks: release.Checks{
		Alarms: alarms, FalseRollback: .01, MinimumSample: 300,
		Compare: []release.Comparison{{Name: "failures", Margin: 1.25, Proportion: &release.Proportion{
			Namespace: "Orders", Failed: "Failed", Total: "Processed", By: release.ByDimension{Dimension: "Service"},
		}}},
	}}
	r.Steps = []release.Step{{Weight: 10, Bake: release.Duration(10 * time.Minute)}, {Weight: 25, Bake: release.Duration(20 * time.Minute)}}
	r.Target.Plan.MaxBake = release.Duration(15 * time.Minute)
	r.Phase, r.Opened, r.CanarySince = release.Baking, start.Add(-5*time.Minute), start
	r.Shares = []release.TaskShare{{At: start, Canary: 1, Primary: 9}}
	r.Metrics = theMetrics()
	return r
}

func aSighting() release.Sighting { return release.Sighting{CanaryStarted: start} }

// theMetrics are those of two ECS services on one queue.
func theMetrics() release.Metrics {
	return release.Metrics{
		Canary: release.ArmMetrics{Value: "orders-canary"}, Baseline: release.ArmMetrics{Value: "orders"},
		Work: release.Metric{Namespace: "AWS/SQS", Name: "NumberOfMessagesReceived", Dimensions: []release.Dimension{{Name: "QueueName", Value: "orders"}}},
	}
}
