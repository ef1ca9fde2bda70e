// Package mirror releases to services on EC2 whose proxy can mirror: a temporary CloudFormation stack runs the new
// version, the live stack's proxy becomes Envoy for as long as the release is judged and sends the temporary stack copies
// of a share of its read-only requests, and then nginx comes back, with the new version or with the recorded one. Users
// never see an answer of the new version before it is promoted. Where to look:
//
//	clients.go    what is asked of AWS, and the constructor
//	prepare.go    Prepare: refuses what cannot be mirrored, records the baseline
//	baseline.go   the record: the four parameters that serin sets, and a hash of the others
//	metrics.go    where both stacks are measured
//	stack.go      a stack as it was read: parameters, outputs, where its status leaves it
//	live.go       bringing the live stack's parameters to what is wanted
//	temporary.go  the temporary stack: made, awaited, removed
//	shift.go      Shift; promote.go Promote; rollback.go Rollback, Cleanup; inspect.go Inspect
//
// The rules that decide:
//
//   - What was asked for is decided by comparing parameters, never by CloudFormation's word alone: a failed update ends
//     in UPDATE_ROLLBACK_COMPLETE, which is a stable status with the wrong parameters.
//   - Every parameter but the four keeps its previous value, so what somebody else set stays and secrets are never read.
//   - The weight is the mirrored share.
//   - The temporary stack is serin's only if it carries the release's tag.
package mirror
