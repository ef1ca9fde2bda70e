package dynamodb

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Handle answers a call of an SDK client whose input is params; false says that the table does not know the
// operation.
func (t *Table) Handle(ctx context.Context, params any) (any, bool, error) {
	switch in := params.(type) {
	case *dynamodb.GetItemInput:
		out, err := t.GetItem(ctx, in)
		return out, true, err
	case *dynamodb.QueryInput:
		out, err := t.Query(ctx, in)
		return out, true, err
	case *dynamodb.PutItemInput:
		out, err := t.PutItem(ctx, in)
		return out, true, err
	case *dynamodb.TransactWriteItemsInput:
		out, err := t.TransactWriteItems(ctx, in)
		return out, true, err
	}
	return nil, false, nil
}
