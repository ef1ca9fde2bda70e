// Package operate is how people steer a release that is under way: approve, reject, rollback, stop, promote-now and
// override, each with who, why and an id that counts once. An order is written into the ledger and obeyed by the
// functions of the state machine at their next turn, so nothing but the ledger has to be reached for it to hold.
//
//	operate.go  Operate: one order, from question to answer
//	sense.go    the rules: which order makes sense when, and what to do in place of one that does not
//	input.go    what is asked and answered, and what is wrong with a question
package operate
