package dynamodb

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// write is one conditional put.
type write struct {
	item      *item
	condition condition
	old       *item     // what it replaces, nil: nothing
	busy      time.Time // until when its place is part of another transaction
}

// equal reports whether two writes ask for the same.
func (w write) equal(other write) bool {
	return w.condition == other.condition && w.item.equal(other.item)
}

// receipt is what the service remembers of a transaction's token.
type receipt struct {
	token  string
	writes []write
	until  time.Time
}

// remembered is how long a token makes a transaction idempotent.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const remembered = 10 * time.Minute

func (t *Table) put(in *dynamodb.PutItemInput, units *Units) (*dynamodb.PutItemOutput, error) {
	if in.ReturnValues != "" || in.ReturnConsumedCapacity != "" || in.ReturnItemCollectionMetrics != "" || in.ReturnValuesOnConditionCheckFailure != "" || in.Expected != nil || in.ConditionalOperator != "" {
		return nil, unknown("a parameter of PutItem beside TableName, Item and the condition")
	}
	w, err := t.readWrite(in.TableName, in.Item, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	if w.item.size > maxItem {
		return nil, invalid("Item size has exceeded the maximum allowed size")
	}
	switch code := w.check(t.loop.Now()); code {
	case reasonConflict:
		return nil, &types.TransactionConflictException{Message: aws.String(reasonTexts[code])}
	case reasonCondition:
		units.Write += w.cost()
		return nil, &types.ConditionalCheckFailedException{Message: aws.String(reasonTexts[code])}
	}
	units.Write += w.cost() + w.indexCost()
	t.store(w.item, false)
	return &dynamodb.PutItemOutput{}, nil
}

func (t *Table) transact(in *dynamodb.TransactWriteItemsInput, units *Units) (*dynamodb.TransactWriteItemsOutput, error) {
	writes, err := t.readTransaction(in)
	if err != nil {
		return nil, err
	}
	token := aws.ToString(in.ClientRequestToken)
	replay, err := t.replayed(token, writes)
	if err != nil {
		return nil, err
	}
	if replay {
		for _, w := range writes {
			units.read(w.item.size, true)
		}
		return &dynamodb.TransactWriteItemsOutput{}, nil
	}
	codes := make([]string, len(writes))
	canceled := false
	for i, w := range writes {
		codes[i] = w.check(t.loop.Now())
		canceled = canceled || codes[i] != reasonNone
		units.Write += 2 * w.cost()
	}
	if canceled {
		return nil, Canceled(codes...)
	}
	for _, w := range writes {
		units.Write += w.indexCost()
		t.store(w.item, true)
	}
	t.remember(token, writes)
	return &dynamodb.TransactWriteItemsOutput{}, nil
}

// check answers the cancellation code that a write gets.
func (w write) check(now time.Time) string {
	switch {
	case now.Before(w.busy):
		return reasonConflict
	case w.item.size > maxItem:
		return reasonValidation
	case !w.condition.holds(w.old):
		return reasonCondition
	}
	return reasonNone
}

func (t *Table) readTransaction(in *dynamodb.TransactWriteItemsInput) ([]write, error) {
	if in.ReturnConsumedCapacity != "" || in.ReturnItemCollectionMetrics != "" {
		return nil, unknown("a parameter of TransactWriteItems beside TransactItems and ClientRequestToken")
	}
	if n := len(in.TransactItems); n < 1 || n > maxWrites {
		return nil, invalid("1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and %d, not %d", maxWrites, n)
	}
	if in.ClientRequestToken != nil && (*in.ClientRequestToken == "" || len(*in.ClientRequestToken) > maxToken) {
		return nil, invalid("1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: Member must have length between 1 and %d", maxToken)
	}
	writes := make([]write, len(in.TransactItems))
	size := 0
	for i, element := range in.TransactItems {
		put := element.Put
		if put == nil || element.Update != nil || element.Delete != nil || element.ConditionCheck != nil || put.ReturnValuesOnConditionCheckFailure != "" {
			return nil, unknown("an element of a transaction other than one plain Put")
		}
		w, err := t.readWrite(put.TableName, put.Item, put.ConditionExpression, put.ExpressionAttributeNames, put.ExpressionAttributeValues)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(writes[:i], func(other write) bool { return other.item.sameKey(w.item) }) {
			return nil, invalid("Transaction request cannot include multiple operations on one item")
		}
		writes[i] = w
		size += w.item.size
	}
	if size > maxTransaction {
		return nil, invalid("Transaction request is too large: %d bytes, at most %d", size, maxTransaction)
	}
	return writes, nil
}

func (t *Table) readWrite(table *string, written map[string]types.AttributeValue, expression *string, names map[string]string, values map[string]types.AttributeValue) (write, error) {
	if err := t.checkTable(table); err != nil {
		return write{}, err
	}
	condition, err := readCondition(expression, names, values)
	if err != nil {
		return write{}, err
	}
	it, err := take(written)
	if err != nil {
		return write{}, err
	}
	w := write{item: it, condition: condition}
	if r := t.row(it.pk, it.sk); r != nil {
		w.old, w.busy = r.seen(t.loop.Now(), 0), r.busy
	}
	return w, nil
}

// replayed reports whether the token's transaction has taken effect already.
func (t *Table) replayed(token string, writes []write) (bool, error) {
	now := t.loop.Now()
	for len(t.receipts) > 0 && !now.Before(t.receipts[0].until) {
		delete(t.tokens, t.receipts[0].token)
		t.receipts = t.receipts[1:]
	}
	known := t.tokens[token]
	if known == nil {
		return false, nil
	}
	if !slices.EqualFunc(known.writes, writes, write.equal) {
		return false, &types.IdempotentParameterMismatchException{Message: aws.String("The client request token was used with other parameters")}
	}
	return true, nil
}

func (t *Table) remember(token string, writes []write) {
	if token == "" {
		return
	}
	r := &receipt{token: token, writes: writes, until: t.loop.Now().Add(remembered)}
	t.tokens[token] = r
	t.receipts = append(t.receipts, r)
}

func (it *item) sameKey(other *item) bool { return it.pk == other.pk && it.sk == other.sk }

// cost returns the write units of a plain put: by the larger of the old and the new item.
func (w write) cost() float64 { return float64((max(w.old.bytes(), w.item.size) + 1023) / 1024) }

// indexCost returns the write units that the index takes: one where an item enters or leaves it.
func (w write) indexCost() float64 {
	var before string
	if w.old != nil {
		before = w.old.open
	}
	if before == w.item.open {
		return 0
	}
	return 1
}
