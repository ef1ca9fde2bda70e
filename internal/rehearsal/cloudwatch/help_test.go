package cloudwatch

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// at returns the time so many minutes after the start.
func at(minutes float64) time.Time { return start.Add(time.Duration(minutes * float64(time.Minute))) }

// newService returns an account's CloudWatch whose data points show a fixed time after their minute.
func newService(delay time.Duration) (*loop.Loop, *Service) {
	l := loop.New(start, 1)
	s := New(l)
	s.SetDelay(func(*rand.Rand) time.Duration { return delay })
	return l, s
}

// within runs body in an invocation.
func within(t testing.TB, l *loop.Loop, body func(ctx context.Context)) {
	t.Helper()
	over := false
	door.New(l, nil, nil).Invoke("test", "request", time.Hour, body, func(bool) { over = true })
	for !over && l.Step() {
	}
	if !over {
		t.Fatal("the invocation did not end")
	}
}

// metricAlarm is 1 of 1 minutes of Orders Failed above 0; change what matters.
func metricAlarm(name string, change func(*types.MetricAlarm)) types.MetricAlarm {
	a := types.MetricAlarm{
		AlarmName: aws.String(name), Namespace: aws.String("Orders"), MetricName: aws.String("Failed"),
		Statistic: types.StatisticSum, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1),
		Threshold: aws.Float64(0), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
	}
	if change != nil {
		change(&a)
	}
	return a
}

func install(t testing.TB, s *Service, alarms ...types.MetricAlarm) {
	t.Helper()
	for _, a := range alarms {
		d, err := Define(a)
		if err != nil {
			t.Fatal(err)
		}
		s.Install(d)
	}
}

func stateOf(t testing.TB, s *Service, name string) types.StateValue {
	t.Helper()
	s.catchUp(s.now())
	a := s.alarm(name)
	if a == nil {
		t.Fatalf("no alarm %s", name)
	}
	return a.state
}

func stat(id, metric, statistic string, period int32) types.MetricDataQuery {
	return types.MetricDataQuery{Id: aws.String(id), MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: aws.String("Orders"), MetricName: aws.String(metric)},
		Period: aws.Int32(period), Stat: aws.String(statistic),
	}}
}

func formula(id, expression string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: aws.String(id), Expression: aws.String(expression)}
}

func read(from, to time.Time, queries ...types.MetricDataQuery) *sdk.GetMetricDataInput {
	return &sdk.GetMetricDataInput{
		StartTime: aws.Time(from), EndTime: aws.Time(to), MetricDataQueries: queries, ScanBy: types.ScanByTimestampAscending,
	}
}
