package telling

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// The metrics. The alarm on Dirty looks at Dirty by StateMachine, which the state machine itself writes, too.
const (
	Namespace        = "Serin"
	MetricDirty      = "Dirty"
	MetricReleases   = "Releases"         // by Target and Outcome
	MetricDetection  = "DetectionSeconds" // from the first running canary to the decision to roll back a bad version
	MetricDuration   = "DurationSeconds"  // from the opening of a release to its end
	MetricPending    = "CleanupPending"   // what serin made and could not remove
	DimensionMachine = "StateMachine"
	DimensionTarget  = "Target"
	DimensionOutcome = "Outcome"
)

// Metrics returns one line for a function's log that CloudWatch takes its metrics from, or nothing.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func Metrics(r *release.Release, n release.Notice, now time.Time) []byte {
	if !r.Phase.Final() {
		return nil
	}
	values := map[string]any{
		DimensionTarget: r.Target.Name, DimensionOutcome: r.Outcome(), "release": r.ID,
		MetricReleases: 1, MetricDuration: now.Sub(r.Opened).Seconds(),
	}
	sets := []directive{
		{Dimensions: [][]string{{DimensionTarget, DimensionOutcome}, {DimensionOutcome}}, Metrics: []metric{{MetricReleases, "Count"}}},
		{Dimensions: [][]string{{DimensionTarget}, {}}, Metrics: []metric{{MetricDuration, "Seconds"}}},
	}
	if slices.Contains([]release.Reason{release.ReasonVerdict, release.ReasonCanary}, r.Decision.Reason) && !r.CanarySince.IsZero() {
		values[MetricDetection] = max(0, r.Decision.At.Sub(r.CanarySince).Seconds())
		sets[1].Metrics = append(sets[1].Metrics, metric{MetricDetection, "Seconds"})
	}
	if r.CleanupPending != "" {
		values[MetricPending] = 1
		sets = append(sets, directive{Dimensions: [][]string{{DimensionTarget}, {}}, Metrics: []metric{{MetricPending, "Count"}}})
	}
	if n.Kind == release.NoticeDirty {
		values[DimensionMachine], values[MetricDirty] = machine(r.Owner()), 1
		sets = append(sets, directive{Dimensions: [][]string{{DimensionMachine}}, Metrics: []metric{{MetricDirty, "Count"}}})
	}
	return line(values, sets, now)
}

// Pending returns the line for releases that are over and left something that could not be removed yet: the sweep says so
// again each time, so that an alarm on it lasts as long as they do.
func Pending(releases int, now time.Time) []byte {
	return line(map[string]any{MetricPending: releases}, []directive{{Dimensions: [][]string{{}}, Metrics: []metric{{MetricPending, "Count"}}}}, now)
}

func line(values map[string]any, sets []directive, now time.Time) []byte {
	for i := range sets {
		sets[i].Namespace = Namespace
	}
	values["_aws"] = map[string]any{"Timestamp": now.UnixMilli(), "CloudWatchMetrics": sets}
	text, err := json.Marshal(values)
	if err != nil { // texts and numbers
		panic(err)
	}
	return append(text, '\n')
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct{ Name, Unit string }

// machine returns the name of the state machine of an execution: arn:aws:states:region:account:execution:NAME:execution.
func machine(execution release.ExecutionARN) string {
	parts := strings.Split(string(execution), ":")
	if len(parts) < 8 {
		return "unknown"
	}
	return parts[6]
}
