package workload

import (
	"slices"
	"time"
)

// hand is one version of one service as it works in a step.
type hand struct {
	total   *Total
	minute  *minuteOf
	units   float64
	rate    float64  // messages a second and unit
	fails   float64  // chance
	latency *latency // nil where nobody wants latencies
}

// step does what happens between two moments, with the same hands at work all the time.
func (w *Workload) step(from, to time.Time) {
	w.wake(to)
	w.queue.arrive(poisson(w.rng, w.arrivals.Expected(from, to)), from, to)
	w.minute.sent += w.queue.sent - w.settledSent
	w.settledSent = w.queue.sent
	if len(w.hands) == 0 {
		return
	}
	w.bury(to)
	n := w.deal(to.Sub(from).Seconds())
	n = w.handleAgain(n, from, to)
	for n > 0 && len(w.queue.fresh) > 0 {
		taken := w.queue.takeFresh(n)
		n -= taken.n
		w.handle(taken, from, to)
	}
}

// wake makes the messages visible whose visibility timeout ends before to.
func (w *Workload) wake(to time.Time) {
	q := &w.queue
	rest := q.flying[:0]
	for _, c := range q.flying {
		if !c.from.Before(to) {
			rest = append(rest, c)
			continue
		}
		due := c
		if to.Before(c.to) {
			due.n = binomial(w.rng, c.n, float64(to.Sub(c.from))/float64(c.to.Sub(c.from)))
			c.n, c.from = c.n-due.n, to
			if c.n > 0 {
				rest = append(rest, c)
			}
		}
		if due.n > 0 {
			q.back(due)
		}
	}
	q.flying = rest
}

// bury moves what was received as often as allowed to the dead-letter queue: SQS does so when somebody asks for it
// once more.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
func (w *Workload) bury(at time.Time) {
	if w.maxReceives == 0 {
		return
	}
	w.queue.again = slices.DeleteFunc(w.queue.again, func(c cohort) bool {
		if c.receives < w.maxReceives {
			return false
		}
		w.queue.bury(c.n, at)
		return true
	})
}

// deal returns how many messages are handled in a step of so many seconds, and sets by which weight the hands get
// them: by their units, each message to any unit, as long as every hand keeps up; what a hand cannot take goes to the
// others.
func (w *Workload) deal(seconds float64) int64 {
	waiting := float64(w.queue.visible())
	w.weights = slices.Grow(w.weights[:0], len(w.hands))[:len(w.hands)]
	w.counts = slices.Grow(w.counts[:0], len(w.hands))[:len(w.hands)]
	capacity := 0.0
	for i, h := range w.hands {
		w.weights[i] = 0
		capacity += h.units * h.rate * seconds
	}
	if capacity <= waiting {
		for i, h := range w.hands {
			w.weights[i] = h.units * h.rate
		}
		return min(round(w.rng, capacity), int64(waiting))
	}
	left, units := waiting, 0.0
	open := len(w.hands)
	for i := range w.hands {
		units += w.hands[i].units
	}
	for range w.hands { // each round fills up at least one hand, or ends
		full := false
		for i, h := range w.hands {
			if most := h.units * h.rate * seconds; w.weights[i] == 0 && open > 1 && left*h.units/units > most {
				w.weights[i] = most
				left, units, open, full = left-most, units-h.units, open-1, true
			}
		}
		if !full {
			break
		}
	}
	for i, h := range w.hands {
		if w.weights[i] == 0 {
			w.weights[i] = left * h.units / units
		}
	}
	return int64(waiting)
}

// handleAgain handles up to n messages that were received before, and returns how many it may handle still.
func (w *Workload) handleAgain(n int64, from, to time.Time) int64 {
	again := w.queue.again
	w.queue.again = w.spare[:0]
	for _, c := range again {
		taken := c
		taken.n = min(n, c.n)
		if rest := c.n - taken.n; rest > 0 {
			c.n = rest
			w.queue.again = append(w.queue.again, c)
		}
		n -= taken.n
		w.handle(taken, from, to)
	}
	w.spare = again[:0]
	return n
}

// handle lets the hands work on messages that are alike. Those that fail are invisible for the visibility timeout.
func (w *Workload) handle(c cohort, from, to time.Time) {
	if c.n == 0 {
		return
	}
	multinomial(w.rng, c.n, w.weights, w.counts)
	var failures int64
	for i := range w.hands {
		h, n := &w.hands[i], w.counts[i]
		failed := binomial(w.rng, n, h.fails)
		failures += failed
		h.total.Attempts += n
		h.total.FailedAttempts += failed
		if c.receives == 0 {
			h.total.Received += n
			h.total.Failed += failed
			h.minute.received += n
			h.minute.failed += failed
		}
		if c.receives+1 == w.maxReceives {
			h.total.Dead += failed
		}
		w.busy(n, h)
	}
	w.minute.received += c.n
	w.minute.deleted += c.n - failures
	w.queue.deleted += c.n - failures
	if failures > 0 {
		w.queue.flying = append(w.queue.flying, cohort{
			n: failures, receives: c.receives + 1, sent: c.sent, from: from.Add(w.visibility), to: to.Add(w.visibility),
		})
	}
}
