// Package world says what a platform needs to be rehearsed: a simulated workload in a simulated account.
//
//	world.go     World, what a platform's workload must be able to do, and Site, what the account gives it
//	clients.go   real SDK clients in front of simulated services
//	secrets.go   what must never be seen
//	offer.go     a version that comes up for release while others are under way
//	arrivals.go  a scenario's work, counted from the start of the release
//	ecsqueue/    ecs-queue: two services on one queue
//	lambdaalias/ lambda-alias: a function behind one alias
//	mirror/      ec2-mirror: a stack whose proxies mirror; each platform has a package of its own here
//
// A new platform joins with a package beside ecsqueue that implements World, with its line in rehearsal/worlds.go, and with a
// short plan, rehearsal/testdata/faults/target-NAME.yaml, for make faults and for every single fault.
// Scenarios, faults, crashes at every call, stops, several releases at once, invariants and the figures work for it from then on: they know a
// workload only through World.
package world
