package cloudwatch

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Definition is an alarm as it is configured, compiled once and then installed in as many accounts as one likes.
type Definition struct {
	name      string
	metric    *types.MetricAlarm // one of the two
	composite *types.CompositeAlarm

	sources    []source // of a metric alarm
	formula    term     // over the sources
	period     int64    // nanoseconds
	m, n       int
	treat      treatment
	breaches   func(value, threshold float64) bool
	lowSamples float64 // below this many samples a percentile alarm keeps its state; 0: it is always evaluated

	rule rule // of a composite alarm
}

// Name returns the alarm's name.
func (d *Definition) Name() string { return d.name }

// source is one statistic of one metric.
type source struct {
	namespace, name string
	dims            []Dim // by name
	stat            statistic
}

// Silent returns an alarm on a metric that nobody publishes. The namespace says why, where people are told of the alarm.
func Silent(name string) *Definition {
	d, err := Define(types.MetricAlarm{
		AlarmName: aws.String(name), Namespace: aws.String("NotInTheScenario"), MetricName: aws.String(name),
		Statistic: types.StatisticSum, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1),
		Threshold: aws.Float64(0), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
	})
	if err != nil {
		panic(err) // the definition above is whole
	}
	return d
}

// Define compiles a metric alarm. It refuses what cannot be simulated rather than simulating something else.
func Define(a types.MetricAlarm) (*Definition, error) {
	d := &Definition{name: aws.ToString(a.AlarmName), metric: &types.MetricAlarm{}}
	copyMetricAlarm(d.metric, &a, &boxed{})
	if d.name == "" {
		return nil, fmt.Errorf("an alarm has no AlarmName")
	}
	if err := d.compileMetric(&a); err != nil {
		return nil, fmt.Errorf("alarm %s: %w", d.name, err)
	}
	return d, nil
}

func (d *Definition) compileMetric(a *types.MetricAlarm) error {
	if a.ThresholdMetricId != nil {
		return fmt.Errorf("anomaly detection is not simulated")
	}
	if a.Threshold == nil {
		return fmt.Errorf("it has no Threshold")
	}
	d.n = int(aws.ToInt32(a.EvaluationPeriods))
	d.m = int(aws.ToInt32(a.DatapointsToAlarm))
	if a.DatapointsToAlarm == nil {
		d.m = d.n
	}
	if d.n < 1 || d.m < 1 || d.m > d.n {
		return fmt.Errorf("EvaluationPeriods is %d and DatapointsToAlarm %d; at least 1 out of 1 is needed", d.n, d.m)
	}
	var known bool
	if d.treat, known = treatments[aws.ToString(a.TreatMissingData)]; !known {
		return fmt.Errorf("TreatMissingData is %q; it is missing, ignore, breaching or notBreaching", aws.ToString(a.TreatMissingData))
	}
	if d.breaches = comparisons[a.ComparisonOperator]; d.breaches == nil {
		return fmt.Errorf("ComparisonOperator %q is not simulated", a.ComparisonOperator)
	}
	if err := d.compileFormula(a); err != nil {
		return err
	}
	if day := int64(24 * time.Hour); d.period*int64(d.n) > 7*day || d.period < 3600*int64(time.Second) && d.period*int64(d.n) > day {
		return fmt.Errorf("%d periods of %s are longer than an alarm may look back", d.n, time.Duration(d.period))
	}
	return nil
}

var treatments = map[string]treatment{
	"": treatMissing, "missing": treatMissing, "ignore": treatIgnore, "breaching": treatBreaching, "notBreaching": treatNotBreaching,
}

var comparisons = map[types.ComparisonOperator]func(value, threshold float64) bool{
	types.ComparisonOperatorGreaterThanOrEqualToThreshold: func(v, t float64) bool { return v >= t },
	types.ComparisonOperatorGreaterThanThreshold:          func(v, t float64) bool { return v > t },
	types.ComparisonOperatorLessThanThreshold:             func(v, t float64) bool { return v < t },
	types.ComparisonOperatorLessThanOrEqualToThreshold:    func(v, t float64) bool { return v <= t },
}

func (d *Definition) compileFormula(a *types.MetricAlarm) error {
	if a.MetricName == nil {
		return d.compileMetrics(a.Metrics)
	}
	if len(a.Metrics) > 0 {
		return fmt.Errorf("it has both a MetricName and Metrics")
	}
	text := string(a.Statistic)
	if text == "" {
		text = aws.ToString(a.ExtendedStatistic)
	}
	stat, ok := parseStatistic(text)
	if !ok {
		return fmt.Errorf("statistic %q is not simulated", text)
	}
	if stat.kind == percentile && aws.ToString(a.EvaluateLowSampleCountPercentile) == "ignore" {
		d.lowSamples = lowSamples(stat.high)
	}
	d.sources = []source{{namespace: aws.ToString(a.Namespace), name: *a.MetricName, dims: dimsOf(a.Dimensions), stat: stat}}
	d.formula = variable(0)
	return d.setPeriod(aws.ToInt32(a.Period))
}

// lowSamples returns below how many samples a percentile says little: 10/(1-p) for the upper half, 10/p for the lower.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
func lowSamples(p float64) float64 {
	p /= 100
	if p >= .5 {
		return 10 / (1 - p)
	}
	return 10 / p
}

// compileMetrics compiles a metric-math alarm: the one query that returns data, with the others put in for their ids.
func (d *Definition) compileMetrics(queries []types.MetricDataQuery) error {
	returned := -1
	for i, q := range queries {
		if q.ReturnData != nil && !*q.ReturnData && len(queries) > 1 {
			continue
		}
		if returned >= 0 {
			return fmt.Errorf("both %s and %s return data; exactly one may", aws.ToString(queries[returned].Id), aws.ToString(q.Id))
		}
		returned = i
	}
	if returned < 0 {
		return fmt.Errorf("it watches neither a MetricName nor one of its Metrics")
	}
	var err error
	d.formula, err = d.compileQuery(queries, returned, nil)
	if err != nil {
		return err
	}
	if len(d.sources) == 0 {
		return fmt.Errorf("none of its Metrics is a metric")
	}
	return nil
}

// compileQuery compiles one query of a metric-math alarm; above are the queries whose expressions led here.
func (d *Definition) compileQuery(queries []types.MetricDataQuery, i int, above []int) (term, error) {
	q := queries[i]
	if q.MetricStat == nil {
		if slices.Contains(above, i) {
			return term{}, fmt.Errorf("%s depends on itself", aws.ToString(q.Id))
		}
		return compile(aws.ToString(q.Expression), func(id string) (term, error) {
			for j := range queries {
				if aws.ToString(queries[j].Id) == id {
					return d.compileQuery(queries, j, append(above, i))
				}
			}
			return term{}, fmt.Errorf("%s is no id of its Metrics", id)
		})
	}
	src, err := sourceOf(q.MetricStat)
	if err != nil {
		return term{}, err
	}
	if err := d.setPeriod(aws.ToInt32(q.MetricStat.Period)); err != nil {
		return term{}, err
	}
	d.sources = append(d.sources, src)
	return variable(len(d.sources) - 1), nil
}

func (d *Definition) setPeriod(seconds int32) error {
	if seconds < 60 || seconds%60 != 0 {
		return fmt.Errorf("a period of %d s is not simulated; multiples of 60 s are", seconds)
	}
	period := int64(seconds) * int64(time.Second)
	if d.period != 0 && d.period != period {
		return fmt.Errorf("its metrics have periods of %s and %s; they must be the same", time.Duration(d.period), time.Duration(period))
	}
	d.period = period
	return nil
}

func sourceOf(m *types.MetricStat) (source, error) {
	stat, ok := parseStatistic(aws.ToString(m.Stat))
	switch {
	case !ok:
		return source{}, fmt.Errorf("statistic %q is not simulated", aws.ToString(m.Stat))
	case m.Metric == nil || m.Metric.MetricName == nil || m.Metric.Namespace == nil:
		return source{}, fmt.Errorf("a metric has no namespace or no name")
	}
	return source{namespace: *m.Metric.Namespace, name: *m.Metric.MetricName, dims: dimsOf(m.Metric.Dimensions), stat: stat}, nil
}

func variable(i int) term {
	return term{series: true, only: i + 1, value: func(m *moment) (float64, bool) { return m.value(i) }}
}

func dimsOf(dimensions []types.Dimension) []Dim {
	if len(dimensions) == 0 {
		return nil
	}
	dims := make([]Dim, len(dimensions))
	for i, d := range dimensions {
		dims[i] = Dim{Name: aws.ToString(d.Name), Value: aws.ToString(d.Value)}
	}
	slices.SortFunc(dims, compareDims)
	return dims
}
