package ledger_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/release"
)

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
