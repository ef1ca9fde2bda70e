package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/serin-aws/serin/internal/asl"
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
func (a *Account) invoke(task asl.Invoke, resume func(asl.Result)) {
	if f, ok := a.functions[task.Resource]; ok {
		a.invokeFunction(f, task.Input, resume)
		return
	}
	a.integrate(task, resume)
}

// invokeFunction runs a function as Lambda does: JSON in, JSON out, an error by its type, and an end when its time
// is up.
func (a *Account) invokeFunction(f function, input json.RawMessage, resume func(asl.Result)) {
	a.requests++
	request := fmt.Sprintf("%s-%d", f.name, a.requests)
	began := a.loop.Now()
	var result asl.Result
	over := false
	done := func(gone bool) {
		over = true
		a.usage.Invoke(a.loop.Now().Sub(began), functionMemory)
		if gone {
			result = asl.Result{Error: "Lambda.Unknown", Cause: "the function ended before it answered"}
		}
		resume(result)
	}
	inv := a.door.Invoke(f.name, request, functionTimeout, func(ctx context.Context) {
		result = lambdaResult(f.handler(ctx, input))
	}, done)
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
