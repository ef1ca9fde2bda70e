// Package loop is the clock of a simulated account: one heap of events in virtual time. Nothing in a rehearsal runs
// beside it, so one seed gives one story.
package loop

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// Loop runs events in the order of their time; events of the same time run in an order drawn from the seed.
type Loop struct {
	now   time.Time
	until time.Time // how far the event that runs now may let time pass; the zero time: as far as it likes
	queue queue
	rng   *rand.Rand
	count uint64
	seed  uint64
}

// New returns a loop whose clock stands at start. The seed decides every draw of Rand and every tie.
func New(start time.Time, seed uint64) *Loop {
	return &Loop{now: start, seed: seed, rng: rand.New(rand.NewPCG(seed, 0x5e41))}
}

// Now returns the virtual time.
func (l *Loop) Now() time.Time { return l.now }

// Rand returns the loop's own source of chance. A part that draws often takes its own source from it once, so that
// its draws do not shift those of the others.
func (l *Loop) Rand() *rand.Rand { return l.rng }

// Source returns a source of chance of its own for a part of the account. It depends on the seed and the part's name
// alone, so a part that is added, or that draws more often, does not change the story of the others.
func (l *Loop) Source(part string) *rand.Rand {
	name := fnv.New64a()
	name.Write([]byte(part))
	return rand.New(rand.NewPCG(l.seed, name.Sum64()))
}

// At runs do at t, or at the next step where t has passed.
func (l *Loop) At(t time.Time, do func()) {
	if t.Before(l.now) {
		t = l.now
	}
	l.count++
	l.queue.push(event{at: t.UnixNano(), tie: l.rng.Uint32(), order: l.count, time: t, do: do})
}

// After runs do when d has passed.
func (l *Loop) After(d time.Duration, do func()) { l.At(l.now.Add(d), do) }

// Pass lets d pass within the event that runs now, where nothing else happens in that time: what After does, with the
// same draws, without a turn of the loop. False says that something does, and nothing has passed.
func (l *Loop) Pass(d time.Duration) bool {
	t := l.now.Add(d)
	if len(l.queue) > 0 && l.queue[0].at <= t.UnixNano() || !l.until.IsZero() && t.After(l.until) {
		return false
	}
	l.count++
	l.rng.Uint32() // the tie of the event that After would have made
	l.now = t
	return true
}

// Step runs the next event and moves the clock to it; false where there is none.
func (l *Loop) Step() bool { return l.step(time.Time{}) }

// StepTo is Step where the next event is not after t; neither does the clock go beyond t while it runs.
func (l *Loop) StepTo(t time.Time) bool {
	if next, ok := l.Next(); !ok || next.After(t) {
		return false
	}
	return l.step(t)
}

func (l *Loop) step(until time.Time) bool {
	if len(l.queue) == 0 {
		return false
	}
	next := l.queue.pop()
	l.now, l.until = next.time, until
	next.do()
	return true
}

// Next returns the time of the next event; ok is false where there is none.
func (l *Loop) Next() (t time.Time, ok bool) {
	if len(l.queue) == 0 {
		return time.Time{}, false
	}
	return l.queue[0].time, true
}

// AdvanceTo runs every event up to and including t and leaves the clock at t.
func (l *Loop) AdvanceTo(t time.Time) {
	for l.StepTo(t) {
	}
	if t.After(l.now) {
		l.now = t
	}
}

type event struct {
	at    int64 // nanoseconds since 1970, to compare
	tie   uint32
	order uint64
	time  time.Time
	do    func()
}

func (e *event) before(other *event) bool {
	if e.at != other.at {
		return e.at < other.at
	}
	if e.tie != other.tie {
		return e.tie < other.tie
	}
	return e.order < other.order
}

// queue is a binary heap. That of container/heap puts every event into an interface, on the way in and on the way out,
// and half of what a loop does would be that.
type queue []event

func (q *queue) push(e event) {
	h := append(*q, e)
	*q = h
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h[i].before(&h[parent]) {
			return
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

func (q *queue) pop() event {
	h := *q
	first, last := h[0], len(h)-1
	h[0], h[last] = h[last], event{}
	h = h[:last]
	*q = h
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < last && h[child+1].before(&h[child]) {
			child++
		}
		if child >= last || !h[child].before(&h[i]) {
			return first
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}
