package door

import (
	"iter"
	"time"
)

// worker is a coroutine that runs one invocation after another: its stack has grown by then to what they need.
type worker struct {
	next  func() (time.Duration, bool) // runs on until the invocation parks, or is finished
	stop  func()
	yield func(time.Duration) bool
	body  func()
}

// finished is what a worker yields in place of a wait when its invocation has returned.
const finished time.Duration = -1

// hire returns a worker that will run body.
func (d *Door) hire(body func()) *worker {
	if n := len(d.idle); n > 0 {
		w := d.idle[n-1]
		d.idle = d.idle[:n-1]
		w.body = body
		return w
	}
	w := &worker{body: body}
	w.next, w.stop = iter.Pull(func(yield func(time.Duration) bool) {
		w.yield = yield
		for {
			w.body()
			if !yield(finished) {
				return
			}
		}
	})
	return w
}

// Close ends the workers that wait for work. Without it they would outlive the account.
func (d *Door) Close() {
	for _, w := range d.idle {
		w.stop()
	}
	d.idle = nil
}
