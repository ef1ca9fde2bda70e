// Package report writes a release's story as one self-contained HTML page: readable without a network, without a
// script, on a phone, on paper, in light and dark, years later.
//
// Where to look:
//
//	report.go    Write: the page, its policy against foreign content, and the last filter
//	page.go      what stands on the page, from top to bottom
//	axis.go      the one time axis, and scales of values
//	plot.go      a plot and its marks
//	share.go     the band: the share of the work by version, coloured by verdict
//	failures.go  failures by version, with intervals
//	evidence.go  the e-value on a log axis
//	ratio.go     the interval of the ratio of the versions' rates over time
//	series.go    the queue
//	latency.go   how long both versions took
//	lanes.go     phases, verdicts and alarms as lanes
//	calls.go     API calls and faults of a rehearsal
//	machine.go   the path through the state machine
//	layout.go    where the states stand in the drawing
//	tables.go    the ledger's story, the numbers behind the plots, costs
//	replay.go    WriteReplay: the page of a history that the judge went through, without a release
//	page.html, replay.html, style.css, script.js  embedded
//
// Plots are inline SVG without a viewBox: positions along time are percentages of the width and everything else is in
// pixels, so one drawing fits a phone and a wide screen with text of the same size. Colour is never the only sign:
// verdicts have patterns, versions have shapes, alarms have words.
package report
