package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/release"
)

var update = flag.Bool("update", false, "rewrite the golden files")

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

func TestWhatAnswersMean(t *testing.T) {
	api := func(code string, fault smithy.ErrorFault) error {
		return &smithy.GenericAPIError{Code: code, Message: "m", Fault: fault}
	}
	for name, c := range map[string]struct {
		answer error
		code   release.Code
		says   string
	}{
		"throttled":                  {&types.ThrottlingException{}, release.Throttled, "ThrottlingException"},
		"throughput":                 {&types.ProvisionedThroughputExceededException{}, release.Throttled, "Provisioned"},
		"throttled in a transaction": {dynamodb.Canceled("None", "ThrottlingError"), release.Throttled, "ThrottlingError"},
		"in flight elsewhere":        {dynamodb.Canceled("TransactionConflict", "None"), release.Conflict, "TransactionConflict"},
		"condition":                  {dynamodb.Canceled("None", "ConditionalCheckFailed"), release.Conflict, ""},
		"condition and conflict":     {dynamodb.Canceled("TransactionConflict", "ConditionalCheckFailed"), release.Conflict, ""},
		"canceled for its content":   {dynamodb.Canceled("ValidationError"), release.Unexpected, "ValidationError"},
		"server error":               {&types.InternalServerError{}, release.Unavailable, "InternalServerError"},
		"no answer":                  {errReset, release.Unavailable, "connection reset"},
		"out of time":                {context.DeadlineExceeded, release.Unavailable, "deadline"},
		"denied":                     {api("AccessDeniedException", smithy.FaultClient), release.Denied, "AccessDenied"},
		"no table":                   {&types.ResourceNotFoundException{}, release.Unexpected, "does not exist"},
		"not understood":             {api("ValidationException", smithy.FaultClient), release.Invalid, "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := b.open()
			before := *r
			b.client.transact = func(*sdk.TransactWriteItemsInput) error { return c.answer }
			wantError(t, b.ledger.Save(t.Context(), r, release.Event{Kind: release.EventProgress}), c.code, "save release "+string(r.ID), c.says)
			if !reflect.DeepEqual(before, *r) {
				t.Error("a failed save has changed the release")
			}
			other := ledgertest.Sample("parcels", "b", start)
			_, err := b.ledger.Open(t.Context(), other, release.Event{})
			wantError(t, err, c.code, "open release "+string(other.ID), c.says)
		})
	}
}

func TestReadsTellWhatFailed(t *testing.T) {
	b := newBench(t)
	b.client.get = &types.ThrottlingException{Message: aws.String("slow down")}
	_, err := b.ledger.Lock(t.Context(), "arn:x")
	wantError(t, err, release.Throttled, "read the lock of arn:x", "slow down")
	_, err = b.ledger.Marked(t.Context(), "arn:execution")
	wantError(t, err, release.Throttled, "arn:execution")
	other := ledger.New(b.client.Outside, "missing", func() time.Time { return start })
	for _, read := range []func() error{
		func() error { _, err := other.Load(t.Context(), "r-1"); return err },
		func() error { _, err := other.Events(t.Context(), "r-1"); return err },
		func() error { _, err := other.Opened(t.Context()); return err },
	} {
		wantError(t, read(), release.Unexpected, "missing", "does not exist", "deployed")
	}
}

// A lost answer is not a lost write: the write is found again by its token.
func TestALostAnswerIsRecognised(t *testing.T) {
	for name, lost := range map[string]error{"reset": errReset, "server error": errServer, "out of time": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.client.lost = lost
			r := b.open()
			r.Phase = release.Shifting
			if err := b.ledger.Save(t.Context(), r, release.Event{Kind: release.EventPhase}); err != nil || r.Version != 2 || r.Seq != 2 {
				t.Errorf("Save: %v, version %d, seq %d", err, r.Version, r.Seq)
			}
			b.client.get = errReset
			before := *r
			wantError(t, b.ledger.Save(t.Context(), r), release.Unavailable)
			if !reflect.DeepEqual(before, *r) {
				t.Error("a save that may have taken effect has changed the release")
			}
			b.client.get = nil
			if err := b.ledger.Save(t.Context(), r); err != nil || r.Version != 3 {
				t.Errorf("the same save again: %v, version %d", err, r.Version)
			}
			r.Step = 1
			behind := before
			behind.Step = 2
			wantError(t, b.ledger.Save(t.Context(), &behind), release.Conflict, "version 2 was expected and version 3 is there")
		})
	}
}

// Two invocations that want the very same write are not each other.
func TestADuplicatesWriteIsNotOnesOwn(t *testing.T) {
	b := newBench(t)
	r := b.open()
	twin := *r
	as := func(id string) *ledger.Ledger { return b.ledger.By(func(context.Context) string { return id }) }
	if err := as("one").Save(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	wantError(t, as("two").Save(t.Context(), &twin), release.Conflict)
	if err := as("one").Save(t.Context(), &twin); err != nil {
		t.Errorf("one's own write again: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*release.Release)
		code   release.Code
		says   string
	}{
		"no id":        {func(r *release.Release) { r.ID = "" }, release.Unexpected, "no id"},
		"no schema":    {func(r *release.Release) { r.Schema = 0 }, release.Unexpected, "schema is 0"},
		"no resources": {func(r *release.Release) { r.Resources = nil }, release.Unexpected, "no resource"},
		"41 resources": {func(r *release.Release) {
			r.Resources = nil
			for i := range 41 {
				r.Resources = append(r.Resources, release.Resource(fmt.Sprint("arn:", i)))
			}
		}, release.Invalid, "41 resources and at most 40"},
		"a baseline that does not fit": {func(r *release.Release) {
			r.Baseline.Detail = json.RawMessage(`"` + strings.Repeat("x", 360<<10) + `"`)
		}, release.Invalid, `"baseline" alone takes 360 KB`},
		"a baseline that is not JSON":  {func(r *release.Release) { r.Baseline.Detail = json.RawMessage(`{`) }, release.Unexpected, "JSON"},
		"a baseline that is not UTF-8": {func(r *release.Release) { r.Baseline.Detail = json.RawMessage("\"\xff\"") }, release.Invalid, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := ledgertest.Sample("orders", "a", start)
			c.change(&r)
			_, err := b.ledger.Open(t.Context(), r, release.Event{})
			wantError(t, err, c.code, "release "+string(r.ID), c.says)
			if len(b.client.written) != 0 {
				t.Error("it has written nevertheless")
			}
		})
	}
}

func TestFortyResourcesAreLockedAndFreedTogether(t *testing.T) {
	b := newBench(t)
	r := ledgertest.Sample("orders", "a", start)
	r.Resources = nil
	for i := range 40 {
		r.Resources = append(r.Resources, release.Resource(fmt.Sprint("arn:", i)), release.Resource(fmt.Sprint("arn:", i)))
	}
	opened, err := b.ledger.Open(t.Context(), r, release.Event{})
	if err != nil {
		t.Fatal(err)
	}
	opened.Phase = release.Released
	if err := b.ledger.Finish(t.Context(), opened, release.Event{Kind: release.EventFinished}); err != nil {
		t.Fatal(err)
	}
	if lock, err := b.ledger.Lock(t.Context(), "arn:7"); err != nil || lock.Holder != "" || lock.Last != r.ID || lock.Version != 2 || lock.Target != "orders" || lock.Since.Before(start) {
		t.Errorf("%+v, %v", lock, err)
	}
	many := make([]release.Event, 100)
	for i := range many {
		many[i].Kind = release.EventProgress
	}
	wantError(t, b.ledger.Save(t.Context(), opened, many...), release.Unexpected, "100 events")
}

// What somebody has repaired by hand is not broken again.
func TestFinishFreesOnlyWhatIsItsOwn(t *testing.T) {
	b := newBench(t)
	r := b.open()
	b.put("lock#"+string(r.Resources[0]), "lock", map[string]types.AttributeValue{
		"holder": text("r-other"), "version": num(9), "since": text(start.Format(time.RFC3339)),
	})
	r.Phase = release.RolledBack
	if err := b.ledger.Finish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for i, want := range []release.ID{"r-other", "", ""} {
		if lock, err := b.ledger.Lock(t.Context(), r.Resources[i]); err != nil || lock.Holder != want {
			t.Errorf("%s: %+v, %v", r.Resources[i], lock, err)
		}
	}
}

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

// A story that somebody has changed in the table shows it.
func TestAChangedStoryShows(t *testing.T) {
	b := newBench(t)
	r := b.open()
	for _, line := range []string{"one", "two"} {
		if err := b.ledger.Save(t.Context(), r, release.Event{Kind: release.EventProgress, Text: line}); err != nil {
			t.Fatal(err)
		}
	}
	events, err := b.ledger.Events(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	events[1].Text = "never said"
	doc, err := json.Marshal(events[1])
	if err != nil {
		t.Fatal(err)
	}
	b.put("release#"+string(r.ID), "event#0000000002", map[string]types.AttributeValue{"doc": text(string(doc))})
	if events, err = b.ledger.Events(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	if broken, ok := release.VerifyChain(events, r.Hash); ok || broken != 2 {
		t.Errorf("broken at %d, ok %v", broken, ok)
	}
}

// What a caller's memory says of an earlier life does not count.
func TestAReleaseBeginsAtItsBeginning(t *testing.T) {
	b := newBench(t)
	sample := ledgertest.Sample("orders", "a", start)
	sample.Version, sample.Seq, sample.Hash = 9, 9, "of another story"
	r, err := b.ledger.Open(t.Context(), sample, release.Event{})
	if err != nil || r.Version != 1 || r.Seq != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	events, err := b.ledger.Events(t.Context(), r.ID)
	if broken, ok := release.VerifyChain(events, r.Hash); err != nil || !ok || len(events) != 1 {
		t.Errorf("broken at %d, %v", broken, err)
	}
}

// What an event holds must read back as it was hashed, whatever is in it.
func TestOddEventsKeepTheChain(t *testing.T) {
	b := newBench(t)
	r := b.open()
	for _, event := range []release.Event{
		{Text: "bad \xff\xfe UTF-8"},
		{Text: "</script> & \u2028 <"},
		{Data: json.RawMessage(`{ "a" : 1.50, "b":"<\u00e9é>" }`)},
		{Data: json.RawMessage("\"\xff\"")},
		{Data: json.RawMessage("null")},
		{At: start.In(time.FixedZone("here", 3600)).Add(time.Nanosecond)},
	} {
		event.Kind = release.EventProgress
		if err := b.ledger.Save(t.Context(), r, event); err != nil {
			t.Fatalf("%+v: %v", event, err)
		}
		events, err := b.ledger.Events(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if broken, ok := release.VerifyChain(events, r.Hash); !ok {
			t.Errorf("%+v breaks the chain at %d", event, broken)
		}
	}
	before := *r
	wantError(t, b.ledger.Save(t.Context(), r, release.Event{Kind: release.EventProgress, Data: json.RawMessage("{")}), release.Unexpected, "not JSON")
	wantError(t, b.ledger.Save(t.Context(), r, release.Event{Text: "of no kind"}), release.Unexpected, "of no kind")
	if !reflect.DeepEqual(before, *r) {
		t.Error("a refused event has changed the release")
	}
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
	golden(t, "items", got.String())
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

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at the change and run the test with -update if it is meant\n%s", path, got)
	}
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

func TestMarkedNeedsNoExecution(t *testing.T) {
	b := newBench(t)
	b.client.get = errors.New("must not be asked")
	if marked, err := b.ledger.Marked(t.Context(), ""); marked || err != nil {
		t.Errorf("%v, %v", marked, err)
	}
}

func TestHeldSpeaks(t *testing.T) {
	held := &ledger.Held{Resource: "arn:x", Holder: "r-1"}
	if resource, holder := held.HeldBy(); resource != "arn:x" || holder != "r-1" || !strings.Contains(held.Error(), "arn:x is locked by release r-1") {
		t.Errorf("%v", held)
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
