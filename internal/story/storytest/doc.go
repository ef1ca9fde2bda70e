// Package storytest holds hand-made releases for the tests of everything that shows a story, and the fakes of the
// ledger and of CloudWatch that they are read from.
//
//	account.go   the fakes: a ledger of one release, metrics by minute
//	script.go    writing a release's events, hash chain included
//	worker.go    the workload: messages and failures by minute, drawn from a seed; a judge that is good enough to look at
//	releases.go  the releases: good, bad, held, open, refused, hostile
package storytest
