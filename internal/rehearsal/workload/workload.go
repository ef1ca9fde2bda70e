package workload

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// Server is one version of one service at work.
type Server struct {
	Name   string // of the service; the value of the dimension that tells versions apart
	Digest string
	Units  int // units of work that run
}

// Fleet says who works now. Before its answer changes, Settle must be called.
type Fleet interface {
	Serving() []Server
}

// Arrivals says how much work comes.
type Arrivals interface {
	Expected(from, to time.Time) float64 // messages between two times
}

// Config is a workload as a scenario describes it.
type Config struct {
	Queue       string
	DeadLetters string        // the dead-letter queue; empty: none, and MaxReceives does not count
	MaxReceives int           // how often a message is received before it goes there
	Visibility  time.Duration // how long a failed message is invisible

	Arrivals    Arrivals
	Concurrency int // messages that one unit works on at once; default 10

	Baseline     Behaviour
	Canary       Behaviour
	CanaryDigest string
	From         time.Duration // after its first unit ran, the canary behaves as Canary; before, as Baseline

	Workers []WorkerMetrics
	Open    Open // where metrics go; nil: nowhere
	Values  OpenValues
}

// Workload is one queue and the work on it, in one account.
type Workload struct {
	loop  *loop.Loop
	rng   *rand.Rand
	fleet Fleet

	arrivals    Arrivals
	maxReceives int // 0: there is no dead-letter queue
	visibility  time.Duration
	baseline    hand
	canary      hand
	digest      string
	from        time.Duration
	ran         time.Time // when the canary's first unit ran; zero before

	queue       queue
	settled     time.Time // everything before has happened
	settledSent int64
	stopped     bool
	totals      []*Total

	hands   []hand // who works in the step that is being settled
	weights []float64
	counts  []int64
	spare   []cohort
	minute  minute
	publish publisher
}

// New returns a workload that begins now, with an empty queue. Start lets its minutes run.
func New(l *loop.Loop, fleet Fleet, c Config) *Workload {
	w := &Workload{
		loop: l, rng: l.Source("workload"), fleet: fleet, arrivals: c.Arrivals, visibility: c.Visibility,
		digest: c.CanaryDigest, from: c.From, settled: l.Now(),
	}
	if c.DeadLetters != "" {
		w.maxReceives = c.MaxReceives
	}
	at := c.Concurrency
	if at <= 0 {
		at = usualConcurrency
	}
	w.publish = publisherOf(c)
	w.baseline, w.canary = handOf(c.Baseline, at), handOf(c.Canary, at)
	if w.publish.slow {
		w.baseline.latency, w.canary.latency = latencyOf(c.Baseline), latencyOf(c.Canary)
	}
	return w
}

// usualConcurrency is how many messages a unit works on at once where nothing is said: a batch of SQS.
const usualConcurrency = 10

func handOf(b Behaviour, concurrency int) hand {
	return hand{rate: float64(concurrency) / b.mean(), fails: b.FailureRate}
}

// Start settles the work at every minute from now on and publishes what the minute held.
func (w *Workload) Start() { w.loop.At(w.settled.Truncate(time.Minute).Add(time.Minute), w.minuteOver) }

// Stop ends Start.
func (w *Workload) Stop() { w.stopped = true }

func (w *Workload) minuteOver() {
	if w.stopped {
		return
	}
	w.Settle(w.loop.Now())
	w.loop.After(time.Minute, w.minuteOver)
}

// CanaryRan says when the canary's first unit ran. Without it, it is taken to be when one is first seen at work.
func (w *Workload) CanaryRan(at time.Time) {
	if w.ran.IsZero() {
		w.ran = at
	}
}

// Onset returns when the canary began to behave as such; ok is false before.
func (w *Workload) Onset() (at time.Time, ok bool) {
	if w.ran.IsZero() {
		return time.Time{}, false
	}
	at = w.ran.Add(w.from)
	return at, !at.After(w.loop.Now())
}

// Settle does all work up to now. It is called before the fleet changes, and by itself at every minute.
func (w *Workload) Settle(now time.Time) {
	if !now.After(w.settled) {
		return
	}
	serving := w.fleet.Serving()
	if w.ran.IsZero() && slices.ContainsFunc(serving, func(s Server) bool { return s.Digest == w.digest && s.Units > 0 }) {
		w.ran = w.settled
	}
	for now.After(w.settled) {
		end := w.settled.Truncate(time.Minute).Add(time.Minute)
		to := end
		if now.Before(to) {
			to = now
		}
		if onset := w.ran.Add(w.from); !w.ran.IsZero() && onset.After(w.settled) && onset.Before(to) {
			to = onset
		}
		w.man(serving)
		w.step(w.settled, to)
		w.settled = to
		if to.Equal(end) {
			w.report(to)
		}
	}
}

// man puts the fleet to work as it behaves from the settled time on.
func (w *Workload) man(serving []Server) {
	w.hands = w.hands[:0]
	bad := !w.ran.IsZero() && !w.settled.Before(w.ran.Add(w.from))
	for _, s := range serving {
		if s.Units <= 0 {
			continue
		}
		h := w.baseline
		if bad && s.Digest == w.digest {
			h = w.canary
		}
		h.units = float64(s.Units)
		h.total, h.minute = w.total(s), w.minute.of(s.Name)
		w.hands = append(w.hands, h)
	}
}

func (w *Workload) total(s Server) *Total {
	for _, t := range w.totals {
		if t.Service == s.Name && t.Digest == s.Digest {
			return t
		}
	}
	t := &Total{Service: s.Name, Digest: s.Digest}
	w.totals = append(w.totals, t)
	return t
}

// Totals returns what every version did in every service, in the order in which they first worked.
func (w *Workload) Totals() []Total {
	totals := make([]Total, len(w.totals))
	for i, t := range w.totals {
		totals[i] = *t
	}
	return totals
}

// Balance is where all messages are: Sent is the sum of the others, always.
type Balance struct {
	Sent, Deleted, Visible, InFlight, Dead int64
}

// Balance returns where all messages are now.
func (w *Workload) Balance() Balance {
	w.Settle(w.loop.Now())
	q := &w.queue
	return Balance{Sent: q.sent, Deleted: q.deleted, Visible: q.visible(), InFlight: q.inFlight(), Dead: q.dead}
}
