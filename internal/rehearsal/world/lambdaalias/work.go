package lambdaalias

import (
	"maps"
	"slices"

	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/scenario"
)

// work lets callers invoke the alias.
func (w *World) work() {
	s := w.site.Scenario
	w.Requests = workload.NewRequests(w.site.Loop, workload.RequestsConfig{
		Router: router{w}, Arrivals: world.Arrivals{Arrivals: s.Arrivals, Start: w.site.Start},
		Baseline: world.BehaviourOf(s.Baseline), Canary: world.BehaviourOf(s.Canary), Version: w.freshCode(), From: s.Canary.From.Std(), Cold: w.cold(),
		Open: w.metricsOf,
	})
	w.Alias.OnChange(func() { w.Requests.Settle(w.site.Loop.Now()) })
	w.Requests.Start()
}

// cold is what it takes that an environment is new; nil where the scenario says nothing of it.
func (w *World) cold() *workload.Cold {
	in := w.site.Scenario.World
	if in.ColdStart == nil {
		return nil
	}
	return &workload.Cold{First: world.BehaviourOf(scenario.Behaviour{Latency: *in.ColdStart}), Provisioned: in.Provisioned}
}

// metricsOf is where Lambda counts the invocations of one version through the alias.
func (w *World) metricsOf(version, _ string) workload.RequestMetrics {
	series := func(name string) *cloudwatch.Series {
		return w.site.CloudWatch.Series("AWS/Lambda", name,
			cloudwatch.Dim{Name: "FunctionName", Value: w.function.Name},
			cloudwatch.Dim{Name: "Resource", Value: w.function.Name + ":" + w.Alias.Name},
			cloudwatch.Dim{Name: "ExecutedVersion", Value: version})
	}
	return workload.RequestMetrics{
		Requests: series("Invocations").Add, Errors: series("Errors").Add, Duration: series("Duration").AddValues,
	}
}

// router draws a version for each invocation by the alias's weights.
type router struct{ w *World }

// Routes returns the versions behind the alias. How one behaves depends on what it is made of; its number is where it is
// measured.
func (r router) Routes() []workload.Route {
	if r.w.deleted() {
		return nil // callers get errors, and Lambda counts nothing
	}
	a := r.w.Alias
	route := func(number string, share float64) workload.Route {
		madeOf := number // what is not published has no number of its own
		if version := r.w.function.Version(number); version != nil {
			madeOf = version.CodeSHA256
		}
		return workload.Route{Place: number, Version: madeOf, Share: share}
	}
	routes := []workload.Route{route(a.Version, a.Share(a.Version))}
	for _, number := range slices.Sorted(maps.Keys(a.Weights)) {
		routes = append(routes, route(number, a.Weights[number]))
	}
	return routes
}
