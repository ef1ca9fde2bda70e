package workload

import (
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// steady arrives at a rate until an end, if any.
type steady struct {
	perSecond float64
	until     time.Time
}

func (s steady) Expected(from, to time.Time) float64 {
	if !s.until.IsZero() && to.After(s.until) {
		to = s.until
	}
	return max(0, to.Sub(from).Seconds()*s.perSecond)
}

// fleet is who works, as the test says.
type fleet []Server

func (f *fleet) Serving() []Server { return *f }

// recorder keeps what was published: sums by metric and minute.
type recorder map[string]map[time.Time]float64

func (r recorder) open(namespace, metric string, dimensions ...Dimension) Metric {
	key := namespace + " " + metric
	for _, d := range dimensions {
		key += " " + d.Name + "=" + d.Value
	}
	return func(at time.Time, sum, samples, least, most float64) {
		if r[key] == nil {
			r[key] = map[time.Time]float64{}
		}
		r[key][at] += sum
	}
}

func (r recorder) total(key string) (sum float64) {
	for _, v := range r[key] {
		sum += v
	}
	return sum
}

// config is 100 messages a second for nine units, two in a thousand failing.
func config(change func(*Config)) Config {
	c := Config{
		Queue: "orders", DeadLetters: "orders-dlq", MaxReceives: 5, Visibility: time.Minute,
		Arrivals: steady{perSecond: 100}, Concurrency: 2,
		Baseline: Behaviour{FailureRate: .002}, Canary: Behaviour{FailureRate: .03}, CanaryDigest: "new",
		Workers: []WorkerMetrics{{Namespace: "Orders", Dimension: "Service", Failed: "Failed", Total: "Processed"}},
	}
	if change != nil {
		change(&c)
	}
	return c
}

// run lets a workload run for a time with a fleet that does not change.
func run(t testing.TB, seed uint64, c Config, f *fleet, d time.Duration) (*loop.Loop, *Workload) {
	t.Helper()
	l := loop.New(start, seed)
	w := New(l, f, c)
	w.Start()
	l.AdvanceTo(start.Add(d))
	return l, w
}

func primary(units int) Server { return Server{Name: "orders", Digest: "old", Units: units} }
func canary(units int) Server  { return Server{Name: "orders-canary", Digest: "new", Units: units} }
