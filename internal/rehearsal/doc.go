// Package rehearsal runs releases through the real functions and the rendered state machine against a simulated AWS
// account in virtual time. One seed gives one story.
//
//	account.go       a simulated account: the services, wired to each other and to serin's functions
//	worlds.go        which world, the simulated workload, belongs to which platform
//	fits.go          a scenario of another target is refused
//	alarms.go        the alarms that a scenario describes; hooks.go: the functions that are asked on the way
//	execution.go     the state machine, stepped in virtual time; states.go: Step Functions, as functions call it
//	functions.go     Lambda
//	integrations.go  what the state machine calls without a function
//	run.go           one release, from trigger to end, with what came of it
//	several.go       several executions in one account: of one target, of many, of two that name the same services
//	crowd.go         several releases in one account in which things go wrong; crowd_check.go: what must hold of them
//	many.go          thousands of them, and what they have in common
//	ratealarm.go     what an alarm on the failure rate would have done in place of the judge
//	around.go        the functions around the state machine: recover, operate
//	outside.go       what somebody reads who looks at the account from outside of it
//	outcome.go       what came of a run, and which invariants it broke
//	disturb.go       which faults a run meets, and which of them it takes to break something
//	trouble.go       the faults made to happen; interrupt.go: those of executions
//	witness.go       who stands behind each effect, held to the ledger at its moment
//	sdk.go           the same door behind real SDK clients
//	loop, door       the clock, and the only way into the account
//	ecs, sqs, ...    a simulated service each; workload: the work itself
//	world            what a platform needs to be rehearsed, and a package a platform; a new one joins there
//	invariant        what must hold at the end of every release
package rehearsal
