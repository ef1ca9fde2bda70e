// Package ecs is the simulated ECS control plane: clusters, task definitions, services with their deployments, service
// revisions and tasks, and the service scheduler that moves them.
//
// The map:
//
//	control.go      Control, what it is given (Config, Registry, Behaviour) and how it names things
//	world.go        building a world, and what happens in it that nobody asked for (ForeignUpdate, ForeignDelete, Kill)
//	fleet.go        who works: Serving, OnChange, FirstRunning, and Snapshot for invariants
//	definition.go   task definitions: register, find, list, deregister
//	registered.go   every task definition, for invariants
//	service.go      services and what UpdateService does to one
//	deployment.go   deployments, service revisions (the digests a deployment runs) and service deployments (its history)
//	schedule.go     the scheduler: stop what is too much, start what is missing, notice the steady state
//	breaker.go      failed tasks: throttle and circuit breaker
//	task.go         the life of one task, from PENDING to an hour after STOPPED
//	balanced.go     tasks in a target group of a load balancer
//	protection.go   task scale-in protection
//	view_service.go, view_deployment.go, view_task.go, view_definition.go  what the API answers, always a copy
//	errors.go       what it answers where it refuses
//	slab.go         the memory of an answer
//	clone.go        copies of SDK structures
//	calls.go        the API: one line an operation, through the door
//	handle.go       the API for a real SDK client
//
// Everything happens through the loop's events, so an idle service costs nothing, and in an order that depends on
// nothing but the seed. What AWS documents is kept and its page is named at the place; what it does not document (how
// long the scheduler takes to notice a change, which of several tasks it stops) is drawn or chosen, and the comment
// says so.
package ecs
