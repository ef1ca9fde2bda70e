// Package assembly puts serin together: clients in, handlers out. It is the only importer of the platforms, so a new
// platform is known here and in its own package.
//
//	assembly.go  the functions, from clients
//	aws.go       the clients, on AWS: the core's own, and each target's through its two roles
//	targets.go   targets from SSM
//	runbooks.go  executions of runbooks, from Systems Manager
//	watcher.go   observe and judge as the conductor's one watcher
//	around.go    the functions around the state machine: operate, recover
//	pipeline.go  the function pipeline, and CodePipeline
//	executions.go  Step Functions
//	notifier.go  telling people, other systems and CloudWatch
package assembly
