// Package sqs is the simulated SQS of a rehearsal as serin sees it: queues and their attributes. The messages live in
// the workload; a queue asks for their numbers.
//
//	sqs.go     Service, queues, GetQueueUrl and GetQueueAttributes
//	handle.go  the same by SDK input, for a real client mounted on the simulation
package sqs
