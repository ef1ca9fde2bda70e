package story

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Measure is the work of both versions and how much of it failed, minute by minute.
type Measure struct {
	Name    string
	Minutes []Minute // one for each minute of the story, in order
}

// Minute is the work of one minute. Moving is the work of an arm that was being replaced, so that its version is not
// known.
type Minute struct {
	At               time.Time
	Old, New, Moving release.Arm
	primary          bool // the primary's work is known: without it nothing can be said of shares
}

// Series is one measured value over time.
type Series struct {
	Name   string
	Unit   string // "messages", "s"
	Points []Point
}

// Point is one value of a series.
type Point struct {
	At    time.Time
	Value float64
}

// Latency is how long the units of work of both versions took.
type Latency struct {
	Name     string
	Unit     release.TimeUnit
	Limit    float64 // the baseline's p90 before the release; 0 where unknown
	Old, New []Point // p90 of each minute in which it is known which version worked
}

const minute = time.Minute

// query is one metric to ask for, and where its values go.
type query struct {
	about string // the metric as people write it, for what is missing
	stat  types.MetricStat
	add   func(at time.Time, value float64)
	found bool
}

// readMetrics asks CloudWatch for everything at once. Sums of minutes, as the judge reads them.
func (s *Story) readMetrics(ctx context.Context, metrics Metrics) {
	queries := s.queries()
	if len(queries) == 0 {
		return
	}
	input := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(s.From), EndTime: aws.Time(s.To), ScanBy: types.ScanByTimestampAscending,
	}
	for i, q := range queries {
		stat := q.stat
		input.MetricDataQueries = append(input.MetricDataQueries, types.MetricDataQuery{Id: aws.String(fmt.Sprintf("q%d", i)), MetricStat: &stat})
	}
	const pages = 100 // far more than two weeks of minutes need
	for range pages {
		out, err := metrics.GetMetricData(ctx, input)
		if err != nil {
			s.miss("The workload's metrics could not be read (%s). Work, failures and the queue are not shown, or not all of them.", awserr.Cause(err))
			return
		}
		s.take(queries, out.MetricDataResults)
		if aws.ToString(out.NextToken) == "" {
			break
		}
		input.NextToken = out.NextToken
	}
	for i := range s.Latency {
		s.Latency[i].inOrder()
	}
	s.missing(queries)
}

func (s *Story) take(queries []*query, results []types.MetricDataResult) {
	for _, result := range results {
		i := -1
		if _, err := fmt.Sscanf(aws.ToString(result.Id), "q%d", &i); err != nil || i < 0 || i >= len(queries) {
			continue
		}
		for j := range min(len(result.Timestamps), len(result.Values)) {
			at := result.Timestamps[j]
			if at.Before(s.From) || !at.Before(s.To) {
				continue
			}
			queries[i].found = true
			queries[i].add(at, result.Values[j])
		}
		if result.StatusCode == types.StatusCodeForbidden || result.StatusCode == types.StatusCodeInternalError {
			s.miss("The metric %s could not be read: %s.", queries[i].about, result.StatusCode)
			queries[i].found = true // the reason is known; "no data" would be a guess
		}
	}
}

// missing names the metrics without data, once the canary has worked: before that nothing is published of it.
func (s *Story) missing(queries []*query) {
	if s.Release.CanarySince.IsZero() {
		return
	}
	var absent []string
	for _, q := range queries {
		if !q.found && q.about != "" {
			absent = append(absent, q.about)
		}
	}
	if len(absent) > 0 {
		s.miss("No data of %s between %s and %s UTC. What is published late shows when the story is read again.",
			strings.Join(absent, ", "), Clock(s.From), Clock(s.To))
	}
}

// queries lists what this workload measures.
func (s *Story) queries() []*query {
	m := momentsOf(s)
	var queries []*query
	for _, comparison := range s.Release.Target.Checks.Compare {
		of, ok := s.Release.MeasuredAt().Compared(comparison)
		if ok && of.Kind == release.CompareLatency {
			queries = append(queries, s.latencyQueries(comparison.Name, of, m)...)
		}
		if !ok || of.Kind != release.CompareFailures {
			continue
		}
		s.Measures = append(s.Measures, Measure{Name: comparison.Name, Minutes: s.minutes()})
		i := len(s.Measures) - 1
		queries = append(queries, s.armQueries(of.Canary, i, m.canaryArm, false)...)
		queries = append(queries, s.armQueries(of.Baseline, i, m.primaryArm, true)...)
	}
	return append(queries, s.queueQueries()...)
}

// armQueries asks for the work of one arm and how much of it failed.
func (s *Story) armQueries(of release.Measured, measure int, runs func(time.Time) Version, primary bool) []*query {
	queries := []*query{{
		about: Plain(of.Units.String()), stat: stat(of.Units, "Sum"),
		add: func(at time.Time, value float64) {
			m := s.minute(measure, at)
			m.of(runs(m.At)).Units += int64(value)
			m.primary = m.primary || primary
		},
	}}
	for _, failed := range of.Failed { // a workload without failures publishes none, so it is never missing
		queries = append(queries, &query{stat: stat(failed, "Sum"), add: func(at time.Time, value float64) {
			m := s.minute(measure, at)
			m.of(runs(m.At)).Failed += int64(value)
		}})
	}
	return queries
}

// latencyQueries asks for the p90 of both arms. While the primary runs the new version too, it is the one that is shown.
func (s *Story) latencyQueries(name string, of release.Compared, m moments) []*query {
	limit, _ := s.Release.Reference.Thresholds(name)
	s.Latency = append(s.Latency, Latency{Name: name, Unit: of.Unit, Limit: limit.P90})
	i := len(s.Latency) - 1
	ask := func(arm release.Measured, shown func(time.Time) Version) *query {
		return &query{about: Plain(arm.Duration.String()), stat: stat(arm.Duration, "p90"), add: func(at time.Time, value float64) {
			point := Point{At: at, Value: value}
			switch shown(at.Truncate(minute)) {
			case Old:
				s.Latency[i].Old = append(s.Latency[i].Old, point)
			case New:
				s.Latency[i].New = append(s.Latency[i].New, point)
			}
		}}
	}
	return []*query{
		ask(of.Baseline, m.primaryArm),
		ask(of.Canary, func(at time.Time) Version {
			if m.canaryArm(at) == New && m.primaryArm(at) == Old {
				return New
			}
			return Moving
		}),
	}
}

// inOrder puts points in the order of time: those of a version come from two arms.
func (l *Latency) inOrder() {
	for _, points := range [][]Point{l.Old, l.New} {
		slices.SortStableFunc(points, func(a, b Point) int { return a.At.Compare(b.At) })
	}
}

func (s *Story) queueQueries() []*query {
	ecs := s.Release.Target.ECSQueue
	if ecs == nil || ecs.Queue == "" {
		return nil
	}
	s.Queue = []Series{{Name: "depth", Unit: "messages"}, {Name: "age of the oldest message", Unit: "s"}}
	var queries []*query
	for i, metric := range []string{"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"} {
		of := release.Metric{Namespace: "AWS/SQS", Name: metric, Dimensions: []release.Dimension{{Name: "QueueName", Value: queueName(ecs.Queue)}}}
		about := Plain(of.String())
		if i > 0 {
			about = "" // an empty queue has no oldest message
		}
		queries = append(queries, &query{
			about: about,
			stat:  stat(of, "Maximum"),
			add: func(at time.Time, value float64) {
				s.Queue[i].Points = append(s.Queue[i].Points, Point{At: at, Value: value})
			},
		})
	}
	return queries
}

// queueName returns the name of a queue that is given by name or by URL.
func queueName(queue string) string { return queue[strings.LastIndexByte(queue, '/')+1:] }

func stat(m release.Metric, statistic string) types.MetricStat {
	metric := &types.Metric{Namespace: aws.String(m.Namespace), MetricName: aws.String(m.Name)}
	for _, d := range m.Dimensions {
		metric.Dimensions = append(metric.Dimensions, types.Dimension{Name: aws.String(d.Name), Value: aws.String(d.Value)})
	}
	return types.MetricStat{Metric: metric, Period: aws.Int32(int32(minute / time.Second)), Stat: aws.String(statistic)}
}

func (s *Story) minutes() []Minute {
	minutes := make([]Minute, max(0, int(s.To.Sub(s.From)/minute)))
	for i := range minutes {
		minutes[i].At = s.From.Add(time.Duration(i) * minute)
	}
	return minutes
}

// minute returns the minute that a time belongs to.
func (s *Story) minute(measure int, at time.Time) *Minute {
	return &s.Measures[measure].Minutes[int(at.Sub(s.From)/minute)]
}

// of returns the counts of a version.
func (m *Minute) of(version Version) *release.Arm {
	switch version {
	case New:
		return &m.New
	case Moving:
		return &m.Moving
	}
	return &m.Old
}

// Totals returns the work of both versions while the canary ran beside the baseline: what the judge compares.
func (m *Measure) Totals(from, to time.Time) (canary, baseline release.Arm) {
	for _, at := range m.Minutes {
		if at.At.Before(from) || !at.At.Before(to) {
			continue
		}
		canary.Units += at.New.Units
		canary.Failed += at.New.Failed
		baseline.Units += at.Old.Units
		baseline.Failed += at.Old.Failed
	}
	return canary, baseline
}

// Exposed returns what the users had of the new version before it was promoted or gone: its work as the canary, and
// that of the canary's place while it was brought back, some of which was the baseline's already.
func (s *Story) Exposed(measure *Measure) release.Arm {
	m := momentsOf(s)
	var arm release.Arm
	for _, at := range measure.Minutes {
		if m.primaryArm(at.At) != Old && m.back.IsZero() {
			break
		}
		arm.Units += at.New.Units
		arm.Failed += at.New.Failed
		if passed(m.canary, at.At) {
			arm.Units += at.Moving.Units
			arm.Failed += at.Moving.Failed
		}
	}
	return arm
}
