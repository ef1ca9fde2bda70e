// Package emulator runs serin in an emulator of AWS that nobody here wrote, MiniStack, and works with it from outside
// as a person would: with the AWS CLI and with serin's command line. Its tests have the build tag emulator:
//
//	make e2e
//
// What is real here: the synthesized template, deployed by the emulator's CloudFormation; the functions, the same zips
// that are deployed to AWS, as native processes; the state machine, EventBridge, DynamoDB, SQS, SSM, ECR and CloudWatch's
// metrics, as the emulator has them, with IAM enforced; and the work. The emulator's ECS wants a container engine, and
// gets one: engine speaks so much of Docker's API that a container becomes a process of the program worker, or of the
// example's, which reads a real queue, fails as its image's version fails and publishes metrics. So a deployment really
// starts processes, and a rollback really stops them.
//
//	emulator_test.go  TestReleases
//	scenario_test.go  the scenarios of queues; workload_test.go a target; template_test.go its stack;
//	                  producer_test.go its messages; account_test.go its books; version_test.go its images;
//	                  execution_test.go, event_test.go and people_test.go what is done with it
//	alias_test.go     the scenarios of a function behind an alias; pipeline_test.go CodePipeline
//	contract_test.go  simulated services and the ledger, held against the emulator's; redelivery_test.go messages that
//	                  come again
//	example_test.go   examples/queue-worker as it is synthesized, and its pipeline's release stage
//	world_test.go     an account; deploy_test.go its stacks, the core's first; cli_test.go the AWS CLI and serin;
//	                  look_test.go the SDK
//	stack_test.go     the emulator as such an account; launch.py starts it, access.py mends its IAM; automation.py
//	                  is Systems Manager's Automation
//	shim_test.go      the calls that the emulator does not know, answered truthfully; route_test.go an alias's weights
//	engine_test.go    the container engine; registry_test.go its images; process_test.go its containers; emf_test.go
//	                  their metrics; fleet_test.go the engine as a place where tasks run
//	verify_test.go    AWS itself as such an account, tag aws: make verify-aws; fargate_test.go where its tasks run,
//	                  tasks_test.go the same tried here; refusal_test.go what it refuses; clean_test.go how it cleans up
//	worker/           the worker; function/ the function behind an alias
//
// When a scenario fails, everything that was logged lies in build/e2e/run.
package emulator
