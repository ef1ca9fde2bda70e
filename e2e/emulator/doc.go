// Package emulator runs serin in an emulator of AWS that nobody here wrote, MiniStack, and works with it from outside
// as a person would: with the AWS CLI and with serin's command line. Its tests have the build tag emulator:
//
//	make e2e
//
// What is real here: the synthesized template, deployed by the emulator's CloudFormation; the functions, the same zips
// that are deployed to AWS, as native processes; the state machine, EventBridge, DynamoDB, SQS, SSM, ECR and CloudWatch's
// metrics, as the emulator has them; and the work. The emulator's ECS wants a container engine, and gets one: engine
// speaks so much of Docker's API that a container becomes a process of the program worker, which reads a real queue,
// fails as its image's version fails and publishes metrics. So a deployment really starts processes, and a rollback
// really stops them.
//
//	stack_test.go     the emulator, what stands in front of it, and the deployment of the core stack
//	shim_test.go      the calls that the emulator does not know, answered truthfully
//	engine_test.go    the container engine; registry_test.go its images; process_test.go its containers
//	workload_test.go  one target: queue, services, images, producer
//	account_test.go   what became of every message
//	cli_test.go       the AWS CLI and serin
//	scenario_test.go  the scenarios
//	worker/           the worker
//
// When a scenario fails, everything that was logged lies in build/e2e.
package emulator
