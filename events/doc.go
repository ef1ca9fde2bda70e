// Package events turns what starts an execution of the state machine into a release.Request, strictly: what it does
// not understand is an error that says where and what would be right, never a guess.
//
// The forms (a sample of each stands beside this file as *.json):
//
//	{"target": "orders-worker", "revision": {"image": "orders-worker:release-42"}, "reason": "..."}   by hand
//	{..., "retry": true, "reason": "..."}, {..., "emergency": true, "reason": "..."}, {..., "first": true}    likewise
//	{..., "startedBy": "arn:...", "runbook": "..."}                          by the runbook serin-start, which serin start uses
//	{"target": "orders-worker", "event": {...}}                              an image push, by EventBridge's push rule
//	{"target": "orders-api", "event": {...}}                                 code put into a bucket, likewise
//	{"intent": "recover", "target": "orders-worker", "release": "r-..."}     taking over a release that lost its execution
//
// A CodePipeline stage starts a release in two ways: the Step Functions action with the first form as its input
// (codepipeline-action.json), or the Lambda action, whose job (DecodeJob) carries it in UserParameters. What the function
// recover is called with, DecodeHint reads.
package events
