package workload

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// WorkerMetrics are what the workers publish of themselves, each with a dimension whose value is the service's name.
// They count a message when it is received for the first time. A metric that several of them name is published once.
// What has no name is not published.
type WorkerMetrics struct {
	Namespace, Dimension string
	With                 []Dimension   // further ones, the same for all services
	Failed, Total        string        // metric names
	Latency              string        // of how long each message took
	Unit                 time.Duration // of Latency; default a millisecond
}

// Dimension is one name and value by which metrics are told apart.
type Dimension struct{ Name, Value string }

// Open returns where a metric goes.
type Open func(namespace, metric string, dimensions ...Dimension) Metric

// Metric takes what samples of one minute add up to, and the least and the greatest of them.
type Metric func(at time.Time, sum, samples, least, most float64)

// OpenValues returns where a distribution goes.
type OpenValues func(namespace, metric string, dimensions ...Dimension) Values

// Values takes values with how often each was seen.
type Values func(at time.Time, values, counts []float64)

// minute is what happened in the minute that is not over.
type minute struct {
	sent, received, deleted int64
	services                []*minuteOf
}

// minuteOf is what one service did in it.
type minuteOf struct {
	name             string
	received, failed int64 // first receives
	latencies        []latencies
	out              []workerOut // opened once the service first works
}

// latencies are how often each latency of one distribution was seen.
type latencies struct {
	of     *latency
	counts []float64
}

// workerOut is where one row of WorkerMetrics goes; nil where it is published already.
type workerOut struct {
	failed, total Metric
	latency       Values
}

func (m *minute) of(name string) *minuteOf {
	for _, s := range m.services {
		if s.name == name {
			return s
		}
	}
	s := &minuteOf{name: name}
	m.services = append(m.services, s)
	return s
}

// latency is a log-normal distribution in steps.
type latency struct {
	values  []float64 // milliseconds
	weights []float64 // their chances
}

// steps are the chances at which a latency distribution is cut: by 4 % up to its last eighth, and finer above, where p90
// and p99 are asked for.
var steps = stepsOf()

func stepsOf() []float64 {
	var cuts []float64
	for i := range 22 {
		cuts = append(cuts, .04*float64(i))
	}
	return append(cuts, .88, .89, .91, .92, .94, .96, .97, .98, .985, .988, .992, .995, .998, 1)
}

func latencyOf(b Behaviour) *latency {
	mu, sigma := b.shape()
	l := &latency{}
	for i := range len(steps) - 1 {
		middle := (steps[i] + steps[i+1]) / 2
		l.values = append(l.values, 1000*math.Exp(mu+sigma*distuv.UnitNormal.Quantile(middle)))
		l.weights = append(l.weights, steps[i+1]-steps[i])
	}
	return l
}

// publisher knows where everything goes.
type publisher struct {
	workers []WorkerMetrics
	open    Open
	values  OpenValues
	slow    bool // somebody wants latencies
	counts  []int64

	visible, notVisible, age, sent, received, deleted Metric
	deadVisible, deadAge, deadSent                    Metric
}

func publisherOf(c Config) publisher {
	p := publisher{workers: c.Workers, open: c.Open, values: c.Values}
	if c.Open == nil {
		p.workers = nil
		return p
	}
	for _, m := range c.Workers {
		p.slow = p.slow || m.Latency != "" && c.Values != nil
	}
	of := func(metric, queue string) Metric { return c.Open("AWS/SQS", metric, Dimension{"QueueName", queue}) }
	p.visible, p.notVisible = of("ApproximateNumberOfMessagesVisible", c.Queue), of("ApproximateNumberOfMessagesNotVisible", c.Queue)
	p.age, p.sent = of("ApproximateAgeOfOldestMessage", c.Queue), of("NumberOfMessagesSent", c.Queue)
	p.received, p.deleted = of("NumberOfMessagesReceived", c.Queue), of("NumberOfMessagesDeleted", c.Queue)
	if c.DeadLetters != "" {
		p.deadVisible, p.deadAge = of("ApproximateNumberOfMessagesVisible", c.DeadLetters), of("ApproximateAgeOfOldestMessage", c.DeadLetters)
		p.deadSent = of("NumberOfMessagesSent", c.DeadLetters)
	}
	return p
}

// busy draws how long each of n messages took.
func (w *Workload) busy(n int64, h *hand) {
	if !w.publish.slow || n == 0 {
		return
	}
	if w.publish.counts == nil {
		w.publish.counts = make([]int64, len(steps)-1)
	}
	h.minute.latencies = drawn(w.rng, n, h.latency, h.minute.latencies, w.publish.counts)
}

// drawn adds how long each of n took to what a minute holds; counts is room for the draw, one for each step.
func drawn(rng *rand.Rand, n int64, of *latency, minute []latencies, counts []int64) []latencies {
	multinomial(rng, n, of.weights, counts)
	at := slices.IndexFunc(minute, func(l latencies) bool { return l.of == of })
	if at < 0 {
		at = len(minute)
		minute = append(minute, latencies{of: of, counts: make([]float64, len(of.values))})
	}
	for i, c := range counts {
		minute[at].counts[i] += float64(c)
	}
	return minute
}

// report publishes the minute that ends now. The queue is active, because workers ask it for messages, so its counts
// are published even where they are 0; an age only while there is a message. The dead-letter queue becomes active with
// its first message, and what is moved there does not count as sent. A service that handled nothing publishes nothing.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
func (w *Workload) report(end time.Time) {
	at := end.Add(-time.Minute)
	if w.publish.open != nil {
		w.reportQueues(at, end)
		for _, s := range w.minute.services {
			w.reportService(s, at)
		}
	}
	w.minute.sent, w.minute.received, w.minute.deleted = 0, 0, 0
	for _, s := range w.minute.services {
		s.received, s.failed = 0, 0
		for i := range s.latencies {
			clear(s.latencies[i].counts)
		}
	}
}

func (w *Workload) reportQueues(at, end time.Time) {
	p, q := &w.publish, &w.queue
	gauge(p.visible, at, float64(q.visible()))
	gauge(p.notVisible, at, float64(q.inFlight()))
	gauge(p.sent, at, float64(w.minute.sent))
	gauge(p.received, at, float64(w.minute.received))
	gauge(p.deleted, at, float64(w.minute.deleted))
	if age, ok := q.age(end); ok {
		gauge(p.age, at, math.Floor(age.Seconds()))
	}
	if q.dead > 0 && p.deadVisible != nil {
		gauge(p.deadVisible, at, float64(q.dead))
		gauge(p.deadAge, at, math.Floor(end.Sub(q.deadSince).Seconds()))
		gauge(p.deadSent, at, 0)
	}
}

// gauge publishes one sample.
func gauge(m Metric, at time.Time, v float64) { m(at, v, 1, v, v) }

func (w *Workload) reportService(s *minuteOf, at time.Time) {
	if s.received == 0 {
		return
	}
	if s.out == nil {
		s.out = w.publish.openFor(s.name)
	}
	n, failed := float64(s.received), float64(s.failed)
	least, most := 0.0, 0.0 // of the failure samples, 0 or 1 each
	if s.failed == s.received {
		least = 1
	}
	if s.failed > 0 {
		most = 1
	}
	for _, out := range s.out {
		if out.total != nil {
			out.total(at, n, n, 1, 1)
		}
		if out.failed != nil {
			out.failed(at, failed, n, least, most)
		}
		for _, l := range s.latencies {
			if out.latency != nil {
				out.latency(at, l.of.values, l.counts)
			}
		}
	}
}

func (p *publisher) openFor(service string) []workerOut {
	out := make([]workerOut, len(p.workers))
	opened := map[string]bool{}
	for i, m := range p.workers {
		dimensions := append([]Dimension{{m.Dimension, service}}, m.With...)
		first := func(metric string) bool {
			key := fmt.Sprint(m.Namespace, "\n", metric, dimensions)
			fresh := metric != "" && !opened[key]
			opened[key] = true
			return fresh
		}
		if first(m.Failed) {
			out[i].failed = p.open(m.Namespace, m.Failed, dimensions...)
		}
		if first(m.Total) {
			out[i].total = p.open(m.Namespace, m.Total, dimensions...)
		}
		if p.values != nil && first(m.Latency) {
			out[i].latency = inUnits(p.values(m.Namespace, m.Latency, dimensions...), m.Unit)
		}
	}
	return out
}

// inUnits takes values in milliseconds and gives them on in another unit.
func inUnits(to Values, unit time.Duration) Values {
	if unit == 0 || unit == time.Millisecond {
		return to
	}
	return func(at time.Time, values, counts []float64) {
		scaled := make([]float64, len(values))
		for i, v := range values {
			scaled[i] = v * float64(time.Millisecond) / float64(unit)
		}
		to(at, scaled, counts)
	}
}
