// Package ledger keeps releases in one DynamoDB table: what never changes of a release (the snapshot), what moves
// (the state), its story (events), and who holds which resource (locks). What stands here decides; an event, a
// notification or a function's memory is only a hint. Where to look:
//
//	ledger.go     Ledger, and the few calls of DynamoDB that it uses
//	open.go       Open: baseline, locks and the first line of the story, in one transaction
//	save.go       Save, Finish and Retake: the state moves and the story grows, in one transaction
//	line.go       who waits for a target; overrides
//	history.go    a target's history, page by page; what came of a revision; what was not started, and why
//	kept.go       documents that are written again and again
//	read.go       Load, Marked, Events, Opened, Lock
//	write.go      the one place that builds a transaction, and how an answer that was lost is found again
//	item.go       items: keys, attributes, documents, the size guard
//	chain.go      events are stamped and linked
//	failure.go    what the answers of DynamoDB mean
//	schema.go     Schema: what may stand in each item, made from the types
//	ledgertest/   the contract that any DynamoDB must keep for this package
//
// The items:
//
//	pk                 sk                 what
//	release#<id>       release            the state, conditional on its version; `open` says open while it holds locks, and left while it left something
//	release#<id>       snapshot           written once, with the locks, before the first mutation
//	release#<id>       event#0000000001   one line of the story; a look has a ttl
//	lock#<ARN>         lock               who holds a resource; a free lock has an empty holder
//	release#<id>       declined           in place of all that: why it was never opened; with a ttl
//	target#<name>      line               who waits, in order of arrival; `open` says line while somebody does
//	target#<name>      overrides          alarms that do not count for the next emergency start
//	target#<name>      release#<time>#<id>   one line of the history: written when a release is opened, and at its end
//	target#<name>      declined#<time>#<id>  a request that opened no release; with a ttl
//	target#<name>      revision#<key>     what came of a revision when it was released last
//	execution#<ARN>    dirty              put by the state machine itself when no function could bring things home
//
// Two condition forms do all the work: an item is absent, or its version equals. No value of an environment variable
// or a secret is ever part of a release, and no document is logged.
package ledger
