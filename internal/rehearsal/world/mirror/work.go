package mirror

import (
	"cmp"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/cloudformation"
	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// reads is the part of the requests that may be mirrored.
const reads = .9

// longest is how long Envoy waits for the answer to a copy, in milliseconds; the load balancer counts a copy that is
// given up as a client that went away.
const longest = 10_000

func digestOf(image string) string { return image[strings.LastIndex(image, "@")+1:] }

// idOf is the part of a stack's ARN that no other stack has.
func idOf(s *cloudformation.Stack) string { return s.ID[strings.LastIndex(s.ID, "/")+1:] }

// work lets users ask the live stack, and its proxies copy what they may.
func (w *World) work() {
	s := w.site.Scenario
	arrivals := world.Arrivals{Arrivals: s.Arrivals, Start: w.site.Start}
	config := workload.RequestsConfig{
		Baseline: world.BehaviourOf(s.Baseline), Canary: world.BehaviourOf(s.Canary), Version: w.fresh, From: s.Canary.From.Std(),
	}
	users, copies := config, config
	users.Router, users.Arrivals = serving{w}, arrivals
	open := func(stack, _ string) workload.RequestMetrics { return w.metricsOf(w.CloudFormation.Find(stack)) }
	users.Open, copies.Open = open, open
	copies.Name, copies.Router, copies.Arrivals = "copies", mirrored{w}, copied{arrivals, w}
	w.Users, w.Copies = workload.NewRequests(w.site.Loop, users), workload.NewRequests(w.site.Loop, copies)
	w.Users.Start()
	w.Copies.Start()
}

// settle does all work up to now, before the machines change.
func (w *World) settle() {
	w.Users.Settle(w.site.Loop.Now())
	w.Copies.Settle(w.site.Loop.Now())
}

// live is the stack that serves. Where somebody has deleted it, it has no machines.
func (w *World) live() *cloudformation.Stack {
	return cmp.Or(w.CloudFormation.Find(w.site.Target.EC2Mirror.Stack), w.last)
}

// shadow is the stack that copies go to and that is there; nil where there is none.
func (w *World) shadow() *cloudformation.Stack {
	to := w.fleets[w.live()].proxy
	if to.share == 0 {
		return nil
	}
	for _, s := range w.CloudFormation.Existing() {
		if f := w.fleets[s]; f != nil && len(f.machines) > 0 && w.endpoint(s) == to.host {
			return s
		}
	}
	return nil
}

// serving deals users' requests out over the machines of the live stack.
type serving struct{ w *World }

// Routes returns the versions on the machines.
func (r serving) Routes() []workload.Route {
	live := r.w.live()
	f := r.w.fleets[live]
	var routes []workload.Route
	for _, digest := range []string{r.w.old, r.w.fresh, ""} {
		if n := f.count(digest, r.w); n > 0 {
			routes = append(routes, workload.Route{Place: live.ID, Version: digest, Share: float64(n) / machines})
		}
	}
	return routes
}

// count returns how many machines run an image; the empty digest stands for somebody else's.
func (f *fleet) count(digest string, w *World) int {
	n := 0
	for _, m := range f.machines {
		got := digestOf(m.image)
		if got == digest || digest == "" && got != w.old && got != w.fresh {
			n++
		}
	}
	return n
}

// mirrored gives every copy to the temporary stack.
type mirrored struct{ w *World }

// Routes returns the image of the temporary stack.
func (r mirrored) Routes() []workload.Route {
	s := r.w.shadow()
	if s == nil {
		return nil
	}
	return []workload.Route{{Place: s.ID, Version: digestOf(r.w.fleets[s].machines[0].image), Share: 1}}
}

// copied are the arrivals of copies.
type copied struct {
	world.Arrivals
	w *World
}

// Expected returns how many copies are made between two times, with the share as it is now.
func (c copied) Expected(from, to time.Time) float64 {
	return reads * c.w.fleets[c.w.live()].proxy.share * c.Arrivals.Expected(from, to)
}

// metricsOf is where a stack's load balancer counts. Errors are published only where there are some; a copy that is
// given up has no response time and is counted among the load balancer's own 4XX.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (w *World) metricsOf(s *cloudformation.Stack) workload.RequestMetrics {
	after := func(arn, word string) string { _, rest, _ := strings.Cut(arn, word); return rest }
	balancer := cloudwatch.Dim{Name: "LoadBalancer", Value: after(w.balancer("loadbalancer/app/", s), "loadbalancer/")}
	group := cloudwatch.Dim{Name: "TargetGroup", Value: "targetgroup/" + after(w.balancer("targetgroup/", s), "targetgroup/")}
	series := func(name string, dims ...cloudwatch.Dim) *cloudwatch.Series {
		return w.site.CloudWatch.Series("AWS/ApplicationELB", name, dims...)
	}
	failed, gone := series("HTTPCode_Target_5XX_Count", group, balancer), series("HTTPCode_ELB_4XX_Count", balancer)
	took := series("TargetResponseTime", group, balancer)
	return workload.RequestMetrics{
		Requests: series("RequestCount", balancer).Add,
		Errors: func(at time.Time, sum, _, _, _ float64) {
			if sum > 0 {
				failed.Add(at, sum, sum, 1, 1)
			}
		},
		Duration: func(at time.Time, values, counts []float64) {
			var seconds, times []float64
			lost := 0.0
			for i, milliseconds := range values {
				switch {
				case counts[i] == 0:
				case milliseconds > longest:
					lost += counts[i]
				default:
					seconds, times = append(seconds, milliseconds/1000), append(times, counts[i])
				}
			}
			if len(seconds) > 0 {
				took.AddValues(at, seconds, times)
			}
			if lost > 0 {
				gone.Add(at, lost, lost, 1, 1)
			}
		},
	}
}
