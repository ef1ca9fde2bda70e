package dynamodb

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Outside is the table for whoever looks at the account from outside of it, as a report does when the rehearsal is
// over: no invocation, no faults, no time passes, nothing is counted.
type Outside struct {
	table   *Table
	ignored *Units
}

// Outside returns the table without the door.
func (t *Table) Outside() Outside { return Outside{table: t, ignored: new(Units)} }

// GetItem reads one item.
func (o Outside) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return o.table.get(in, o.ignored)
}

// Query reads a page of the items of one partition, or of the index.
func (o Outside) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return o.table.query(in, o.ignored)
}

// PutItem writes one item.
func (o Outside) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return o.table.put(in, o.ignored)
}

// TransactWriteItems writes up to 100 items, or none of them.
func (o Outside) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return o.table.transact(in, o.ignored)
}

// Items returns all items as they stand, by their keys: nobody can ask AWS that in one call.
func (o Outside) Items() []map[string]types.AttributeValue {
	var items []map[string]types.AttributeValue
	for _, pk := range slices.Sorted(maps.Keys(o.table.parts)) {
		for _, row := range o.table.parts[pk].rows {
			if it := row.seen(o.table.loop.Now(), 0); it != nil {
				items = append(items, it.give())
			}
		}
	}
	return items
}
