package rehearsal

import (
	"github.com/serin-aws/serin/internal/rehearsal/faults"
)

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
	}
}
