package scenario

import (
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

const defaultFor = 24 * time.Hour

// derive fills in the defaults that follow from other fields.
func derive(s *Scenario, file *yamlfile.File) {
	if s.Workload.Rate != nil && !file.Given(at("workload", "for")) {
		s.Workload.For = release.Duration(defaultFor)
	}
	if s.Workload.Trace != "" && !file.Given(at("workload", "scale")) {
		s.Workload.Scale = 1
	}
	if !file.Given(at("canary", "failureRate")) {
		s.Canary.FailureRate = s.Baseline.FailureRate
	}
	if !file.Given(at("canary", "latency")) {
		s.Canary.Latency = s.Baseline.Latency
	}
}

func at(elements ...any) yamlfile.Path { return yamlfile.At(elements...) }

func check(s Scenario, file *yamlfile.File) {
	checkWorkload(s.Workload, file)
	checkWorld(s.World, file)
	checkLatency(s.Baseline.Latency, "baseline", file)
	checkColdStart(s.World, file)
	checkLatency(s.Canary.Latency, "canary", file)
}

// The bounds of a simulation, so that a slip of the pen does not run for a day.
const (
	maxRate = 100_000 // a second
	maxFor  = 60 * 24 * time.Hour
)

func checkWorkload(w Workload, file *yamlfile.File) {
	if w.Rate != nil && *w.Rate > maxRate {
		file.Wrong(at("workload", "rate"), "is %.0f a second but must be at most %d a second", float64(*w.Rate), maxRate)
	}
	if w.For.Std() > maxFor {
		file.Wrong(at("workload", "for"), "is %s but must be at most %s", w.For, release.Duration(maxFor))
	}
	if file.Given(at("workload", "for")) && w.For == 0 {
		file.Wrong(at("workload", "for"), "is 0s but must be longer; for an empty queue write rate: 0/s")
	}
	if w.Trace != "" {
		return
	}
	for _, name := range []string{"scale", "start"} {
		if path := at("workload", name); file.Given(path) {
			file.Wrong(path, "is given but must be left out without a trace (a rate says it all)")
		}
	}
}

func checkWorld(w World, file *yamlfile.File) {
	if s := w.Scaling; s != nil && s.Min > s.Max {
		file.Wrong(at("world", "scaling", "max"), "is %d but must be at least min (%d)", s.Max, s.Min)
	}
	if s := w.Scaling; s != nil && s.Min <= s.Max && (w.PrimaryTasks < s.Min || w.PrimaryTasks > s.Max) {
		file.Wrong(at("world", "primaryTasks"), "is %d but must lie within scaling (%d to %d)", w.PrimaryTasks, s.Min, s.Max)
	}
	if v := w.Queue.Visibility.Std(); v == 0 || v > 12*time.Hour { // SQS allows 0, which hands every message out at once again
		file.Wrong(at("world", "queue", "visibility"), "is %s but must be from 1s to 12h", w.Queue.Visibility)
	}
	if w.TaskStart.Std() > time.Hour {
		file.Wrong(at("world", "taskStart"), "is %s but must be at most 1h", w.TaskStart)
	}
	for name, service := range w.Services {
		if service.Missing && (service.Deploying || service.Inactive || service.Image != "" || service.Tasks != nil || service.TaskDefinition != "") {
			file.Wrong(at("world", "services", name), "is missing but has other fields; a service that does not exist has none")
		}
	}
}

func checkLatency(l Latency, arm string, file *yamlfile.File) {
	if l.P50 > l.P99 {
		file.Wrong(at(arm, "latency", "p99"), "is %s but must not be below p50 (%s)", l.P99.Std(), l.P50.Std())
	}
}

// checkColdStart holds a distribution and what makes no sense without it.
func checkColdStart(w World, file *yamlfile.File) {
	switch cold := w.ColdStart; {
	case cold == nil && w.Provisioned > 0:
		file.Wrong(at("world", "provisioned"), "is given but must be left out without coldStart (an environment that is kept ready makes no difference then)")
	case cold != nil && cold.P50 > cold.P99:
		file.Wrong(at("world", "coldStart", "p99"), "is %s but must not be below p50 (%s)", cold.P99.Std(), cold.P50.Std())
	}
}
