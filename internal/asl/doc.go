// Package asl executes a state machine written in the Amazon States Language, one step at a time.
//
// It is pure: no clock, no goroutine, no I/O. The caller does the work and says what came of it:
//
//	machine, err := asl.Load(definition)
//	run := machine.Start(execution, random)
//	for {
//		switch step := run.Next().(type) {
//		case asl.Invoke: run.Resume(...) // with the task's answer or error
//		case asl.Sleep:  run.Resume(asl.Result{}) // when the time has passed
//		case asl.End:    return step
//		}
//	}
//
// It knows exactly the states and fields that serin's definition uses (JSONPath; Choice, Task, Wait, Succeed and
// Fail). Anything else is an error of Load: a field that were read over here would mean something on AWS. A few
// things that AWS would accept are refused too, because they hide mistakes: a Task without TimeoutSeconds, a state
// that nothing leads to, an ErrorEquals that can never match.
//
// Where to look:
//
//	machine.go     Load, and the checks over all states together
//	state.go       one state from its JSON
//	object.go      strict reading of a JSON object: no unknown field, no duplicate, no wrong type
//	choice.go      the rules of Choice
//	retry.go       Retry and Catch: which error matches, how long to back off
//	path.go        $.paths into the data, and ResultPath
//	context.go     $$.paths into the context object
//	intrinsic.go   States.Format, States.JsonToString
//	template.go    Parameters
//	document.go    the JSON data that flows from state to state
//	step.go        what the caller sees: Invoke, Sleep, End
//	run.go         one execution
//
// Sources: the Amazon States Language specification (states-language.net/spec.html) and the Step Functions
// Developer Guide ("Handling errors in Step Functions workflows", "Avoid reaching the history quota"). Where the
// two differ, what AWS does counts: a path that is missing from Parameters fails with States.Runtime, not with
// States.ParameterPathFailure, which is reserved for future use.
package asl
