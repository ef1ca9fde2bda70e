package dynamodb

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

var ctx = context.Background()

type values = map[string]types.AttributeValue

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }

func n(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }

// at returns a table and the loop of its account.
func at(settings Settings) (*loop.Loop, *Table, Outside) {
	l := loop.New(start, 1)
	table := New(l, "serin", settings)
	return l, table, table.Outside()
}

func after(l *loop.Loop, d time.Duration) { l.AdvanceTo(l.Now().Add(d)) }

func put(pk, sk string, more values) types.TransactWriteItem {
	it := values{"pk": s(pk), "sk": s(sk)}
	for name, value := range more {
		it[name] = value
	}
	return types.TransactWriteItem{Put: &types.Put{TableName: aws.String("serin"), Item: it}}
}

func ifAbsent(w types.TransactWriteItem) types.TransactWriteItem {
	w.Put.ConditionExpression = aws.String("attribute_not_exists(pk)")
	return w
}

func ifVersion(w types.TransactWriteItem, version string) types.TransactWriteItem {
	w.Put.ConditionExpression = aws.String("version = :v")
	w.Put.ExpressionAttributeValues = values{":v": n(version)}
	return w
}

func transaction(token string, writes ...types.TransactWriteItem) *dynamodb.TransactWriteItemsInput {
	in := &dynamodb.TransactWriteItemsInput{TransactItems: writes}
	if token != "" {
		in.ClientRequestToken = aws.String(token)
	}
	return in
}

func mustWrite(t *testing.T, o Outside, writes ...types.TransactWriteItem) {
	t.Helper()
	if _, err := o.TransactWriteItems(ctx, transaction("", writes...)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, o Outside, pk, sk string, consistent bool) values {
	t.Helper()
	out, err := o.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("serin"), Key: values{"pk": s(pk), "sk": s(sk)}, ConsistentRead: aws.Bool(consistent)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func textOf(it values, name string) string {
	switch value := it[name].(type) {
	case *types.AttributeValueMemberS:
		return value.Value
	case *types.AttributeValueMemberN:
		return value.Value
	}
	return ""
}

func prefixQuery(pk, prefix string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: aws.String("serin"), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: values{":pk": s(pk), ":prefix": s(prefix)}, ConsistentRead: aws.Bool(true),
	}
}

func openQuery() *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: aws.String("serin"), IndexName: aws.String("open"), KeyConditionExpression: aws.String("#open = :open"),
		ExpressionAttributeNames: map[string]string{"#open": "open"}, ExpressionAttributeValues: values{":open": s("open")},
	}
}

// keys follows a query through all its pages.
func keys(t *testing.T, o Outside, in *dynamodb.QueryInput) (found []string, pages int) {
	t.Helper()
	for {
		out, err := o.Query(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, it := range out.Items {
			found = append(found, textOf(it, "pk")+"/"+textOf(it, "sk"))
		}
		if len(out.Items) != int(out.Count) {
			t.Errorf("Count %d of %d", out.Count, len(out.Items))
		}
		if out.LastEvaluatedKey == nil {
			return found, pages
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func call(o Outside, in any) (err error) {
	switch in := in.(type) {
	case *dynamodb.TransactWriteItemsInput:
		_, err = o.TransactWriteItems(ctx, in)
	case *dynamodb.PutItemInput:
		_, err = o.PutItem(ctx, in)
	case *dynamodb.QueryInput:
		_, err = o.Query(ctx, in)
	case *dynamodb.GetItemInput:
		_, err = o.GetItem(ctx, in)
	}
	return err
}
