// Package targetfile reads the user's file: one workload and how it is released, as YAML for people or as the JSON that
// stands in SSM at run time. Where to look:
//
//	table.go       what may stand where, what it means, every default: the one table behind parsing, Show and Schema
//	targetfile.go  Parse, Marshal, Hash, Show, Schema
//	defaults.go    the defaults that follow from the plan
//	rules.go       what must be true beyond the table: names, checks, freeze windows
//	compare.go     what must be true of comparisons
//	plan.go        what must be true of steps and times
//	limits.go      the bounds of the state machine: its history and its timeout
//	calendar.go    how long freeze windows can hold a release up
//	notes.go       what is allowed but worth knowing
package targetfile
