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
//	emulator_test.go  TestReleases
//	scenario_test.go  the scenarios; workload_test.go a target: queue, services, producer; account_test.go its books
//	contract_test.go  simulated services and the ledger, held against the emulator's
//	world_test.go     an account with the core stack deployed; cli_test.go the AWS CLI and serin
//	stack_test.go     the emulator as such an account; launch.py starts it
//	shim_test.go      the calls that the emulator does not know, answered truthfully
//	engine_test.go    the container engine; registry_test.go its images; process_test.go its containers; fleet_test.go
//	                  the engine as a place where tasks run
//	verify_test.go    AWS itself as such an account, tag aws: make verify-aws; refusal_test.go what it refuses
//	worker/           the worker
//
// When a scenario fails, everything that was logged lies in build/e2e.
package emulator
