package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/release"
)

// tampered is a table between which and the ledger something happens to calls.
type tampered struct {
	dynamodb.Outside
	transact func(*sdk.TransactWriteItemsInput) error // an error is answered in place of the call
	lost     error                                    // answered after a transaction took effect
	get      error
	written  []*sdk.TransactWriteItemsInput
}

func (c *tampered) TransactWriteItems(ctx context.Context, in *sdk.TransactWriteItemsInput, _ ...func(*sdk.Options)) (*sdk.TransactWriteItemsOutput, error) {
	if c.transact != nil {
		if err := c.transact(in); err != nil {
			return nil, err
		}
	}
	c.written = append(c.written, in)
	out, err := c.Outside.TransactWriteItems(ctx, in)
	if err == nil && c.lost != nil {
		return nil, c.lost
	}
	return out, err
}

func (c *tampered) GetItem(ctx context.Context, in *sdk.GetItemInput, _ ...func(*sdk.Options)) (*sdk.GetItemOutput, error) {
	if c.get != nil {
		return nil, c.get
	}
	return c.Outside.GetItem(ctx, in)
}

// bench is a ledger whose calls can be tampered with. Time passes with every write.
type bench struct {
	t      *testing.T
	client *tampered
	ledger *ledger.Ledger
	tick   func() time.Time
}

func newBench(t *testing.T) *bench {
	a := newAccount(1, dynamodb.Settings{}, nil)
	b := &bench{t: t, client: &tampered{Outside: a.table.Outside()}}
	b.tick = func() time.Time {
		a.loop.AdvanceTo(a.loop.Now().Add(time.Second))
		return a.loop.Now()
	}
	b.ledger = ledger.New(b.client, "serin", b.tick)
	return b
}

func (b *bench) open() *release.Release {
	b.t.Helper()
	r, err := b.ledger.Open(b.t.Context(), ledgertest.Sample("orders", "a", start), release.Event{Text: "opened"})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// put writes an item past the ledger.
func (b *bench) put(pk, sk string, more map[string]types.AttributeValue) {
	b.t.Helper()
	b.tick()
	it := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
	for name, value := range more {
		it[name] = value
	}
	if _, err := b.client.PutItem(b.t.Context(), &sdk.PutItemInput{TableName: aws.String("serin"), Item: it}); err != nil {
		b.t.Fatal(err)
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func num(n int) types.AttributeValue { return &types.AttributeValueMemberN{Value: fmt.Sprint(n)} }

func wantError(t *testing.T, err error, code release.Code, says ...string) {
	t.Helper()
	if err == nil || release.CodeOf(err) != code {
		t.Errorf("got %v (%s), want %s", err, release.CodeOf(err), code)
		return
	}
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func keysOf(item map[string]types.AttributeValue) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range item {
			if !yield(name) {
				return
			}
		}
	}
}

func show(value types.AttributeValue) string {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return value.Value
	case *types.AttributeValueMemberN:
		return value.Value
	}
	return ""
}
