package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
)

// functionTimeout is what the core stack gives every function.
const functionTimeout = 60 * time.Second

// functionMemory is what the core stack gives every function, in MB.
const functionMemory = 256

// function is one simulated Lambda function.
type function struct {
	name    string
	handler func(ctx context.Context, event json.RawMessage) (any, error)
}

// invoke runs what a Task state names: one of serin's functions, or a service that the state machine calls itself.
func (a *Account) invoke(task asl.Invoke, by caller, resume func(asl.Result)) {
	if f, ok := a.functions[task.Resource]; ok {
		a.invokeFunction(f, by, task.Input, resume)
		return
	}
	a.integrate(task, resume)
}

// invokeFunction runs a function as Lambda does: JSON in, JSON out, an error by its type, and an end when its time
// is up. Where a fault says so it runs twice at once, or is given up while it works on.
func (a *Account) invokeFunction(f function, by caller, input json.RawMessage, resume func(asl.Result)) {
	var skew time.Duration
	once := resume
	for _, fault := range a.trouble.hit(faults.Invocation, f.name) {
		a.trouble.note(fault, f.name)
		switch fault.Kind {
		case faults.Skewed:
			skew = fault.For
		case faults.Twice:
			a.loop.After(fault.For, func() { a.invokeOnce(f, by, input, 0, func(asl.Result) {}) })
		case faults.Deserted:
			deserted := false
			a.loop.After(fault.For, func() {
				if !deserted {
					deserted = true
					resume(asl.Result{Error: "Lambda.Unknown", Cause: "the connection to the function was lost"})
				}
			})
			once = func(result asl.Result) {
				if !deserted {
					deserted = true
					resume(result)
				}
			}
		default: // not of an invocation
		}
	}
	a.invokeOnce(f, by, input, skew, once)
}

func (a *Account) invokeOnce(f function, by caller, input json.RawMessage, skew time.Duration, resume func(asl.Result)) {
	a.requests++
	a.busy++
	request := fmt.Sprintf("%s-%d", f.name, a.requests)
	a.noteCaller(request, by)
	began := a.loop.Now()
	var result asl.Result
	over := false
	done := func(gone bool) {
		over = true
		a.busy--
		a.usage.Invoke(a.loop.Now().Sub(began), functionMemory)
		if gone {
			result = asl.Result{Error: "Lambda.Unknown", Cause: "the function ended before it answered"}
		}
		resume(result)
	}
	inv := a.door.Invoke(f.name, request, functionTimeout, func(ctx context.Context) {
		result = lambdaResult(f.handler(ctx, input))
	}, done)
	inv.Skew = skew
	a.loop.After(functionTimeout, func() {
		if !over {
			inv.Stop(func(bool) {
				result = asl.Result{Error: "Sandbox.Timedout", Cause: "Task timed out after " + functionTimeout.String()}
				done(false)
			})
		}
	})
}

// lambdaResult is what Lambda makes of a handler's answer.
func lambdaResult(answer any, err error) asl.Result {
	if err == nil {
		out, err := json.Marshal(answer)
		if err != nil { // answers are texts and numbers
			panic(err)
		}
		return asl.Result{Output: out}
	}
	named, ok := errors.AsType[messages.InvokeResponse_Error](err)
	if !ok {
		named = messages.InvokeResponse_Error{Type: fmt.Sprintf("%T", err), Message: err.Error()}
	}
	cause, err := json.Marshal(map[string]string{"errorType": named.Type, "errorMessage": named.Message})
	if err != nil { // two strings
		panic(err)
	}
	return asl.Result{Error: named.Type, Cause: string(cause)}
}
