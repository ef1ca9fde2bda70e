package release

import "strings"

// Metric names one CloudWatch metric. CloudWatch finds it by exactly these dimensions, in any order.
type Metric struct {
	Namespace  string      `json:"namespace"`
	Name       string      `json:"name"`
	Dimensions []Dimension `json:"dimensions,omitempty"`
}

// Dimension is one name and value by which CloudWatch tells metrics apart.
type Dimension struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// IsZero reports whether no metric is named.
func (m Metric) IsZero() bool { return m.Name == "" }

// String returns the metric as people write it: Orders/Processed{Service=orders-worker}.
func (m Metric) String() string {
	if len(m.Dimensions) == 0 {
		return m.Namespace + "/" + m.Name
	}
	pairs := make([]string, len(m.Dimensions))
	for i, d := range m.Dimensions {
		pairs[i] = d.Name + "=" + d.Value
	}
	return m.Namespace + "/" + m.Name + "{" + strings.Join(pairs, ",") + "}"
}

// Metrics say where the work of a workload is measured: what a platform finds out before anything is changed. They are
// recorded with the release, so that every look, the story and the report read the same ones.
type Metrics struct {
	Canary   ArmMetrics `json:"canary"`
	Baseline ArmMetrics `json:"baseline"`
	Work     Metric     `json:"work,omitzero"` // counts (Sum) all work of the workload, whichever version does it; zero where the platform has none

	DeadLetters Metric `json:"deadLetters,omitzero"` // how many messages lie where failed ones go (Maximum); zero where there is no such queue
}

// ArmMetrics say where the work of one arm is measured.
type ArmMetrics struct {
	// Value is what the workload's own metrics carry for this arm in the dimension that the target's by names: the name
	// of an ECS service, a Lambda version.
	Value string `json:"value"`
	// What the platform itself measures of this arm; zero where it measures nothing. See Measure.
	Requests Metric   `json:"requests,omitzero"`  // Sum counts units of work
	Errors   []Metric `json:"errors,omitempty"`   // their Sums together count those that failed
	Duration Metric   `json:"duration,omitzero"`  // how long they took, a sample each
	Unit     TimeUnit `json:"timeUnit,omitempty"` // of Duration
}

// Measure is what a platform itself measures of each version, so that the user need not publish it.
type Measure string

// The measures.
const (
	MeasureErrors  Measure = "errors"  // errors out of requests
	MeasureLatency Measure = "latency" // how long requests took
)

// Measures returns what a kind of workload measures of each version by itself. Where it does, a target that says
// nothing of comparisons is compared by all of it.
func (p PlatformName) Measures() []Measure {
	switch p {
	case PlatformLambdaAlias, PlatformECSALB, PlatformEC2Mirror:
		return []Measure{MeasureErrors, MeasureLatency}
	}
	return nil
}

// TimeUnit is what a metric counts time in. Only people need to know: canary and baseline count the same way.
type TimeUnit string

// The units.
const (
	InMicroseconds TimeUnit = "us"
	InMilliseconds TimeUnit = "ms"
	InSeconds      TimeUnit = "s"
)

// CompareKind says what a comparison compares.
type CompareKind string

// The kinds of comparisons.
const (
	CompareFailures   CompareKind = "failures"   // failed out of total
	CompareLatency    CompareKind = "latency"    // how long units of work took
	CompareThroughput CompareKind = "throughput" // units of work done for each worker-minute
)

// Compared is a comparison with the metrics of both arms.
type Compared struct {
	Kind             CompareKind
	Canary, Baseline Measured
	Unit             TimeUnit // of latency
}

// Measured are the metrics of one arm of a comparison.
type Measured struct {
	Units    Metric   // of failures and throughput: Sum counts units of work
	Failed   []Metric // of failures: their Sums together count those that failed
	Duration Metric   // of latency: a sample for each unit of work
}

// Main returns the metric that shows whether an arm is measured at all.
func (m Measured) Main() Metric {
	if m.Units.IsZero() {
		return m.Duration
	}
	return m.Units
}

// Compared returns what a comparison asks of CloudWatch. ok is false where the platform found no metric for it.
func (m Metrics) Compared(c Comparison) (compared Compared, ok bool) {
	canary, baseline := m.Canary.measured(c), m.Baseline.measured(c)
	compared = Compared{Kind: c.Kind(), Canary: canary, Baseline: baseline}
	switch {
	case c.Latency != nil:
		compared.Unit = c.Latency.Unit
	case c.Platform == MeasureLatency:
		compared.Unit = m.Canary.Unit
	}
	return compared, !canary.Main().IsZero() && !baseline.Main().IsZero()
}

func (a ArmMetrics) measured(c Comparison) Measured {
	switch {
	case c.Platform == MeasureErrors:
		return Measured{Units: a.Requests, Failed: a.Errors}
	case c.Platform == MeasureLatency:
		return Measured{Duration: a.Duration}
	case a.Value == "":
		return Measured{}
	case c.Proportion != nil:
		p := c.Proportion
		return Measured{Units: p.By.metric(p.Namespace, p.Total, a.Value), Failed: []Metric{p.By.metric(p.Namespace, p.Failed, a.Value)}}
	case c.Latency != nil:
		return Measured{Duration: c.Latency.By.metric(c.Latency.Namespace, c.Latency.Metric, a.Value)}
	case c.Throughput != nil:
		return Measured{Units: c.Throughput.By.metric(c.Throughput.Namespace, c.Throughput.Metric, a.Value)}
	}
	return Measured{}
}
