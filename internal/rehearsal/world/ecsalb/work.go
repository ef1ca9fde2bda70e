package ecsalb

import (
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// work lets requests arrive at the load balancer.
func (w *World) work() {
	s := w.site.Scenario
	w.Requests = workload.NewRequests(w.site.Loop, workload.RequestsConfig{
		Router: w, Arrivals: world.Arrivals{Arrivals: s.Arrivals, Start: w.site.Start},
		Baseline: world.BehaviourOf(s.Baseline), Canary: world.BehaviourOf(s.Canary), Version: w.Fresh(), From: s.Canary.From.Std(),
		Open: w.metricsOf,
	})
	settle := func() { w.Requests.Settle(w.site.Loop.Now()) }
	w.ECS.OnChange(settle)
	w.ELB.OnChange(settle)
	w.Requests.Start()
}

// nobody is who answers for a target group without a task: the load balancer itself, with 503.
const nobody = "nobody"

// Routes divides the requests among the versions behind the rule's target groups. A group of which no target is healthy
// sends them to whoever is registered.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
func (w *World) Routes() []workload.Route {
	var routes []workload.Route
	for _, part := range w.Rule.Parts() {
		if part.Share == 0 {
			continue
		}
		versions, counts, all := serving(w.ECS.Targets(part.Group))
		if all == 0 {
			routes = append(routes, workload.Route{Place: part.Group, Version: nobody, Share: part.Share, Nobody: true})
		}
		for i, version := range versions {
			routes = append(routes, workload.Route{Place: part.Group, Version: version, Share: part.Share * float64(counts[i]) / float64(all)})
		}
	}
	return routes
}

// serving counts who gets requests, by version, in order of first registration.
func serving(targets []ecs.Target) (versions []string, counts []int, all int) {
	get := ecs.Healthy
	if !containsState(targets, ecs.Healthy) {
		get = ecs.Unhealthy
	}
	for _, t := range targets {
		if t.State != get {
			continue
		}
		i := 0
		for i < len(versions) && versions[i] != t.Digest {
			i++
		}
		if i == len(versions) {
			versions, counts = append(versions, t.Digest), append(counts, 0)
		}
		counts[i]++
		all++
	}
	return versions, counts, all
}

func containsState(targets []ecs.Target, state ecs.TargetState) bool {
	for _, t := range targets {
		if t.State == state {
			return true
		}
	}
	return false
}

// metricsOf is where the load balancer counts the requests of one target group; what it answers itself, it counts for
// no group. It says nothing of failures where there are none.
func (w *World) metricsOf(group, version string) workload.RequestMetrics {
	_, lb, _ := strings.Cut(w.site.Target.ECSALB.ListenerRule, ":listener-rule/")
	balancer := cloudwatch.Dim{Name: "LoadBalancer", Value: strings.Join(strings.Split(lb, "/")[:3], "/")}
	failures := func(s *cloudwatch.Series) workload.Metric {
		return func(at time.Time, sum, _, _, _ float64) {
			if sum > 0 {
				s.Add(at, sum, sum, 1, 1)
			}
		}
	}
	if version == nobody {
		return workload.RequestMetrics{Errors: failures(w.site.CloudWatch.Series("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", balancer))}
	}
	series := func(name string) *cloudwatch.Series {
		return w.site.CloudWatch.Series("AWS/ApplicationELB", name, cloudwatch.Dim{Name: "TargetGroup", Value: group[strings.LastIndex(group, ":")+1:]}, balancer)
	}
	took := series("TargetResponseTime")
	return workload.RequestMetrics{
		Requests: series("RequestCount").Add, Errors: failures(series("HTTPCode_Target_5XX_Count")),
		Duration: func(at time.Time, millis, counts []float64) {
			seconds := make([]float64, len(millis))
			for i, ms := range millis {
				seconds[i] = ms / 1000
			}
			took.AddValues(at, seconds, counts)
		},
	}
}
