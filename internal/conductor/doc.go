// Package conductor holds the verbs of a release, one file each: what a Lambda function does when the state machine
// calls it.
//
//	deploycanary.go  open a release, give its canary the weight of a step
//	start.go         is there anything to do; prepare, lock, record
//	wait.go          until its turn has come; who gives way to whom
//	refuse.go        what is not started, and why
//	checkalarms.go   look, judge, and say wait, shift, promote or roll back
//	promote.go       move all work to the new revision; clean up after settling
//	rollback.go      bring the recorded baseline back, from wherever the release stands
//	leftover.go      remove what a release left that is over
//	decide.go        the rules of check-alarms, pure
//	hooks.go         functions that are asked on the way, and what their word means
//	settle.go        what a look means where nothing is left to compare
//	turn.go          what every verb does first and last: load, ownership, leases, saving
//	ports.go         what the verbs need from the rest of serin
//	tell.go          people are told, and nothing depends on it
//
// Every verb may be called at any time, twice, late, or after a crash of itself: it reads the ledger and the world,
// and makes what is still missing.
package conductor
