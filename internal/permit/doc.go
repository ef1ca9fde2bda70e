// Package permit is the one table of what serin may do on AWS: for each of its own functions, and for the two roles
// that every target has. The constructs, serin iam and the test of exactness all read it, so that a permission is
// written down in one place, with its reason.
//
//	permit.go    Statement, and how its patterns are filled in
//	core.go      the functions: ledger, targets' files, topic, reports, roles of targets
//	target.go    a target's roles, look and change, by platform
//	ecsqueue.go, ecsalb.go     ... of ecs-queue and ecs-alb; ecs.go what they share
//	lambdaalias.go, mirror.go  ... of lambda-alias and ec2-mirror
//	people.go    what each of the policies for people permits
//	policy.go    statements as a policy document
//
// An action is here because a call needs it, or because AWS asks for it inside another call, where no record of calls
// shows it: such statements are Unseen, and say why they are needed.
package permit
