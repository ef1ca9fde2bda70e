// Package release is the domain of serin: what a release is and which way it may go.
//
// It is pure - standard library only, no clock, no I/O - so that the Lambda functions, the rehearsal and the
// command line decide by the same rules. Where to look:
//
//	target.go    what the user wrote: one workload and how it is released
//	plan.go      steps, bakes and CodeDeploy's preset names; freeze.go the windows in which nothing rises
//	weight.go    the share of the work; duration.go times as people write them; count.go numbers and times as they read them
//	request.go   what a trigger asks for
//	revision.go  what is released; codeobject.go a zip file in S3
//	release.go   one release as the ledger keeps it: the immutable snapshot and the moving state
//	leftover.go  what a release left that is over, and when that is tried again
//	announce.go  a change of the workload is announced before it is made
//	line.go      who waits for a target, and who gives way to whom
//	history.go   a line of a target's history, and what came of a revision
//	override.go  alarms that do not count for an emergency start
//	phase.go     the one function that holds every legal transition
//	platform.go  what a platform answers: Prepared, Sighting, Progress
//	metric.go    where CloudWatch has what is compared; reference.go what was normal before the release
//	verdict.go   what the judge answers
//	hook.go      functions that are asked on the way; hookevent.go what they are given
//	order.go     what people ask of a release that is under way; notice.go what they are told of
//	event.go     one line of a release's story, and the hash chain that binds the lines
//	answer.go    what a function answers the state machine
//	code.go      the table of error codes
package release
