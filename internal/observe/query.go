package observe

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/release"
)

// metric names one metric with a period. It is comparable, so that the same one is asked for once.
type metric struct {
	namespace, name string
	dimensions      string // "name=value" by line, in the order given
	unit, account   string
	period          int32 // seconds
}

func (m metric) String() string {
	return m.namespace + "/" + m.name + "{" + strings.ReplaceAll(m.dimensions, "\n", ",") + "}"
}

func perMinute(m release.Metric) metric { return per(m, time.Minute) }

func per(m release.Metric, period time.Duration) metric {
	lines := make([]string, len(m.Dimensions))
	for i, d := range m.Dimensions {
		lines[i] = d.Name + "=" + d.Value
	}
	return metric{namespace: m.Namespace, name: m.Name, dimensions: strings.Join(lines, "\n"), period: int32(period / time.Second)}
}

// series is one statistic of a metric.
type series struct {
	metric
	stat string
}

// ask is everything that one look asks of GetMetricData, and then what was answered.
type ask struct {
	window  window    // since the canary's start
	history window    // before the release; empty where nothing is compared
	alone   time.Time // since when the canary has done all of the work; zero where both versions work
	asked   []series
	answers []answer
}

func newAsk(w window) *ask { return &ask{window: w, asked: make([]series, 0, 12)} }

// want asks for a series, once, and returns its index.
func (a *ask) want(m metric, stat string) int {
	wanted := series{metric: m, stat: stat}
	for i, known := range a.asked {
		if known == wanted {
			return i
		}
	}
	a.asked = append(a.asked, wanted)
	return len(a.asked) - 1
}

// from returns where the asking starts: the window's or the history's start, moved back to the longest period's own
// grid, so that no first period is cut.
func (a *ask) from() time.Time {
	start, longest := a.window.Since, time.Minute
	if !a.history.empty() && a.history.Since.Before(start) {
		start = a.history.Since
	}
	for _, s := range a.asked {
		longest = max(longest, time.Duration(s.period)*time.Second)
	}
	return start.Truncate(longest)
}

// queries returns what is asked as GetMetricData wants it. The n-th is named q<n>.
func (a *ask) queries() []types.MetricDataQuery {
	queries, parts := make([]types.MetricDataQuery, len(a.asked)), make([]struct {
		id     string
		stat   types.MetricStat
		metric types.Metric
	}, len(a.asked))
	for i := range a.asked {
		s, p := &a.asked[i], &parts[i] // what is asked for changes no more: the queries point to it
		p.id = "q" + strconv.Itoa(i)
		p.metric = types.Metric{Namespace: &s.namespace, MetricName: &s.name, Dimensions: dimensionsOf(s.dimensions)}
		p.stat = types.MetricStat{Metric: &p.metric, Period: &s.period, Stat: &s.stat, Unit: types.StandardUnit(s.unit)}
		queries[i] = types.MetricDataQuery{Id: &p.id, MetricStat: &p.stat}
		if s.account != "" {
			queries[i].AccountId = &s.account
		}
	}
	return queries
}

func dimensionsOf(lines string) []types.Dimension {
	if lines == "" {
		return nil
	}
	dimensions := make([]types.Dimension, 0, 1+strings.Count(lines, "\n"))
	for line := range strings.SplitSeq(lines, "\n") {
		name, value, _ := strings.Cut(line, "=")
		dimensions = append(dimensions, types.Dimension{Name: aws.String(name), Value: aws.String(value)})
	}
	return dimensions
}

func linesOf(dimensions []types.Dimension) string {
	lines := make([]string, len(dimensions))
	for i, d := range dimensions {
		lines[i] = aws.ToString(d.Name) + "=" + aws.ToString(d.Value)
	}
	return strings.Join(lines, "\n")
}

// metricsOf returns what a metric alarm watches. Of a metric-math alarm these are the metrics below its expressions;
// a query over many metrics has none that could be asked for.
func metricsOf(a *types.MetricAlarm) []metric {
	if a.MetricName != nil {
		return []metric{{
			namespace: aws.ToString(a.Namespace), name: *a.MetricName, dimensions: linesOf(a.Dimensions),
			unit: string(a.Unit), period: max(60, aws.ToInt32(a.Period)),
		}}
	}
	var metrics []metric
	for _, q := range a.Metrics {
		if q.MetricStat == nil || q.MetricStat.Metric == nil {
			continue
		}
		metrics = append(metrics, metric{
			namespace: aws.ToString(q.MetricStat.Metric.Namespace), name: aws.ToString(q.MetricStat.Metric.MetricName),
			dimensions: linesOf(q.MetricStat.Metric.Dimensions), unit: string(q.MetricStat.Unit),
			account: aws.ToString(q.AccountId), period: max(60, aws.ToInt32(q.MetricStat.Period)),
		})
	}
	return metrics
}
