package mirror

import (
	"fmt"
	"strconv"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/cloudformation"
)

// machines is how many a stack has.
const machines = 4

// How long things take. A machine boots, pulls the image and signals; the proxy changes places with the other one once
// the machine has read its new mode.
const (
	booting   = 90 * time.Second
	answering = 20 * time.Second // from its signal until the load balancer finds it healthy
	switching = 30 * time.Second
	patience  = 5 * time.Minute // for a machine's signal
	removing  = 45 * time.Second
)

const (
	nginx = "nginx"
	envoy = "envoy"
)

// machine runs one image.
type machine struct {
	image   string
	healthy time.Time // since when, or from when on
}

// proxy is what the machines of a stack do with users' requests.
type proxy struct {
	mode  string
	host  string
	share float64 // of the reads, 0 to 1
}

// fleet is what a stack is made of.
type fleet struct {
	machines []machine
	proxy    proxy
	gone     bool
	round    int // of what is under way: what was begun before it goes no further
}

// later does something after a time, unless something else was begun for the stack meanwhile.
func (w *World) later(f *fleet, d time.Duration, do func()) {
	round := f.round
	w.site.Loop.After(d, func() {
		if f.round == round {
			w.settle()
			do()
		}
	})
}

func running(image string, since time.Time) []machine {
	var all []machine
	for range machines {
		all = append(all, machine{image, since})
	}
	return all
}

func (w *World) proxyOf(v cloudformation.Values) proxy {
	names := w.site.Target.EC2Mirror.Parameters
	p := proxy{mode: v[names.ProxyMode], host: v[names.MirrorHost]}
	if percent, err := strconv.Atoi(v[names.MirrorPercent]); err == nil && p.mode == envoy {
		p.share = float64(percent) / 100
	}
	return p
}

// Make brings a stack's machines to its values: the proxies first, then the image, half of the machines at a time.
func (w *World) Make(s *cloudformation.Stack, to cloudformation.Values, done cloudformation.Done) {
	f := w.fleets[s]
	if f == nil {
		f = &fleet{}
		w.fleets[s] = f
	}
	f.round++
	image := to[w.site.Target.EC2Mirror.Parameters.Image]
	if reason := w.trouble.take(s, len(f.machines) == 0); reason != "" {
		w.later(f, booting, func() { done(reason) })
		return
	}
	if len(f.machines) == 0 {
		w.boot(f, s, image, to, done)
		return
	}
	w.later(f, switching, func() {
		f.proxy = w.proxyOf(to)
		w.roll(f, s, image, done)
	})
}

// boot starts the machines of a new stack.
func (w *World) boot(f *fleet, s *cloudformation.Stack, image string, to cloudformation.Values, done cloudformation.Done) {
	if w.loops(image) {
		w.later(f, patience, func() { done(w.silent(s)) })
		return
	}
	w.later(f, booting, func() {
		f.machines, f.proxy = running(image, w.site.Loop.Now().Add(answering)), w.proxyOf(to)
		done("")
	})
}

// roll replaces machines of another image, half of them at a time.
func (w *World) roll(f *fleet, s *cloudformation.Stack, image string, done cloudformation.Done) {
	var stale []*machine
	for i := range f.machines {
		if f.machines[i].image != image {
			stale = append(stale, &f.machines[i])
		}
	}
	switch {
	case len(stale) == 0:
		done("")
		return
	case w.loops(image):
		w.later(f, patience, func() { done(w.silent(s)) })
		return
	}
	w.later(f, booting, func() {
		for _, m := range stale[:min(machines/2, len(stale))] {
			*m = machine{image, w.site.Loop.Now()}
		}
		w.roll(f, s, image, done)
	})
}

// loops reports whether an image's service never comes up.
func (w *World) loops(image string) bool {
	return w.site.Scenario.Canary.CrashLoop && digestOf(image) == w.fresh
}

func (w *World) silent(s *cloudformation.Stack) string {
	return fmt.Sprintf("Received 0 SUCCESS signal(s) out of %d. Unable to satisfy 100%% MinSuccessfulInstancesPercent requirement for %s", machines, s.Name)
}

// Remove takes a stack's machines away.
func (w *World) Remove(s *cloudformation.Stack, done cloudformation.Done) {
	f := w.fleets[s]
	f.round++
	if reason := w.trouble.takeRemoval(); reason != "" {
		w.later(f, removing, func() { done(reason) })
		return
	}
	w.later(f, removing, func() {
		f.machines, f.proxy, f.gone = nil, proxy{}, true
		done("")
	})
}

// Outputs are what a stack tells of its load balancer. Its names end in an id of its own.
func (w *World) Outputs(s *cloudformation.Stack) cloudformation.Values {
	names := w.site.Target.EC2Mirror.Outputs
	return cloudformation.Values{
		names.Endpoint:     w.endpoint(s),
		names.LoadBalancer: w.balancer("loadbalancer/app/", s),
		names.TargetGroup:  w.balancer("targetgroup/", s),
	}
}

func (w *World) endpoint(s *cloudformation.Stack) string {
	return fmt.Sprintf("internal-%s-%s.%s.elb.amazonaws.com:80", s.Name, idOf(s), w.site.Region)
}

func (w *World) balancer(kind string, s *cloudformation.Stack) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:%s%s/%s", w.site.Region, w.site.Account, kind, s.Name, idOf(s))
}
