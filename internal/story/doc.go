// Package story reads what happened to a release out of the ledger and the metrics. It is the only source of the
// live view, of the report and of the summary of many runs, in rehearsal and on AWS alike.
//
// Where to look:
//
//	story.go      Story, Read and Tell: everything there is to tell about one release
//	timeline.go   events decoded: phases, looks of the judge, alarms over time
//	version.go    which version an arm of the workload runs at a moment
//	outcome.go    the outcome in one sentence, and what serves now
//	metrics.go    the workload's own metrics from CloudWatch: work and failures, queue depth and age
//	band.go       the share of the work by version, minute by minute
//	rehearsed.go  what only a rehearsal knows: the path through the state machine, API calls, faults, costs
//	refused.go    the story of a release that was never opened
//	summary.go    many runs: outcomes, detection, cost
//	rate.go       what an alarm on a failure rate would have done
//	words.go      numbers, times and foreign names for people
//	storytest     hand-made releases and fakes for tests
//
// A story tells what is recorded. It needs no clock: it ends with the last thing that the ledger knows. What could
// not be read is named in Missing and is never an error: half a story at 3 a.m. is better than none.
package story
