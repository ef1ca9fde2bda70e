package ledger_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/release"
)

func TestTooLarge(t *testing.T) {
	b := newBench(t)
	r := b.open()
	for range 5000 {
		r.Shares = append(r.Shares, release.TaskShare{At: start, Canary: 1, Primary: 9})
	}
	for range 2000 {
		r.Made = append(r.Made, release.Made{Kind: "task definition", ID: "arn:aws:ecs:eu-central-1:123456789012:task-definition/orders:41"})
	}
	wantError(t, b.ledger.Save(t.Context(), r), release.Invalid, "the state of release "+string(r.ID), "at most 350 KB", `"shares" alone takes`)
	r.Shares, r.Made = nil, nil
	long := release.Event{Kind: release.EventProgress, Text: strings.Repeat("x", 400<<10)}
	wantError(t, b.ledger.Save(t.Context(), r, long), release.Invalid, "event 2", `"text" alone takes 400 KB`)
}

func TestUnreadableRecords(t *testing.T) {
	good := func(t *testing.T) (*bench, *release.Release) {
		b := newBench(t)
		return b, b.open()
	}
	doc := func(doc string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"doc": text(doc), "version": num(1)}
	}
	for name, c := range map[string]struct {
		sk   string
		item map[string]types.AttributeValue
		says string
	}{
		"a state that is not JSON":      {"release", doc("{"), "its state"},
		"a state of another version":    {"release", doc(`{"version":7}`), "version 7 beside a version attribute of 1"},
		"a state without a version":     {"release", map[string]types.AttributeValue{"doc": text(`{"version":1}`)}, "version attribute"},
		"a state without a document":    {"release", map[string]types.AttributeValue{"version": num(1)}, "its state"},
		"a verdict that nobody knows":   {"release", doc(`{"version":1,"judgement":{"verdict":"splendid"}}`), "splendid"},
		"a snapshot that is not JSON":   {"snapshot", doc("nonsense"), "its snapshot"},
		"a snapshot of a later version": {"snapshot", doc(`{"schema":99}`), "schema 99"},
		"a snapshot from before":        {"snapshot", doc(`{}`), "schema 0"},
		"a snapshot of another release": {"snapshot", doc(`{"schema":1,"id":"r-other"}`), "r-other"},
	} {
		t.Run(name, func(t *testing.T) {
			b, r := good(t)
			b.put("release#"+string(r.ID), c.sk, c.item)
			_, err := b.ledger.Load(t.Context(), r.ID)
			wantError(t, err, release.LedgerCorrupt, "load release "+string(r.ID), c.says, "a person must")
		})
	}
	t.Run("half a release", func(t *testing.T) {
		b := newBench(t)
		b.put("release#r-half", "release", doc(`{"version":1}`))
		_, err := b.ledger.Load(t.Context(), "r-half")
		wantError(t, err, release.LedgerCorrupt, "only one is there")
	})
	t.Run("an event", func(t *testing.T) {
		b, r := good(t)
		b.put("release#"+string(r.ID), "event#0000000001", doc(`[]`))
		_, err := b.ledger.Events(t.Context(), r.ID)
		wantError(t, err, release.LedgerCorrupt, "event#0000000001")
	})
	t.Run("a lock", func(t *testing.T) {
		b, r := good(t)
		first := slices.Min(r.Resources) // the one that is read first
		b.put("lock#"+string(first), "lock", map[string]types.AttributeValue{"holder": text("")})
		_, err := b.ledger.Lock(t.Context(), first)
		wantError(t, err, release.LedgerCorrupt, "version")
		_, err = b.ledger.Open(t.Context(), ledgertest.Sample("orders", "b", start), release.Event{})
		wantError(t, err, release.LedgerCorrupt, "version")
	})
}

// Every time of a release is stored in UTC, also those that the state will have one day.
func TestTimesAreStoredInUTC(t *testing.T) {
	b := newBench(t)
	sample := ledgertest.Sample("orders", "a", start)
	here := start.In(time.FixedZone("here", 7200))
	times := fill(reflect.ValueOf(&sample.State).Elem(), here) + fill(reflect.ValueOf(&sample.Snapshot).Elem(), here)
	if times < 8 {
		t.Fatalf("only %d times found: does this test still look at all of them?", times)
	}
	sample.Overrides[0].Until = here.Add(time.Hour)
	if err := b.ledger.Override(t.Context(), "orders", sample.Overrides[0]); err != nil {
		t.Fatal(err)
	}
	waiting := release.Waiting{Release: "r-2", Request: sample.Request}
	fill(reflect.ValueOf(&waiting).Elem(), here)
	if _, err := b.ledger.Wait(t.Context(), waiting); err != nil {
		t.Fatal(err)
	}
	if err := b.ledger.Decline(t.Context(), release.Entry{Release: "r-3", Target: "orders", At: here, Pushed: here}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ledger.Open(t.Context(), sample, release.Event{At: here}); err != nil {
		t.Fatal(err)
	}
	var written []types.TransactWriteItem
	for _, in := range b.client.written {
		written = append(written, in.TransactItems...)
	}
	for _, w := range written {
		if doc, ok := w.Put.Item["doc"].(*types.AttributeValueMemberS); ok && strings.Contains(doc.Value, "+02:00") {
			t.Errorf("a time is not in UTC: %s", doc.Value)
		}
	}
	if sample.Shares[0].At.Location() == time.UTC || sample.Leases[0].Until.Location() == time.UTC {
		t.Error("the caller's own release was changed")
	}
}

// fill sets every time in a value, gives every slice of structs one element and every pointer to a struct of the domain
// one to point to, and counts the times.
func fill(v reflect.Value, at time.Time) (times int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(at))
		return 1
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			times += fill(v.Field(i), at)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Struct && v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			times += fill(v.Index(i), at)
		}
	case reflect.Pointer:
		if of := v.Type().Elem(); of.PkgPath() == reflect.TypeFor[release.State]().PkgPath() && of.Kind() == reflect.Struct {
			v.Set(reflect.New(of))
			times += fill(v.Elem(), at)
		}
	}
	return times
}

// The items of a release's life, attribute by attribute. What the documents hold is the domain's to say.
func TestItems(t *testing.T) {
	b := newBench(t)
	r := b.open()
	r.Phase = release.Shifting
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.ledger.Save(t.Context(), r, ledgertest.Look("a look"), release.Event{Kind: release.EventPhase, Text: "shifting"}))
	r.Phase, r.CleanupPending = release.RolledBack, "task definition orders:42"
	must(b.ledger.Finish(t.Context(), r, release.Event{Kind: release.EventFinished, Text: "rolled back", Data: json.RawMessage(`"rolledBack"`)}))
	r.CleanupPending = ""
	must(b.ledger.Save(t.Context(), r))
	var got strings.Builder
	for i, in := range b.client.written {
		fmt.Fprintf(&got, "transaction %d\n", i+1)
		for _, w := range in.TransactItems {
			fmt.Fprintf(&got, "  if %s\n", strings.Replace(aws.ToString(w.Put.ConditionExpression), ":v", show(w.Put.ExpressionAttributeValues[":v"]), 1))
			for _, name := range slices.Sorted(keysOf(w.Put.Item)) {
				value := show(w.Put.Item[name])
				switch {
				case name == "doc" && json.Valid([]byte(value)):
					value = "(JSON)"
				case name == "write" && value == aws.ToString(in.ClientRequestToken):
					value = "(the token)"
				}
				fmt.Fprintf(&got, "    %-8s %s\n", name, value)
			}
		}
	}
	golden.Text(t, "items", got.String())
}

// Looks leave the story after thirty days, and what is left still verifies.
func TestLooksExpire(t *testing.T) {
	a := newAccount(1, dynamodb.Settings{}, nil)
	l := ledger.New(a.table.Outside(), "serin", a.loop.Now)
	ctx := t.Context()
	r, err := l.Open(ctx, ledgertest.Sample("orders", "a", start), release.Event{Text: "opened"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		a.loop.AdvanceTo(a.loop.Now().Add(time.Minute))
		if err := l.Save(ctx, r, ledgertest.Look("look"), release.Event{Kind: release.EventProgress, Text: "line"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, stage := range []struct{ days, events int }{{30, 7}, {33, 4}} {
		a.loop.AdvanceTo(start.Add(time.Duration(stage.days) * 24 * time.Hour))
		events, err := l.Events(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if broken, ok := release.VerifyChain(events, r.Hash); !ok || len(events) != stage.events {
			t.Errorf("after %d days: %d events, chain %v from %d", stage.days, len(events), ok, broken)
		}
	}
}

// Whatever stands in the documents, a release is read or named unreadable.
func FuzzLoad(f *testing.F) {
	f.Add(`{"version":1,"phase":"Baking","executions":["a"]}`, `{"schema":1,"id":"r-1"}`, `{"seq":1}`)
	f.Add(`{"version":1,"judgement":{"verdict":7}}`, `{"schema":1,"id":"r-1","target":{"plan":{"settle":"9"}}}`, `[`)
	f.Fuzz(func(t *testing.T, state, snapshot, event string) {
		a := newAccount(1, dynamodb.Settings{}, nil)
		for sk, doc := range map[string]string{"release": state, "snapshot": snapshot, "event#0000000001": event} {
			_, err := a.table.Outside().PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("serin"), Item: map[string]types.AttributeValue{
				"pk": text("release#r-1"), "sk": text(sk), "doc": text(doc), "version": num(1),
			}})
			if err != nil {
				t.Skip()
			}
		}
		l := ledger.New(a.table.Outside(), "serin", a.loop.Now)
		r, err := l.Load(t.Context(), "r-1")
		if (r == nil) == (err == nil) || err != nil && release.CodeOf(err) != release.LedgerCorrupt {
			t.Errorf("%+v, %v", r, err)
		}
		events, err := l.Events(t.Context(), "r-1")
		if err != nil && release.CodeOf(err) != release.LedgerCorrupt {
			t.Error(err)
		}
		release.VerifyChain(events, "")
	})
}
