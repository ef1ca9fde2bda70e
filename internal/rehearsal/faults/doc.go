// Package faults draws what goes wrong in a rehearsed release. It is pure: a seed and rates give a list of faults, and
// the same list gives the same story. It knows no service; the rehearsal makes the faults happen.
//
//	fault.go    a fault: what, and at which occasion
//	draw.go     faults from a seed, at given rates
//	shorten.go  a list that breaks something, without what does not matter
//
// What is drawn is bounded, and the product is built for these bounds: an effect lands at most MaxLate after its call
// was given up, an eventually consistent answer is at most MaxStale old, a function's clock is at most MaxSkew off.
package faults
