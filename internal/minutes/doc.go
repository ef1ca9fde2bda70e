// Package minutes reads a history of canary and baseline, minute by minute, from a CSV file for the judge:
//
//	minute,canary_n,canary_failed,baseline_n,baseline_failed
//	2026-03-02T14:02:00Z,300,1,2700,5
//
// It is strict, since a history that was read wrongly gives a verdict that looks right: every mistake is told with its
// line and column and what would be right. It streams: a file is never held in memory.
//
// Where to look:
//
//	reader.go   Reader: a file, line by line
//	header.go   which column is which
//	field.go    numbers and minutes
//	stamp.go    a minute as the file names it
//	problem.go  what is wrong, and where
package minutes
