// Package recovery brings releases home whose execution ended without an end of its own: stopped in the console, timed
// out, failed by the state machine itself, or by functions that never came through. An event that tells of an ended
// execution is a hint, and a sweep over the open releases finds what no event told of: what is done depends on
// Step Functions and the ledger alone.
//
//	recovery.go  Recovery: Ended, Sweep, and what becomes of one release
//	takeover.go  TakeOver: another execution becomes the owner, and starts
//	waiting.go   executions that ended while they waited for their turn
//	dirty.go     the end of trying: Dirty, and a person is called
//	tidy.go      what a release left that is over: executions that remove it, few and further and further apart
//
// A recovery is first written into the ledger and then started, under a name that the ledger's epoch gives it. So the
// execution that is replaced is stale from that moment, a start that was cut off is found and made good, and a start
// that is repeated is one start.
package recovery
