package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

func TestTransactionIsAllOrNothing(t *testing.T) {
	_, table, o := at(Settings{})
	mustWrite(t, o, put("a", "x", values{"version": n("3")}))
	after(table.loop, time.Second)
	_, err := o.TransactWriteItems(ctx, transaction("", put("a", "new", nil), ifVersion(put("a", "x", values{"version": n("4")}), "2"), ifAbsent(put("a", "x2", nil))))
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	var codes []string
	for _, reason := range canceled.CancellationReasons {
		codes = append(codes, aws.ToString(reason.Code))
	}
	if !slices.Equal(codes, []string{"None", "ConditionalCheckFailed", "None"}) {
		t.Errorf("reasons %q", codes)
	}
	if get(t, o, "a", "new", true) != nil || textOf(get(t, o, "a", "x", true), "version") != "3" {
		t.Error("a canceled transaction has written something")
	}
	mustWrite(t, o, put("a", "new", nil), ifVersion(put("a", "x", values{"version": n("4")}), "3"))
	if get(t, o, "a", "new", true) == nil || textOf(get(t, o, "a", "x", true), "version") != "4" {
		t.Error("a transaction has not written everything")
	}
}

func TestConditions(t *testing.T) {
	there := put("a", "x", values{"version": n("3"), "other": s("3")})
	for name, c := range map[string]struct {
		write types.TransactWriteItem
		holds bool
	}{
		"absent and it is there":         {ifAbsent(put("a", "x", nil)), false},
		"absent and it is":               {ifAbsent(put("a", "y", nil)), true},
		"equals":                         {ifVersion(put("a", "x", nil), "3"), true},
		"equals, written otherwise":      {ifVersion(put("a", "x", nil), "+3"), true},
		"equals not":                     {ifVersion(put("a", "x", nil), "2"), false},
		"equals and the item is absent":  {ifVersion(put("a", "y", nil), "3"), false},
		"equals and it has no version":   {ifVersion(put("a", "bare", nil), "3"), false},
		"no condition and it is there":   {put("a", "x", nil), true},
		"no condition and it is not yet": {put("a", "y", nil), true},
	} {
		t.Run(name, func(t *testing.T) {
			l, _, o := at(Settings{})
			mustWrite(t, o, there, put("a", "bare", nil))
			after(l, time.Second)
			_, err := o.TransactWriteItems(ctx, transaction("", c.write))
			if (err == nil) != c.holds {
				t.Errorf("TransactWriteItems: %v", err)
			}
			after(l, time.Second)
			p := c.write.Put
			l2, _, o2 := at(Settings{})
			mustWrite(t, o2, there, put("a", "bare", nil))
			after(l2, time.Second)
			_, err = o2.PutItem(ctx, &dynamodb.PutItemInput{TableName: p.TableName, Item: p.Item, ConditionExpression: p.ConditionExpression, ExpressionAttributeValues: p.ExpressionAttributeValues})
			if _, failed := errors.AsType[*types.ConditionalCheckFailedException](err); failed == c.holds || !failed && err != nil {
				t.Errorf("PutItem: %v", err)
			}
		})
	}
}

func TestTokenMakesATransactionIdempotent(t *testing.T) {
	l, _, o := at(Settings{})
	first := transaction("token", ifAbsent(put("a", "b", values{"version": n("1")})))
	must := func(in *dynamodb.TransactWriteItemsInput) {
		t.Helper()
		if _, err := o.TransactWriteItems(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	must(first)
	must(first) // at once: neither the condition nor the conflict counts
	after(l, time.Minute)
	must(transaction("other", ifVersion(put("a", "b", values{"version": n("2")}), "1")))
	after(l, time.Minute)
	must(first)
	if textOf(get(t, o, "a", "b", true), "version") != "2" {
		t.Error("a replay has written")
	}
	_, err := o.TransactWriteItems(ctx, transaction("token", ifAbsent(put("a", "b", values{"version": n("7")}))))
	if _, ok := errors.AsType[*types.IdempotentParameterMismatchException](err); !ok {
		t.Errorf("the token with another content: %v", err)
	}
	after(l, 10*time.Minute)
	_, err = o.TransactWriteItems(ctx, first)
	if _, ok := errors.AsType[*types.TransactionCanceledException](err); !ok {
		t.Errorf("after ten minutes the token must be forgotten: %v", err)
	}
}

func TestTransactionsInFlightConflict(t *testing.T) {
	l, _, o := at(Settings{})
	mustWrite(t, o, put("a", "b", nil))
	_, err := o.TransactWriteItems(ctx, transaction("", put("a", "c", nil), put("a", "b", nil)))
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok || aws.ToString(canceled.CancellationReasons[1].Code) != "TransactionConflict" || aws.ToString(canceled.CancellationReasons[0].Code) != "None" {
		t.Errorf("got %v", err)
	}
	_, err = o.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("serin"), Item: values{"pk": s("a"), "sk": s("b")}})
	if _, ok := errors.AsType[*types.TransactionConflictException](err); !ok {
		t.Errorf("PutItem: %v", err)
	}
	after(l, overlap)
	mustWrite(t, o, put("a", "b", nil))
}

// One caller's transactions, one after another through the door, must never conflict with each other.
func TestOneCallerNeverConflictsWithItself(t *testing.T) {
	l, table, _ := at(Settings{})
	d := door.New(l, nil, nil)
	d.Invoke("f", "request", time.Minute, func(ctx context.Context) {
		for range 200 {
			if _, err := table.TransactWriteItems(ctx, transaction("", put("a", "b", nil))); err != nil {
				t.Error(err)
			}
		}
	}, func(bool) {})
	for l.Step() {
	}
}

func BenchmarkTransaction(b *testing.B) {
	_, table, o := at(Settings{})
	doc := s(strings.Repeat("x", 3000))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		after(table.loop, 10*time.Second)
		in := transaction(fmt.Sprint(i), put("release#r", "release", values{"doc": doc, "version": n("1"), "phase": s("Baking"), "open": s("open")}), put("release#r", fmt.Sprintf("event#%010d", i%100), values{"doc": doc, "kind": s("phase")}))
		if _, err := o.TransactWriteItems(ctx, in); err != nil {
			b.Fatal(err)
		}
	}
}
