// Package remote is serin in an AWS account as a person's command sees it: it finds the installation, writes targets,
// starts executions, gives orders and reads the ledger. It decides nothing about a release. Where to look:
//
//	account.go   Account: the clients of one account and region, and its core
//	connect.go   the clients, with the standard chain of credentials
//	apply.go     a target's parameter: what is there, what changes, the write
//	changes.go   two targets, setting by setting
//	executions.go  start and recover: executions of the state machine
//	orders.go    what people ask of a release that is under way: executions of runbooks
//	find.go      the release that a person names, and its story; image.go an image by the digest that people are shown
//	releases.go  all targets; the history and the figures of one
//	verify.go    whether a story is the one that was written
package remote
