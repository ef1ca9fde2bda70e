// Package observe reads CloudWatch and answers evidence for the judge: what the alarms of a target are and were, and
// what both versions of a workload did, minute by minute.
//
// It decides nothing. What it leaves out, it leaves out on purpose: minutes that are not final yet, minutes before the
// canary, series that CloudWatch could not answer completely. Nothing is ever filled in, but for a failure count
// that is missing where work was counted: a worker that never failed publishes none.
//
// Where to look:
//
//	observe.go   Client, Observer, Preflight and Evidence: one DescribeAlarms and one GetMetricData a look
//	evidence.go  AlarmState, and what the judge wants to know of a plan
//	window.go    which minutes count: since the canary's start, and as history the hours before the release
//	alarm.go     alarms as they are now
//	history.go   alarms as they were: every transition since the canary's start
//	rule.go      which alarms a composite alarm watches
//	query.go     what is asked of GetMetricData, every metric once
//	fetch.go     GetMetricData: pages, partial answers, calls of 500 metrics
//	compare.go   comparisons: what is asked for each, and its minutes
//	failures.go  sums of two metrics to counts of both arms
//	latency.go   counts of slow units, and percentiles
//	throughput.go  work done, with the workers that did it
//	reference.go what was normal before a release, and what has no data
//	counts.go    answers to whole counts
//	toll.go      what a release cost the work, for the people who are told
//	coverage.go  whether an alarm had data
package observe
