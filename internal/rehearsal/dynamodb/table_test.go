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
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

func TestAnswersAreCopies(t *testing.T) {
	_, _, o := at(Settings{})
	written := put("a", "b", values{"doc": s("as written"), "version": n("1")})
	mustWrite(t, o, written)
	written.Put.Item["doc"].(*types.AttributeValueMemberS).Value = "changed by the writer"
	read := get(t, o, "a", "b", true)
	read["doc"].(*types.AttributeValueMemberS).Value = "changed by the reader"
	delete(read, "version")
	if again := get(t, o, "a", "b", true); textOf(again, "doc") != "as written" || textOf(again, "version") != "1" {
		t.Errorf("got %v", again)
	}
}

func TestRefused(t *testing.T) {
	large := strings.Repeat("x", 401<<10)
	many := make([]types.TransactWriteItem, 101)
	heavy := make([]types.TransactWriteItem, 11)
	for i := range many {
		many[i] = put("a", fmt.Sprint(i), nil)
	}
	for i := range heavy {
		heavy[i] = put("a", fmt.Sprint(i), values{"doc": s(large[:390<<10])})
	}
	other := put("a", "b", nil)
	other.Put.TableName = aws.String("other")
	odd := put("a", "b", nil)
	odd.Put.ConditionExpression = aws.String("attribute_exists(pk)")
	unused := ifAbsent(put("a", "b", nil))
	unused.Put.ExpressionAttributeValues = values{":w": n("1"), ":u": n("1")}
	undefined := ifVersion(put("a", "b", nil), "1")
	undefined.Put.ExpressionAttributeValues = nil
	reserved := openQuery()
	reserved.KeyConditionExpression, reserved.ExpressionAttributeNames = aws.String("open = :open"), nil
	consistent := openQuery()
	consistent.ConsistentRead = aws.Bool(true)
	filtered := prefixQuery("a", "b")
	filtered.FilterExpression = aws.String("seq > :n")
	foreign := prefixQuery("a", "b")
	foreign.ExclusiveStartKey = values{"pk": s("z"), "sk": s("b")}
	backward := prefixQuery("a", "b")
	backward.KeyConditionExpression = aws.String("pk = :pk AND sk BETWEEN :from AND :to")
	backward.ExpressionAttributeValues = values{":pk": s("a"), ":from": s("z"), ":to": s("b")}
	key := func(key values) *dynamodb.GetItemInput {
		return &dynamodb.GetItemInput{TableName: aws.String("serin"), Key: key}
	}
	for name, c := range map[string]struct {
		in         any
		code, says string
	}{
		"unknown table":                    {transaction("", other), "ResourceNotFoundException", "Table: other"},
		"no items":                         {transaction(""), "ValidationException", "length"},
		"101 items":                        {transaction("", many...), "ValidationException", "100"},
		"the same item twice":              {transaction("", put("a", "b", nil), put("a", "b", nil)), "ValidationException", "multiple operations on one item"},
		"a delete":                         {transaction("", types.TransactWriteItem{Delete: &types.Delete{}}), "ValidationException", "plain Put"},
		"over 4 MB":                        {transaction("", heavy...), "ValidationException", "too large"},
		"item over 400 KB":                 {transaction("", put("a", "b", values{"doc": s(large)})), "TransactionCanceledException", "ValidationError"},
		"long token":                       {transaction(strings.Repeat("t", 37), put("a", "b", nil)), "ValidationException", "clientRequestToken"},
		"an unknown condition":             {transaction("", odd), "ValidationException", "attribute_exists(pk)"},
		"unused values":                    {transaction("", unused), "ValidationException", "unused in expressions: keys: {:u, :w}"},
		"a value is missing":               {transaction("", undefined), "ValidationException", ":v"},
		"no sort key":                      {transaction("", types.TransactWriteItem{Put: &types.Put{TableName: aws.String("serin"), Item: values{"pk": s("a")}}}), "ValidationException", "Missing the key sk"},
		"an empty key":                     {transaction("", put("a", "", nil)), "ValidationException", "empty string"},
		"a long key":                       {transaction("", put("a", strings.Repeat("k", 1025), nil)), "ValidationException", "1024"},
		"a number as key":                  {transaction("", types.TransactWriteItem{Put: &types.Put{TableName: aws.String("serin"), Item: values{"pk": n("1"), "sk": s("b")}}}), "ValidationException", "Type mismatch"},
		"an empty index key":               {transaction("", put("a", "b", values{"open": s("")})), "ValidationException", "Key: open"},
		"a fraction":                       {transaction("", put("a", "b", values{"version": n("1.5")})), "ValidationException", "1.5"},
		"a list":                           {transaction("", put("a", "b", values{"l": &types.AttributeValueMemberL{}})), "ValidationException", "attribute l"},
		"not UTF-8":                        {transaction("", put("a", "b", values{"doc": s("\xff")})), "ValidationException", "UTF-8"},
		"a reserved word in an expression": {reserved, "ValidationException", "open = :open"},
		"a consistent read of the index":   {consistent, "ValidationException", "not supported on global secondary indexes"},
		"a filter":                         {filtered, "ValidationException", "parameter of Query"},
		"a start key from elsewhere":       {foreign, "ValidationException", "starting key"},
		"between upside down":              {backward, "ValidationException", "BETWEEN"},
		"half a key":                       {key(values{"pk": s("a")}), "ValidationException", "does not match the schema"},
		"a key of a wrong name":            {key(values{"pk": s("a"), "range": s("b")}), "ValidationException", "sk"},
		"a put that returns":               {&dynamodb.PutItemInput{TableName: aws.String("serin"), Item: values{"pk": s("a"), "sk": s("b")}, ReturnValues: types.ReturnValueAllOld}, "ValidationException", "PutItem"},
		"a put over 400 KB":                {&dynamodb.PutItemInput{TableName: aws.String("serin"), Item: values{"pk": s("a"), "sk": s("b"), "doc": s(large)}}, "ValidationException", "size"},
	} {
		t.Run(name, func(t *testing.T) {
			_, table, o := at(Settings{})
			err := call(o, c.in)
			api, ok := errors.AsType[smithy.APIError](err)
			if !ok || api.ErrorCode() != c.code || !strings.Contains(api.ErrorMessage(), c.says) {
				t.Errorf("got %v, want %s with %q", err, c.code, c.says)
			}
			if len(table.parts) != 0 {
				t.Error("a refused request has written something")
			}
		})
	}
}

func TestEventuallyConsistentReadsAreStale(t *testing.T) {
	l, _, o := at(Settings{Lag: func() time.Duration { return 5 * time.Second }})
	mustWrite(t, o, put("a", "b", values{"version": n("1"), "open": s("open")}))
	if get(t, o, "a", "b", false) != nil {
		t.Error("a stale read sees an item that was written just now")
	}
	after(l, 6*time.Second)
	mustWrite(t, o, put("a", "b", values{"version": n("2")}))
	if got := textOf(get(t, o, "a", "b", false), "version"); got != "1" {
		t.Errorf("a stale read sees version %s", got)
	}
	if got := textOf(get(t, o, "a", "b", true), "version"); got != "2" {
		t.Errorf("a consistent read sees version %s", got)
	}
	if got, _ := keys(t, o, openQuery()); len(got) != 1 {
		t.Error("the index has caught up at once")
	}
	after(l, 6*time.Second)
	if got := textOf(get(t, o, "a", "b", false), "version"); got != "2" {
		t.Errorf("later, a stale read sees version %s", got)
	}
	if got, _ := keys(t, o, openQuery()); len(got) != 0 {
		t.Error("the index never catches up")
	}
}

func TestItemsVanishAfterTheirTTL(t *testing.T) {
	l, _, o := at(Settings{Linger: func() time.Duration { return time.Hour }})
	ttl := start.Add(24 * time.Hour)
	mustWrite(t, o, put("r", "event#1", values{"ttl": n(fmt.Sprint(ttl.Unix()))}), put("r", "event#2", nil))
	l.AdvanceTo(ttl.Add(59 * time.Minute))
	if got, _ := keys(t, o, prefixQuery("r", "event#")); len(got) != 2 {
		t.Errorf("an expired item lingers: %q", got)
	}
	l.AdvanceTo(ttl.Add(time.Hour))
	if got, _ := keys(t, o, prefixQuery("r", "event#")); !slices.Equal(got, []string{"r/event#2"}) {
		t.Errorf("after its time: %q", got)
	}
	if get(t, o, "r", "event#1", true) != nil {
		t.Error("GetItem still finds it")
	}
	mustWrite(t, o, ifAbsent(put("r", "event#1", nil)))
	if get(t, o, "r", "event#1", true) == nil {
		t.Error("the key cannot be written again")
	}
}

func TestByDefaultAnItemVanishesWithinTwoDays(t *testing.T) {
	l, _, o := at(Settings{})
	mustWrite(t, o, put("r", "event#1", values{"ttl": n(fmt.Sprint(start.Unix()))}))
	after(l, 48*time.Hour)
	if get(t, o, "r", "event#1", true) != nil {
		t.Error("it is still there")
	}
}

func TestUnits(t *testing.T) {
	kb := func(n int) values { return values{"doc": s(strings.Repeat("x", n<<10))} }
	plain := func(w types.TransactWriteItem) *dynamodb.PutItemInput {
		return &dynamodb.PutItemInput{TableName: w.Put.TableName, Item: w.Put.Item}
	}
	nothing := &dynamodb.GetItemInput{TableName: aws.String("serin"), Key: values{"pk": s("a"), "sk": s("b")}}
	twice := transaction("x", put("a", "b", nil))
	three := []any{plain(put("a", "k1", kb(1))), plain(put("a", "k2", kb(2))), plain(put("a", "k3", kb(1)))}
	eventually := prefixQuery("a", "k")
	eventually.ConsistentRead = nil
	for name, c := range map[string]struct {
		calls []any
		want  Units
	}{
		"a put of 3.x KB":        {[]any{plain(put("a", "b", kb(3)))}, Units{Write: 4}},
		"over a larger item":     {[]any{plain(put("a", "b", kb(3))), plain(put("a", "b", nil))}, Units{Write: 8}},
		"a transaction":          {[]any{transaction("", put("a", "b", kb(3)), put("a", "c", nil))}, Units{Write: 10}},
		"into the index":         {[]any{transaction("", put("a", "b", values{"open": s("open")}))}, Units{Write: 3}},
		"a replay":               {[]any{twice, twice}, Units{Write: 2, Read: 1}},
		"a get of nothing":       {[]any{nothing}, Units{Read: 0.5}},
		"a query":                {append(slices.Clone(three), prefixQuery("a", "k")), Units{Write: 2 + 3 + 2, Read: 2}},
		"an eventual query":      {append(slices.Clone(three), eventually), Units{Write: 2 + 3 + 2, Read: 1}},
		"a query that finds few": {append(slices.Clone(three), prefixQuery("a", "k1")), Units{Write: 2 + 3 + 2, Read: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			l, table, _ := at(Settings{})
			door.New(l, nil, nil).Invoke("f", "request", time.Minute, func(ctx context.Context) {
				for _, in := range c.calls {
					if _, _, err := table.Handle(ctx, in); err != nil {
						t.Error(err)
					}
				}
			}, func(bool) {})
			for l.Step() {
			}
			if got := table.Units(); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestHandle(t *testing.T) {
	l, table, _ := at(Settings{})
	door.New(l, nil, nil).Invoke("f", "request", time.Minute, func(ctx context.Context) {
		for _, in := range []any{transaction("", put("a", "b", nil)), &dynamodb.PutItemInput{TableName: aws.String("serin"), Item: put("a", "c", nil).Put.Item}, prefixQuery("a", "b"), &dynamodb.GetItemInput{TableName: aws.String("serin"), Key: put("a", "b", nil).Put.Item}} {
			if out, known, err := table.Handle(ctx, in); !known || err != nil || out == nil {
				t.Errorf("%T: %v, %v, %v", in, out, known, err)
			}
		}
		if _, known, _ := table.Handle(ctx, &dynamodb.ScanInput{}); known {
			t.Error("Scan is not simulated")
		}
	}, func(bool) {})
	for l.Step() {
	}
}

func BenchmarkGetItem(b *testing.B) {
	_, _, o := at(Settings{})
	if _, err := o.TransactWriteItems(ctx, transaction("", put("lock#a", "lock", values{"holder": s("r-1"), "version": n("1"), "target": s("orders"), "since": s("2026")}))); err != nil {
		b.Fatal(err)
	}
	in := &dynamodb.GetItemInput{TableName: aws.String("serin"), Key: values{"pk": s("lock#a"), "sk": s("lock")}, ConsistentRead: aws.Bool(true)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.GetItem(ctx, in); err != nil {
			b.Fatal(err)
		}
	}
}
