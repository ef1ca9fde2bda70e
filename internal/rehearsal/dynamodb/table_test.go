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
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var (
	start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	ctx   = context.Background()
)

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

func TestQueryPages(t *testing.T) {
	for _, page := range []int{0, 1, 2, 5, 7} {
		_, _, o := at(Settings{Page: page})
		for i := range 5 {
			mustWrite(t, o, put("r", fmt.Sprintf("event#%02d", i), values{"doc": s("x")}), put("lock#"+fmt.Sprint(i), "lock", values{"open": s("open")}))
		}
		mustWrite(t, o, put("r", "release", values{"open": s("open")}), put("r", "snapshot", nil), put("r", "event", nil))
		want := []string{"r/event#00", "r/event#01", "r/event#02", "r/event#03", "r/event#04"}
		got, pages := keys(t, o, prefixQuery("r", "event#"))
		if wantPages := map[int]int{0: 1, 1: 6, 2: 3, 5: 2, 7: 1}[page]; !slices.Equal(got, want) || pages != wantPages {
			t.Errorf("page %d: %d pages, want %d: %q", page, pages, wantPages, got)
		}
		reversed := prefixQuery("r", "event#")
		reversed.ScanIndexForward, reversed.Limit = aws.Bool(false), aws.Int32(3)
		slices.Reverse(want)
		if got, _ := keys(t, o, reversed); !slices.Equal(got, want) {
			t.Errorf("page %d, backwards: %q", page, got)
		}
		between := prefixQuery("r", "")
		between.KeyConditionExpression = aws.String("pk = :pk AND sk BETWEEN :from AND :to")
		between.ExpressionAttributeValues = values{":pk": s("r"), ":from": s("release"), ":to": s("snapshot")}
		if got, _ := keys(t, o, between); !slices.Equal(got, []string{"r/release", "r/snapshot"}) {
			t.Errorf("page %d, between: %q", page, got)
		}
		if got, _ := keys(t, o, openQuery()); !slices.Equal(got, []string{"lock#0/lock", "lock#1/lock", "lock#2/lock", "lock#3/lock", "lock#4/lock", "r/release"}) {
			t.Errorf("page %d, index: %q", page, got)
		}
	}
}

func TestAPageEndsAtOneMegabyte(t *testing.T) {
	_, _, o := at(Settings{})
	for i := range 4 {
		mustWrite(t, o, put("r", fmt.Sprint("event#", i), values{"doc": s(strings.Repeat("x", 300<<10))}))
	}
	if got, pages := keys(t, o, prefixQuery("r", "event#")); len(got) != 4 || pages != 2 {
		t.Errorf("%d items in %d pages", len(got), pages)
	}
}

func TestTheIndexIsSparseAndHoldsKeysOnly(t *testing.T) {
	l, _, o := at(Settings{})
	mustWrite(t, o, put("release#b", "release", values{"open": s("open"), "doc": s("x")}), put("release#a", "release", values{"open": s("open")}), put("release#c", "release", values{"doc": s("x")}))
	out, err := o.Query(ctx, openQuery())
	if err != nil || len(out.Items) != 2 || textOf(out.Items[0], "pk") != "release#a" || len(out.Items[1]) != 3 {
		t.Errorf("%v, %v", out, err)
	}
	after(l, time.Second)
	mustWrite(t, o, put("release#b", "release", values{"doc": s("x")}))
	if got, _ := keys(t, o, openQuery()); !slices.Equal(got, []string{"release#a/release"}) {
		t.Errorf("after one has left: %q", got)
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
