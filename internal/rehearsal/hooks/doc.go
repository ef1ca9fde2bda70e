// Package hooks is the simulated functions that a target names as hooks. Each does what the scenario says, and knows an
// execution by its id: called again for the same one it goes on with what it had begun. Where to look:
//
//	hooks.go  Service, and what a function does
package hooks
