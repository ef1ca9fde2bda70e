// Package ecsalb releases to two Amazon ECS services behind one rule of an Application Load Balancer's listener: each
// service registers its tasks in a target group of its own, and the rule divides the requests between the two by
// weights. Nothing but the services' task definitions, the canary's number of tasks and the weights of the two groups
// is ever changed. How services are moved is package ecsservice's to know. Where to look:
//
//	clients.go   what is asked of AWS, and the constructor
//	prepare.go   Prepare, Pin; admit.go what cannot be released to
//	baseline.go  the record; metrics.go where both arms are measured
//	rule.go      the rule as it was read; weigh.go the one change of it
//	health.go    who is healthy in the target groups
//	standing.go  whose state the rule is in: the baseline's, ours, or somebody else's
//	shift.go     Shift; promote.go Promote; rollback.go Rollback; inspect.go Inspect, Cleanup
//
// The rules that decide:
//
//   - Capacity first, then weight; weight first, then capacity: requests never go to tasks that are not healthy yet, and
//     tasks are only taken away when the load balancer has had time to stop sending requests to them. What is under way
//     then is ECS's to let end: it takes a task out of its target group and waits for the deregistration delay.
//   - A change replaces the whole list of actions, so it is made from the list as it is: whoever signs users in, and
//     the clients' stickiness, stay. Elastic Load Balancing takes no precondition; what somebody else changes between
//     the read and the write is lost, and what they change at any other time is seen.
//   - A change has come about when the rule has been read back in that state. It takes effect a little later; whether
//     the requests follow the weight is for the judge to say.
//   - At a step of 100 percent with a bake all requests are with a canary as large as the primary, which stands by.
//   - A plan that ends in 100 percent, AllAtOnce too, moves all requests at once to a canary as large as the primary
//     (blue/green); the primary gets the new revision behind it, and the requests back once it is healthy.
//   - A client that sticks to a target group goes there whatever the weights are, even where no task is left, and then
//     gets errors. So stickiness is off while a bad revision leaves, and where it is on, the canary rests with a task.
package ecsalb
