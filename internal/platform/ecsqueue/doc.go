// Package ecsqueue releases to queue workers on Amazon ECS: a primary service with many tasks and a canary service
// with few read one SQS queue, and the share of running tasks is the weight. There is no load balancer; nothing but
// the two services' task definitions and the canary's number of tasks is ever changed. How services are moved is
// package ecsservice's to know. Where to look:
//
//	clients.go  what is asked of AWS, and the constructor
//	prepare.go  Prepare, Pin, the record and the metrics
//	queue.go    the queue: a standard one that exists
//	adopt.go    a worker that has no canary yet: may it get one
//	verbs.go    Shift, Promote, Rollback, Inspect, Cleanup
package ecsqueue
