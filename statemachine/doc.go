// Package statemachine defines serin's state machine with the CDK.
//
//	machine.go  New: the states and how they lead to each other
//	retry.go    what every task retries and catches, generated from the table of error codes
//	dirty.go    the way to Dirty, which needs no function of ours to work
//	render.go   Render: the definition as text with ${Names} for its tokens
//	definition/ what Render made, as a file, embedded; whoever only executes the machine imports that and not the CDK
//
// After a change here, "go test ./statemachine -update" (make golden) writes the file anew; without -update the same
// test compares it with a fresh synth.
//
// The functions say where to go next with one word (release.Next), and each Choice knows the words that its function
// may say. A word it does not know, or none at all, leads to the safe side: to Rollback, and from Restored? to
// MarkDirty (but for a cleanup after the end, of which Urgent? wakes nobody). A Choice on a missing path would raise States.Runtime, which nothing catches, so each one asks first
// whether there is a word.
package statemachine
