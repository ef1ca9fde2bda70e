package asl

import (
	"encoding/json"
	"time"
)

// Step is what an execution waits for: an Invoke, a Sleep, or nothing any more (End).
type Step interface{ step() }

// Invoke asks for a task to be carried out. Resume with its output or its error.
type Invoke struct {
	State    string          // the name of the Task state
	Resource string          // as the definition has it, "${Name}" included
	Input    json.RawMessage // the Parameters with every path filled in; shared, not to be changed
	Timeout  time.Duration   // resume with States.Timeout when the task takes longer; at least 1 ns
	Attempt  int             // 1 for the first try, 2 for the first retry
}

// Sleep asks for time to pass: a Wait state, or the back-off before a retry. Resume with the zero Result.
type Sleep struct {
	State string
	For   time.Duration // 0 or more
	Retry int           // 0 for a Wait state; n for the back-off before the n-th retry of a task
}

// End says that the execution is over.
type End struct {
	Status Status
	State  string          // the state in which it ended
	Error  string          // empty when it succeeded
	Cause  string          // empty when it succeeded
	Output json.RawMessage // nil unless it succeeded
}

func (Invoke) step() {}
func (Sleep) step()  {}
func (End) step()    {}

// Status is how an execution ended, in the words of DescribeExecution.
type Status string

// The final statuses.
const (
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT" // the machine's TimeoutSeconds have passed
	Aborted   Status = "ABORTED"   // somebody stopped it; see Run.Abort
)

// Result is what came of a step. After an Invoke it holds an Output, or an Error with its Cause; after a Sleep it
// holds neither.
type Result struct {
	Output json.RawMessage // JSON; empty means null
	Error  string          // the error's name, for example "Lambda.Unknown" or "States.Timeout"
	Cause  string          // what Lambda puts there: a JSON text with errorMessage and errorType

	// At is when the result arrived. Zero means: right away after an Invoke, and on time after a Sleep.
	// It moves the execution's clock, which State.EnteredTime and the machine's timeout read; it never moves it back.
	At time.Time
}

// Execution is what StartExecution was given.
type Execution struct {
	ID        string          // the execution's ARN; the machine's name and ARN are read from it
	Name      string          // the last part of the ARN
	Input     json.RawMessage // empty means {}
	StartTime time.Time       // must be given where a Result gives an At
}
