// Package hook calls the functions that a target names as hooks, by the contract of Amazon ECS' lifecycle hooks: an event
// goes in, {"hookStatus": ...} comes out, and a hook that says IN_PROGRESS is asked again. When they are asked and what
// their word means is the conductor's to know. Where to look:
//
//	caller.go  Caller: a call of Lambda, and what its errors mean
//	answer.go  the text that a hook answers
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
package hook
