package ledger

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Client is what the ledger uses of DynamoDB.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Ledger reads and writes one table. It is safe for use by several invocations at once.
type Ledger struct {
	client  Client
	table   string
	now     func() time.Time
	request func(context.Context) string
	latest  *latest
}

// New returns the ledger in the given table. now stamps what is written.
func New(client Client, table string, now func() time.Time) *Ledger {
	return &Ledger{client: client, table: table, now: now, request: nobody, latest: &latest{}}
}

// By returns the ledger with a way to find the request id of the invocation that uses it. The id goes into the token of
// every write, so that a write is recognised as an invocation's own and never confused with the same write of its
// duplicate.
func (l *Ledger) By(request func(context.Context) string) *Ledger {
	mine := *l
	mine.request = request
	return &mine
}

// Over returns the same ledger over another client of the same table: for those who look on from outside.
func (l *Ledger) Over(client Client) *Ledger {
	other := *l
	other.client = client
	return &other
}

// nobody is the request id where none is known.
func nobody(context.Context) string { return "" }
