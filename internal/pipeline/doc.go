// Package pipeline is the adapter of CodePipeline's Lambda invoke action: a job starts an execution of the state machine
// that is named by it, and follows it with continuation tokens until the release is over, its recovery included. Every
// way out answers the job, panics and the end of the function's time as well: a job without an answer hangs its pipeline.
//
//	pipeline.go  Adapter: one invocation
//	answer.go    what a job is answered
package pipeline
