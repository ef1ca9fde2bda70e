package observe

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/judge"
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
	text := m.namespace + " " + m.name
	if m.dimensions != "" {
		text += " (" + strings.ReplaceAll(m.dimensions, "\n", ", ") + ")"
	}
	return text
}

func perMinute(namespace, name, dimension, value string) metric {
	return metric{namespace: namespace, name: name, dimensions: dimension + "=" + value, period: 60}
}

// series is one statistic of a metric.
type series struct {
	metric
	stat string
}

// ask is everything that one look asks of GetMetricData, and then what was answered.
type ask struct {
	window  window // since the canary's start
	history window // before the release; empty where nothing is compared
	asked   []series
	answers []answer
}

func newAsk(w window) *ask { return &ask{window: w} }

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
	queries := make([]types.MetricDataQuery, len(a.asked))
	for i, s := range a.asked {
		queries[i] = types.MetricDataQuery{
			Id: aws.String("q" + strconv.Itoa(i)),
			MetricStat: &types.MetricStat{
				Metric: &types.Metric{Namespace: aws.String(s.namespace), MetricName: aws.String(s.name), Dimensions: dimensionsOf(s.dimensions)},
				Period: aws.Int32(s.period),
				Stat:   aws.String(s.stat),
				Unit:   types.StandardUnit(s.unit),
			},
		}
		if s.account != "" {
			queries[i].AccountId = aws.String(s.account)
		}
	}
	return queries
}

func dimensionsOf(lines string) []types.Dimension {
	if lines == "" {
		return nil
	}
	var dimensions []types.Dimension
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

// pair is a comparison with the indexes of its four series.
type pair struct {
	comparison                    judge.Comparison // without minutes
	canaryTotal, canaryFailed     int
	baselineTotal, baselineFailed int
}

// comparisons asks for what both arms did. Once the work is being promoted no baseline arm is left to compare with.
func (a *ask) comparisons(r *release.Release, s release.Sighting) []pair {
	if r.Phase == release.Promoting || r.Phase == release.Settling {
		return nil
	}
	pairs := make([]pair, len(r.Target.Checks.Compare))
	if len(pairs) > 0 {
		a.history = historyOf(r)
	}
	for i, c := range r.Target.Checks.Compare {
		p := &pairs[i]
		p.comparison = judge.Comparison{Name: c.Name, Settings: judge.Settings{Margin: c.Margin, Horizon: horizon(r)}}
		switch {
		case c.Proportion == nil:
			p.comparison.Problem = "it names no proportion"
		case s.Dimensions.Canary == "" || s.Dimensions.Primary == "":
			p.comparison.Problem = "the platform knows no dimension values that tell canary from baseline"
		default:
			a.wantPair(p, *c.Proportion, s.Dimensions)
		}
	}
	return pairs
}

func (a *ask) wantPair(p *pair, of release.Proportion, arms release.Dimensions) {
	total := perMinute(of.Namespace, of.Total, of.By.Dimension, arms.Canary)
	p.comparison.Metric = of.Namespace + "/" + of.Total + "{" + total.dimensions + "}"
	p.canaryTotal = a.want(total, "Sum")
	p.canaryFailed = a.want(perMinute(of.Namespace, of.Failed, of.By.Dimension, arms.Canary), "Sum")
	p.baselineTotal = a.want(perMinute(of.Namespace, of.Total, of.By.Dimension, arms.Primary), "Sum")
	p.baselineFailed = a.want(perMinute(of.Namespace, of.Failed, of.By.Dimension, arms.Primary), "Sum")
}

// work asks for all work of the workload; -1 where the platform has no such series.
func (a *ask) work(w release.WorkSeries) int {
	if w == (release.WorkSeries{}) {
		return -1
	}
	return a.want(perMinute(w.Namespace, w.Metric, w.Dimension, w.Value), "Sum")
}
