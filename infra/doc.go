// Package infra holds the CDK constructs with which serin is installed.
//
//	stack.go      NewStack: the core as a stack of its own, with its outputs
//	releaser.go   NewReleaser: the core as a construct for a stack of yours
//	functions.go  the functions, a role each
//	permits.go    what internal/permit says each may do, as policies
//	ledger.go     the table that holds the story of every release
//	reports.go    the bucket that holds the report of every release, and what fills it
//	notify.go     the topic, its key, and the alarm on Dirty
//	recovery.go   what tells recover of executions that ended otherwise than by their own states
//	parameter.go  /serin/core, by which the command line finds all this
//
//	push.go       NewReleaseOnImagePush, NewReleaseOnCodePut: a push starts a release
//	action.go     NewReleaseAction, NewReleaseJob: a stage of a pipeline is a release
//	target.go     AddTarget: a target's parameter and its two roles, in its own stack
//	people.go     a policy for each thing that people may be allowed; runbooks.go the runbooks that give their orders
//
//	live.go         what serves, as later deployments learn it: they register revisions and move nothing
//	queueworker.go  NewQueueWorkerCanary: a queue worker with a canary, or a canary beside one that exists
//	lambdaalias.go  NewLambdaAliasCanary: an alias that releases move and deployments do not
//	loadbalanced.go NewLoadBalancedCanary: two services and a rule between them, or a canary beside a service that exists
//	mirror.go       NewMirrorStack: a mirrored service; mirrorrole.go what CloudFormation makes it with
//	pair.go         what constructs over ECS share: a service, and its twin; service.go a service that is made
//	scaling.go      the primary's scaling
//	watch.go        alarms and dashboards; queueworker_watch.go and loadbalanced_watch.go those of these constructs
//	app/            the program that cdk.json names
//
// The core may read and write its own ledger, read targets, publish to its topic and assume the roles of targets.
// Everything that touches a workload is in the target's own roles, serin-<target>-look and serin-<target>-change.
package infra
