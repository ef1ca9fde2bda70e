// Package operate is how people start a release and steer one that is under way: start, approve, reject, rollback, stop,
// promote-now, override, recover and abandon, each with who, why and an id that counts once. An order about a release is
// written into the ledger and obeyed by the functions of the state machine at their next turn, so nothing but the ledger
// has to be reached for it to hold. A start and a recovery are executions of the state machine, started here.
//
// Every order is an execution of a runbook of Systems Manager. IAM says who may start which; Systems Manager says who did.
//
//	operate.go  Operate: one order, from question to answer
//	runbook.go  the order that an execution of a runbook gives, and how one is started for it
//	start.go    a release is started, in the name of whoever started the runbook
//	undo.go     what a release is undone by
//	abandon.go  a Dirty release is given up
//	recover.go  an execution that brings home a release which has none, or is Dirty
//	sense.go    the rules: which order makes sense when, and what to do in place of one that does not
//	input.go    what is asked and answered, and what is wrong with a question
package operate
