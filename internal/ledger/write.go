package ledger

import (
	"context"
	"encoding/hex"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/cespare/xxhash/v2"

	"github.com/serin-aws/serin/internal/release"
)

// The two condition forms. Nothing else guards a write.
const (
	conditionAbsent = "attribute_not_exists(pk)"
	conditionEquals = "version = :v"
)

// maxWrites is how many items AWS takes in one transaction.
const maxWrites = 100

// transaction is a list of conditional puts that take effect together or not at all. The first is what it is about: the
// state of a release, or a document of a target. It carries the token by which a write is recognised.
type transaction struct {
	table  *string
	writes []types.TransactWriteItem
	sum    *xxhash.Digest // of everything that tells this transaction from others
	first  item
}

// begin starts a transaction of the ledger about an item, which must be the first that is put.
func (l *Ledger) begin(ctx context.Context, first item) *transaction {
	tx := &transaction{table: &l.table, sum: xxhash.New(), first: first, writes: make([]types.TransactWriteItem, 0, 8)}
	tx.tell(l.request(ctx))
	return tx
}

// absent puts an item that must not exist yet. distinct tells it from other items with the same key.
func (tx *transaction) absent(it item, distinct string) {
	tx.add(it, distinct, &types.Put{ConditionExpression: aws.String(conditionAbsent)})
}

// equals puts an item in the place of the one that has the given version.
func (tx *transaction) equals(it item, distinct string, version int64) {
	tx.add(it, distinct, &types.Put{
		ConditionExpression: aws.String(conditionEquals), ExpressionAttributeValues: map[string]types.AttributeValue{":v": number(version)},
	})
}

func (tx *transaction) add(it item, distinct string, put *types.Put) {
	tx.tell(it.text(attrPK), it.text(attrSK), distinct)
	put.TableName, put.Item = tx.table, it
	tx.writes = append(tx.writes, types.TransactWriteItem{Put: put})
}

// tell takes words into the token.
func (tx *transaction) tell(words ...string) {
	for _, word := range words {
		for _, part := range [...]string{word, "\x00"} {
			tx.sum.WriteString(part) //nolint:errcheck // a hash takes everything
		}
	}
}

// token identifies a transaction by its content and the invocation that wants it: the same write repeated has the
// same token, so that DynamoDB carries it out once. 64 bits tell the few writes of one invocation apart.
func (tx *transaction) token() string { return hex.EncodeToString(tx.sum.Sum(nil)) }

// refusal is why a transaction did not take effect, or may not have.
type refusal struct {
	cause  error // DynamoDB's own
	looked bool  // stored was read after the answer
	stored item  // what the transaction is about, as it is; nil where it is absent
}

// commit carries out a transaction. It answers nil when the transaction took effect, also when only the answer was lost
// on the way: then what is stored carries its token.
func (l *Ledger) commit(ctx context.Context, tx *transaction) *refusal {
	token := tx.token()
	tx.first[attrWrite] = text(token)
	_, err := l.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: tx.writes, ClientRequestToken: aws.String(token)})
	if err == nil {
		return nil
	}
	lost := &refusal{cause: err}
	if !lost.mayHaveTakenEffect() {
		return lost
	}
	stored, err := l.get(ctx, tx.first.text(attrPK), tx.first.text(attrSK))
	if err != nil {
		return lost
	}
	if stored.text(attrWrite) == token {
		return nil
	}
	lost.looked, lost.stored = true, stored
	return lost
}

// mayHaveTakenEffect reports whether the answer can hide a success: it was lost on the way, or an earlier attempt of
// the same write made the condition of this one fail.
func (r *refusal) mayHaveTakenEffect() bool {
	return r.conditionFailed() || codeOf(r.cause) == release.Unavailable
}
