package storytest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/release"
)

// Ledger is a ledger of one release.
type Ledger struct {
	Release release.Release
	Log     []release.Event
}

// Load returns the release, or a NotFound error.
func (l *Ledger) Load(_ context.Context, id release.ID) (*release.Release, error) {
	if id != l.Release.ID {
		return nil, release.Errorf(release.NotFound, "load release "+string(id), "there is no such release")
	}
	r := l.Release
	return &r, nil
}

// Events returns the release's events, or a NotFound error.
func (l *Ledger) Events(_ context.Context, id release.ID) ([]release.Event, error) {
	if id != l.Release.ID {
		return nil, release.Errorf(release.NotFound, "events of "+string(id), "there is no such release")
	}
	return slices.Clone(l.Log), nil
}

// Metrics answers GetMetricData from sums by minute. The zero value has no data.
type Metrics struct {
	Err      error // answered to every call
	PageSize int   // values in an answer at most; 0 is all

	series map[string][]value
}

type value struct {
	at time.Time
	v  float64
}

// Put sets the value of a metric's minute.
func (m *Metrics) Put(namespace, metric, dimension, name string, at time.Time, v float64) {
	if m.series == nil {
		m.series = map[string][]value{}
	}
	key := seriesKey(namespace, metric, dimension, name)
	m.series[key] = append(m.series[key], value{at, v})
}

// Drop forgets a metric, as if it had never been published.
func (m *Metrics) Drop(namespace, metric, dimension, name string) {
	delete(m.series, seriesKey(namespace, metric, dimension, name))
}

func seriesKey(namespace, metric, dimension, name string) string {
	return namespace + "\n" + metric + "\n" + dimension + "\n" + name
}

// GetMetricData answers a page; the token of the next one is the offset of its first value.
func (m *Metrics) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	if m.Err != nil {
		return nil, m.Err
	}
	skip := len(aws.ToString(in.NextToken)) // the fake's token: a letter for each value that was answered already
	size := cmp.Or(m.PageSize, 1<<30)
	out := &cloudwatch.GetMetricDataOutput{}
	more := false
	for _, q := range in.MetricDataQueries {
		metric := q.MetricStat.Metric
		key := seriesKey(*metric.Namespace, *metric.MetricName, *metric.Dimensions[0].Name, *metric.Dimensions[0].Value)
		result := types.MetricDataResult{Id: q.Id, StatusCode: types.StatusCodeComplete}
		for i, v := range m.series[key] {
			if i < skip || v.at.Before(*in.StartTime) || !v.at.Before(*in.EndTime) {
				continue
			}
			if i >= skip+size {
				more = true
				break
			}
			result.Timestamps = append(result.Timestamps, v.at)
			result.Values = append(result.Values, v.v)
		}
		out.MetricDataResults = append(out.MetricDataResults, result)
	}
	if more {
		out.NextToken = aws.String(string(slices.Repeat([]byte("n"), skip+size)))
	}
	return out, nil
}

// sort puts every series in the order of time, as CloudWatch answers it.
func (m *Metrics) sort() {
	for _, values := range m.series {
		slices.SortStableFunc(values, func(a, b value) int { return a.at.Compare(b.at) })
	}
}

// Sum adds up a metric of all services between two times.
func (m *Metrics) Sum(namespace, metric string, from, to time.Time) int64 {
	sum := int64(0)
	for key, values := range m.series {
		if !strings.HasPrefix(key, namespace+"\n"+metric+"\n") {
			continue
		}
		for _, v := range values {
			if !v.at.Before(from) && v.at.Before(to) {
				sum += int64(v.v)
			}
		}
	}
	return sum
}
