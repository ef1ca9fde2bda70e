package rehearsal

import (
	"github.com/serin-aws/serin/internal/rehearsal/faults"
)

// redrive starts the execution once more under its own name, as redriving it in the console does: its functions are
// called again, although a recovery may own the release by now.
func (e *execution) redrive() {
	e.account.start(e.name, e.input)
}

// interrupt ends an execution from outside where a fault says so.
func (e *execution) interrupt() {
	for _, f := range e.account.trouble.hit(faults.Turn) {
		if e.end != nil {
			return
		}
		path := e.run.Path()
		e.account.trouble.note(f, "in "+path[len(path)-1])
		if f.Kind == faults.TimedOut {
			e.abort("States.Timeout", "the state machine's time is up")
		} else {
			e.abort("", "somebody stopped the execution")
		}
		if f.Kind == faults.Redriven {
			e.account.loop.After(f.For, e.redrive)
		}
	}
}
