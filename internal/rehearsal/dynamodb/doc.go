// Package dynamodb is one simulated DynamoDB table: keys pk and sk, a sparse index called open, a ttl. It is as small
// as the ledger's use of the service and refuses everything else aloud, so that nothing works here that was not
// thought of. Where to look:
//
//	table.go       the table and its API methods
//	outside.go     the same table without the door, for whoever looks at the account from outside
//	read.go        GetItem and Query
//	write.go       PutItem and TransactWriteItems
//	expression.go  the condition and key expressions that it understands
//	store.go       where the items are kept, with what eventually consistent reads and the ttl need
//	item.go        items, their sizes, and their way in and out
//	answer.go      the errors, as the service words them
//	handle.go      an SDK input to its method, to mount the table behind a real client
package dynamodb
