package dynamodb

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// The table's fixed shape.
const (
	attrPK    = "pk"
	attrSK    = "sk"
	attrTTL   = "ttl"
	indexOpen = "open" // the sparse index: hash key open, range key pk, keys only; also the name of its hash key
)

// Settings say how the table behaves where AWS leaves it open. The zero value is the kindest table AWS could run,
// but for items that outlive their ttl.
type Settings struct {
	Page   int                  // the most items a page of a query; 0: only AWS's 1 MB ends a page
	Lag    func() time.Duration // how old the answer of one eventually consistent read is; nil: never old
	Linger func() time.Duration // how long one item outlives its ttl; nil: drawn, up to 48 h
}

// Units are the request units consumed, as AWS bills them on demand: a write unit is 1 KB, a read unit 4 KB read
// consistently; transactions count twice.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
type Units struct {
	Write float64
	Read  float64
}

// Table is the simulated table. Its methods have the SDK client's signatures.
type Table struct {
	loop     *loop.Loop
	name     string
	settings Settings
	rng      *rand.Rand
	parts    map[string]*partition
	open     []*row // rows that are or were in the index, by pk
	tokens   map[string]*receipt
	receipts []*receipt // by time, to forget them
	units    Units
}

// New returns an empty table of the given name in the account whose clock is l.
func New(l *loop.Loop, name string, settings Settings) *Table {
	return &Table{loop: l, name: name, settings: settings, rng: l.Source("dynamodb"), parts: map[string]*partition{}, tokens: map[string]*receipt{}}
}

// Units returns what the calls through the door have consumed.
func (t *Table) Units() Units { return t.units }

// GetItem reads one item.
func (t *Table) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return door.Call(ctx, "dynamodb:GetItem", in, func() (*dynamodb.GetItemOutput, error) { return t.get(in, &t.units) })
}

// SetPage lets queries be answered n items at a time; 0: only AWS's 1 MB ends a page.
func (t *Table) SetPage(n int) { t.settings.Page = n }

// Query reads a page of the items of one partition, or of the index.
func (t *Table) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return door.Call(ctx, "dynamodb:Query", in, func() (*dynamodb.QueryOutput, error) { return t.query(in, &t.units) })
}

// PutItem writes one item.
func (t *Table) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return door.Call(ctx, "dynamodb:PutItem", in, func() (*dynamodb.PutItemOutput, error) { return t.put(in, &t.units) })
}

// TransactWriteItems writes up to 100 items, or none of them.
func (t *Table) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return door.Call(ctx, "dynamodb:TransactWriteItems", in, func() (*dynamodb.TransactWriteItemsOutput, error) { return t.transact(in, &t.units) })
}
