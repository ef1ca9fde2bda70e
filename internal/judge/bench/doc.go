// Package bench compares the judge with the rules that other tools use, on simulated releases.
//
// Where to look:
//
//	scenario.go  what is simulated: rates, noise, onset, and the draw of one run
//	published.go the scenarios, fixed and random
//	rules.go     the judge and its rivals, each a function from minutes to the minute that rolls back
//	kayenta.go   the rank test that Spinnaker's Kayenta repeats at every look
//	measure.go   runs of a scenario under a rule, and Clopper and Pearson's bounds
//	tables.go    the tables of docs/judge.md
//
// All of it is drawn from one seed: the same seed gives the same tables, to the last digit. It is no part of the
// product.
package bench
