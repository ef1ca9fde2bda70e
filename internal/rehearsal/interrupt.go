package rehearsal

import (
	"encoding/json"
	"fmt"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
)

// personsOwn is the name of the execution that a person starts.
const personsOwn = "by-hand"

// bringHome starts an execution that brings the release home that was started last, as a person does in the console,
// beside its own.
func (a *Account) bringHome() {
	if len(a.executions) == 0 {
		return
	}
	last := a.executions[len(a.executions)-1].caller
	input := fmt.Sprintf(`{"intent":"rollback","target":%q,"release":%q,"reason":"by hand"}`, last.target, last.release)
	a.start(personsOwn, json.RawMessage(input))
}

// besiege lets somebody, or something, stop an execution soon after its start where a fault says so. It answers whether
// the execution does anything before.
func (e *execution) besiege() bool {
	t := e.account.trouble
	if t == nil || t.siege.Kind == "" {
		return true
	}
	e.account.loop.After(t.siege.For, func() { e.abort("", "whatever runs is stopped") })
	return t.siege.For > 0
}

// redrive starts the execution once more under its own name, as redriving it in the console does: its functions are
// called again, although a recovery may own the release by now.
func (e *execution) redrive() {
	e.account.start(e.name, e.input)
}

// interrupt ends an execution from outside where a fault says so.
func (e *execution) interrupt() {
	path := e.run.Path()
	state := path[len(path)-1]
	for _, f := range e.account.trouble.hit(faults.Turn, state) {
		if e.end != nil {
			return
		}
		e.account.trouble.note(f, "in "+state)
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
