// Package elb is a simulated Application Load Balancer in a rehearsal: rules that divide requests between target groups
// by weight, and who is healthy in these.
//
//	elb.go     Control, what it is given, and building it
//	rule.go    a rule: what it says, and what the load balancer really does - it follows a little later, and clients
//	           that stick to a target group stay there
//	calls.go   the API: one line an operation, through the door
//	views.go   what it answers; modify.go what it changes, and what it refuses
//	handle.go  the API for a real SDK client
package elb
