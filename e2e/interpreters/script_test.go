//go:build interpreters

package interpreters

import (
	"encoding/json"
	"time"

	"github.com/serin-aws/serin/internal/asl"
)

// machineName is in every execution's ARN, and in the metric that CountDirty puts.
const machineName = "serin"

var begin = time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// script is one execution: its input, and what each call answers, in the order of the calls.
type script struct {
	ID        string          `json:"id"`
	Execution string          `json:"execution"` // ARN
	Entered   string          `json:"entered"`   // $$.State.EnteredTime, for an interpreter that has none
	Input     json.RawMessage `json:"input"`
	Answers   []answer        `json:"answers"`
	Real      bool            `json:"real,omitempty"` // waits and back-offs take real time
	Stop      *stop           `json:"stop,omitempty"`
}

// answer is an output, an error, or nothing at all until the task's time is over.
type answer struct {
	Output json.RawMessage `json:"output,omitempty"`
	Error  string          `json:"error,omitempty"`
	Cause  string          `json:"cause,omitempty"`
	Hang   bool            `json:"hang,omitempty"`
}

// stop is a StopExecution, in the middle of a call that hangs or of a state that waits.
type stop struct {
	In string `json:"in"` // the state
}

// trace is what an execution did.
type trace struct {
	ID     string          `json:"id"`
	Path   []string        `json:"path"`
	Calls  []call          `json:"calls"`
	Status asl.Status      `json:"status"`
	Error  string          `json:"error"`
	Cause  string          `json:"cause"`
	Output json.RawMessage `json:"output"`
	At     float64         `json:"at"` // seconds since the start
}

type call struct {
	State string          `json:"state"`
	Input json.RawMessage `json:"input"`
	At    float64         `json:"at"`
}

// player plays scripts in internal/asl.
type player struct {
	machine *asl.Machine
	// timeoutCause is what the other interpreter writes as the cause of States.Timeout; AWS documents none.
	timeoutCause string
}

// play runs one execution. Each answer comes from next; the script is completed with what was answered.
func (p player) play(s *script, next func(asl.Invoke) answer) trace {
	run := p.machine.Start(asl.Execution{
		ID: s.Execution, Name: s.ID, Input: s.Input, StartTime: begin,
	}, func() float64 { return 0.5 })
	t := trace{ID: s.ID, Calls: []call{}}
	now := begin
	for {
		stopped := s.Stop != nil && run.Path()[len(run.Path())-1] == s.Stop.In
		switch step := run.Next().(type) {
		case asl.Invoke:
			t.Calls = append(t.Calls, call{step.State, step.Input, now.Sub(begin).Seconds()})
			given := next(step)
			s.Answers = append(s.Answers, given)
			if stopped {
				run.Abort("", "")
				continue
			}
			if given.Hang {
				now = now.Add(step.Timeout)
			}
			run.Resume(p.result(given, now))
		case asl.Sleep:
			if stopped {
				run.Abort("", "")
				continue
			}
			now = now.Add(step.For)
			run.Resume(asl.Result{})
		case asl.End:
			t.Path, t.Status, t.Error, t.Cause, t.Output = run.Path(), step.Status, step.Error, step.Cause, step.Output
			t.At = now.Sub(begin).Seconds()
			return t
		}
	}
}

func (p player) result(given answer, now time.Time) asl.Result {
	result := asl.Result{Output: given.Output, Error: given.Error, Cause: given.Cause, At: now}
	if given.Hang {
		result.Error, result.Cause = "States.Timeout", p.timeoutCause
	}
	return result
}
