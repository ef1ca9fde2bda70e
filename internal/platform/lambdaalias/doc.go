// Package lambdaalias releases versions of an AWS Lambda function behind one alias: the alias points to the version
// that serves and gives the new one a share of the invocations by its routing weights. Nothing but the alias's version
// and weights is ever changed, but for the unpublished code of a function that is released by images or zip files, and no
// version is ever deleted. Where to look:
//
//	clients.go   what is asked of AWS, and the constructor
//	prepare.go   Prepare: refuses what AWS would refuse later, records the baseline; pin.go Pin
//	fit.go       may an alias route between these two versions
//	baseline.go  the record
//	standing.go  whose state the alias is in: the baseline's, ours, or somebody else's
//	update.go    the one change of the alias
//	metrics.go   where Lambda counts what each version does
//	code.go      which image or zip file is meant; publish.go a version made of it
//	shift.go     Shift; promote.go Promote; rollback.go Rollback; cleanup.go Cleanup; inspect.go Inspect
//
// The rules that decide:
//
//   - Every change names the RevisionId of the state it was decided on, so neither a late effect nor somebody else's
//     change is ever overwritten: a stale one is refused, and the next call looks again.
//   - Weights are removed with an empty map that is not nil: a nil one is left out of the request, and the weights that
//     are there survive it.
//   - A change has come about when the alias has been read back in that state, not when it was asked for.
//
// An alias may point to two versions at most; both are published, with the same role and the same dead-letter queue.
// Source: AWS Lambda Developer Guide, "Implement Lambda canary deployments using a weighted alias".
package lambdaalias
