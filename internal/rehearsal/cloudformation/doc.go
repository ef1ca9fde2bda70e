// Package cloudformation is a simulated AWS CloudFormation, as far as a mirrored release needs it: stacks with
// parameters, outputs and tags that go from one status to the next while somebody else, the Owner, makes what they
// describe.
//
//	service.go    the stacks, the Owner, how an operation goes on and ends
//	calls.go      the operations, through the door
//	operate.go    what each operation does, and when CloudFormation refuses it
//	handle.go     the same for real SDK clients
//
// Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (statuses) and the API
// reference (errors). What a template says is the Owner's business: here it is only a text.
package cloudformation
