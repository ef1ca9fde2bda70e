package workload

import (
	"math/rand/v2"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// Route is the part of the requests that one version gets in one place.
type Route struct {
	Place   string // what the platform measures by, where that is not the version: a target group
	Version string
	Share   float64 // of the requests that users wait for, 0 to 1; the shares of all routes add up to 1, or to 0
	Copies  float64 // of the requests that others answer, copied to it, 0 to 1
	Nobody  bool    // is there to answer: they fail
}

// Router says how requests are divided now. Before its answer changes, Settle must be called.
type Router interface {
	Routes() []Route
}

// RequestMetrics are what the platform publishes of one version; nil: not published.
type RequestMetrics struct {
	Requests Metric // Sum counts requests
	Errors   Metric // Sum counts those that failed, a sample for each request
	Duration Values // milliseconds
}

// RequestsConfig is work that somebody routes request by request.
type RequestsConfig struct {
	Name     string // tells several kinds of work in one account apart
	Router   Router
	Arrivals Arrivals

	Baseline Behaviour
	Canary   Behaviour
	Version  string        // the new one
	From     time.Duration // after its first request, the new version behaves as Canary; before, as Baseline

	Cold *Cold // nil: a new environment answers like any other

	Open func(place, version string) RequestMetrics
}

// Requests is work that is routed request by request, each drawn by itself, as Lambda and load balancers do: at little
// traffic the share that a version really gets is far from its weight.
type Requests struct {
	loop    *loop.Loop
	rng     *rand.Rand
	config  RequestsConfig
	settled time.Time
	first   time.Time // when the new version answered its first request; zero before
	served  []*Served
	weights []float64
	counts  []int64
	drawn   []int64 // room for a draw of latencies

	baseline, canary, cold *latency
}

// Served is what one version did in one place.
type Served struct {
	Place, Version   string
	Requests, Failed int64 // of users
	Copied, Broken   int64 // copies that nobody waits for, and those of them that failed

	minute       minuteServed
	metrics      RequestMetrics
	environments environments
}

type minuteServed struct {
	requests, failed int64
	latencies        []latencies
}

// NewRequests returns work that begins now. Start lets its minutes run.
func NewRequests(l *loop.Loop, c RequestsConfig) *Requests {
	r := &Requests{
		loop: l, rng: l.Source("requests" + c.Name), config: c, settled: l.Now(),
		baseline: latencyOf(c.Baseline), canary: latencyOf(c.Canary), drawn: make([]int64, len(steps)-1),
	}
	if c.Cold != nil {
		r.cold = latencyOf(c.Cold.First)
	}
	return r
}

// Start settles the work at every minute from now on and publishes what the minute held.
func (r *Requests) Start() { r.loop.At(r.settled.Truncate(time.Minute).Add(time.Minute), r.minuteOver) }

func (r *Requests) minuteOver() {
	r.Settle(r.loop.Now())
	r.loop.After(time.Minute, r.minuteOver)
}

// Served returns what every version did in every place, in the order in which they first got a request.
func (r *Requests) Served() []Served {
	all := make([]Served, len(r.served))
	for i, s := range r.served {
		all[i] = *s
	}
	return all
}

// First returns when the new version answered its first request; ok is false where it has not.
func (r *Requests) First() (at time.Time, ok bool) { return r.first, !r.first.IsZero() }

// Settle does all work up to now. It is called before the routes change, and by itself at every minute.
func (r *Requests) Settle(now time.Time) {
	if !now.After(r.settled) {
		return
	}
	routes := r.config.Router.Routes()
	for now.After(r.settled) {
		end := r.settled.Truncate(time.Minute).Add(time.Minute)
		to := r.until(now, end)
		r.step(routes, r.settled, to)
		r.settled = to
		if to.Equal(end) {
			r.report(end.Add(-time.Minute))
		}
	}
}

// until returns how far the work goes on as it is: to now, to the end of the minute, or to the new version's change of
// behaviour.
func (r *Requests) until(now, end time.Time) time.Time {
	to := end
	if now.Before(to) {
		to = now
	}
	if onset := r.first.Add(r.config.From); !r.first.IsZero() && onset.After(r.settled) && onset.Before(to) {
		to = onset
	}
	return to
}

// step deals out the requests between two times.
func (r *Requests) step(routes []Route, from, to time.Time) {
	n := poisson(r.rng, r.config.Arrivals.Expected(from, to))
	r.weights, r.counts = r.weights[:0], r.counts[:0]
	for _, route := range routes {
		r.weights, r.counts = append(r.weights, route.Share), append(r.counts, 0)
	}
	if len(routes) == 0 {
		return
	}
	multinomial(r.rng, n, r.weights, r.counts)
	for i, route := range routes {
		copies := int64(0)
		if route.Copies > 0 {
			copies = binomial(r.rng, n-r.counts[i], route.Copies)
		}
		if r.counts[i]+copies > 0 {
			r.answer(route, r.counts[i], copies, from, to)
		}
	}
}

// answer lets a version answer requests and copies.
func (r *Requests) answer(route Route, requests, copies int64, at, to time.Time) {
	s := r.of(route.Place, route.Version)
	fresh := route.Version == r.config.Version
	if fresh && r.first.IsZero() {
		r.first = at
	}
	behaviour, took := r.config.Baseline, r.baseline
	if fresh && !at.Before(r.first.Add(r.config.From)) {
		behaviour, took = r.config.Canary, r.canary
	}
	if route.Nobody {
		behaviour.FailureRate = 1
	}
	failed, broken := binomial(r.rng, requests, behaviour.FailureRate), binomial(r.rng, copies, behaviour.FailureRate)
	s.Requests, s.Failed = s.Requests+requests, s.Failed+failed
	s.Copied, s.Broken = s.Copied+copies, s.Broken+broken
	s.minute.requests += requests + copies
	s.minute.failed += failed + broken
	if s.metrics.Duration != nil && !route.Nobody {
		cold := r.coldOf(s, requests+copies, to.Sub(at).Seconds(), route.Share, took)
		s.minute.latencies = drawn(r.rng, requests+copies-cold, took, s.minute.latencies, r.drawn)
		if cold > 0 {
			s.minute.latencies = drawn(r.rng, cold, r.cold, s.minute.latencies, r.drawn)
		}
	}
}

func (r *Requests) of(place, version string) *Served {
	for _, s := range r.served {
		if s.Place == place && s.Version == version {
			return s
		}
	}
	s := &Served{Place: place, Version: version}
	if r.config.Open != nil {
		s.metrics = r.config.Open(place, version)
	}
	r.served = append(r.served, s)
	return s
}

// report publishes a minute. A version that answered nothing publishes nothing.
func (r *Requests) report(at time.Time) {
	for _, s := range r.served {
		m := &s.minute
		if m.requests == 0 {
			continue
		}
		n, failed := float64(m.requests), float64(m.failed)
		if s.metrics.Requests != nil {
			s.metrics.Requests(at, n, n, 1, 1)
		}
		if s.metrics.Errors != nil {
			s.metrics.Errors(at, failed, n, 0, min(1, failed))
		}
		for _, l := range m.latencies {
			s.metrics.Duration(at, l.of.values, l.counts)
			clear(l.counts)
		}
		m.requests, m.failed = 0, 0
	}
}
