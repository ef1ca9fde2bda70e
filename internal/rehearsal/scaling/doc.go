// Package scaling is the simulated Application Auto Scaling for ECS services: scalable targets, their policies, and
// target tracking on the backlog per task.
//
// The map:
//
//	scaling.go  Scaling, scalable targets and policies of a world
//	track.go    what a target tracking policy does each minute
//	calls.go    the API: describe and register scalable targets, describe policies, through the door
//	handle.go   the API for a real SDK client
package scaling
