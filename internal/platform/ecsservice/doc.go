// Package ecsservice moves a pair of Amazon ECS services of one cluster, a primary with many tasks and a canary with
// few, between two revisions. It is what the platforms over ECS share: what they add is how the work finds the tasks.
// Where to look:
//
//	clients.go     what is asked of AWS, and the constructor
//	place.go       where a target's two services are
//	prepare.go     Survey: refuses what cannot be released to, records the services
//	admit.go       at rest, same capacity, no scaling of the canary
//	digests.go     what runs, container by container, and whether it can still be pulled
//	compare.go     the two definitions, compared by names
//	revision.go    what may be released, pinned; within.go what it may not change
//	pin.go         Pin: which image is meant, also while the services are being changed
//	first.go       a first release, before which nothing served
//	baseline.go    the record: names, digests and hashes, never a value
//	definition.go  complete copies of task definitions; adapt.go the primary's new one as the canary's own
//	call.go        one call of a verb: the release, its record, the services, what is found again by tag
//	standing.go    where a service stands; history.go what was deployed to it since the release was opened
//	parts.go       what serin made for a release
//	change.go      the three changes: register, update, take protection away
//	shift.go       Shift; promote.go PromotePrimary, RestCanary; cleanup.go Cleanup
//	rollback.go    Rollback; restore.go the baseline's deployment, and when there is none
//	upness.go      how far a service has come; failing.go why it does not; stopped.go what is told of tasks that failed
//	live.go        what serves, written down for infrastructure code
//	inspect.go     Inspect
//	adopt.go       a service that has no canary yet: may it get one
//	world.go       reads; arn.go the parts of an ARN
//
// The rules that decide:
//
//   - A deployment is made once. Whether it was made is asked of the service, of what was recorded, of the tags and of
//     the service's deployment history, because ECS's circuit breaker brings the old revision back beneath us, and that
//     must read as a failed canary and never as "not started".
//   - Success is our own deployment completed and no task of another revision at work; never desired == running alone.
//   - Every definition names its images by digest, so that what comes back is what ran, wherever tags have moved.
//   - Looking comes first and nothing is remembered but the release: any call may be the first after a crash.
package ecsservice
