package rehearsal

import (
	"encoding/json"
	"time"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// execution is one execution of the state machine in a simulated account.
type execution struct {
	account *Account
	arn     release.ExecutionARN
	name    string
	input   json.RawMessage
	caller  caller // of its functions
	run     *asl.Run
	visits  []story.Visit
	end     *asl.End
	done    time.Time

	promoted bool            // the state machine has reached Promote
	settled  []invariant.Arm // the workload when promotion was first called complete
	exposed  world.Exposure
}

// start begins an execution with the given input, as StartExecution does.
func (a *Account) start(name string, input json.RawMessage) *execution {
	arn := executionARN(name)
	e := &execution{account: a, arn: arn, name: name, input: input, caller: callerOf(arn, input)}
	a.executions = append(a.executions, e)
	e.run = a.machine.Start(asl.Execution{ID: string(e.arn), Name: name, Input: input, StartTime: a.loop.Now()}, a.loop.Rand().Float64)
	if e.besiege() {
		a.loop.At(a.loop.Now(), e.step)
	}
	return e
}

// callerOf reads from an execution's input what its functions work for.
func callerOf(execution release.ExecutionARN, input json.RawMessage) caller {
	var in struct {
		Target  release.TargetName
		Release release.ID
	}
	if err := json.Unmarshal(input, &in); err != nil { // inputs are our own
		panic(err)
	}
	if in.Release == "" {
		in.Release = release.NewID(in.Target, execution)
	}
	return caller{target: in.Target, release: in.Release, execution: execution}
}

// step does what the state machine wants next.
func (e *execution) step() {
	step := e.run.Next()
	e.trace()
	switch step := step.(type) {
	case asl.Sleep:
		e.account.loop.After(step.For, func() { e.resume(asl.Result{}) })
		e.interrupt()
	case asl.Invoke:
		e.account.invoke(step, e.caller, e.resume)
		e.interrupt()
	case asl.End:
		e.over(step)
	}
}

// over ends the execution.
func (e *execution) over(end asl.End) {
	e.end, e.done = &end, e.account.loop.Now()
	e.account.ended(e)
}

// abort stops the execution, as "Stop execution" in the console does.
func (e *execution) abort(err, cause string) {
	if e.end == nil {
		e.run.Abort(err, cause)
		e.step()
	}
}

func (e *execution) resume(result asl.Result) {
	if e.end != nil { // stopped meanwhile
		return
	}
	result.At = e.account.loop.Now()
	e.run.Resume(result)
	e.step()
}

// trace notes the states that were entered since the last step.
func (e *execution) trace() {
	for _, state := range e.run.Path()[len(e.visits):] {
		e.visits = append(e.visits, story.Visit{At: e.account.loop.Now(), State: state})
		if state == "Promote" && !e.promoted {
			e.promoted, e.exposed = true, e.account.world.Exposed()
		}
		if n := len(e.visits); state == "CheckAlarms" && n > 1 && e.visits[n-2].State == "Promoted?" && e.settled == nil && e.account.trouble != nil {
			e.settled = e.account.world.Arms()
		}
	}
}
