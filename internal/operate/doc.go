// Package operate is how people steer a release that is under way: approve, reject, rollback, stop, promote-now and
// override, each with who, why and an id that counts once. An order is written into the ledger and obeyed by the
// functions of the state machine at their next turn, so nothing but the ledger has to be reached for it to hold.
//
// Every order is an execution of a runbook of Systems Manager. IAM says who may start which; Systems Manager says who did.
//
//	operate.go  Operate: one order, from question to answer
//	runbook.go  the order that an execution of a runbook gives, and how one is started for it
//	sense.go    the rules: which order makes sense when, and what to do in place of one that does not
//	input.go    what is asked and answered, and what is wrong with a question
package operate
