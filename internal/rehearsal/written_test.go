package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/release"
)

// written holds what releases write into the ledger's table to the schema that is published of it.
type written struct {
	item *jsonschema.Schema
	data map[release.EventKind][]*jsonschema.Schema // any of them
	seen map[string]bool                            // kinds of items
}

// kinds are the kinds of items, by how their sort key begins; of history and declined there are two.
var kinds = []string{"release", "snapshot", "event#", "declined", "lock", "line", "overrides", "release#", "declined#", "revision#", "dirty"}

func newWritten(t *testing.T) *written {
	t.Helper()
	text, err := ledger.Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.AssertContent()
	if err := compiler.AddResource("ledger.json", document); err != nil {
		t.Fatal(err)
	}
	compiled := func(part string) *jsonschema.Schema {
		schema, err := compiler.Compile("ledger.json" + part)
		if err != nil {
			t.Fatal(err)
		}
		return schema
	}
	return &written{item: compiled(""), seen: map[string]bool{}, data: map[release.EventKind][]*jsonschema.Schema{
		release.EventLook: {compiled("#/$defs/Look")}, release.EventDecision: {compiled("#/$defs/Decision")},
		release.EventOrder: {compiled("#/$defs/Order")}, release.EventFinished: {compiled("#/$defs/Outcome")},
		release.EventProgress: {compiled("#/$defs/Stopped"), compiled("#/$defs/HookCall")},
	}}
}

// check holds every item of a table to the schema.
func (w *written) check(t *testing.T, table dynamodb.Outside) {
	t.Helper()
	for _, item := range table.Items() {
		plain := map[string]any{}
		for name, value := range item {
			switch value := value.(type) {
			case *types.AttributeValueMemberS:
				plain[name] = value.Value
			case *types.AttributeValueMemberN:
				plain[name] = json.Number(value.Value)
			}
		}
		if err := w.item.Validate(plain); err != nil {
			t.Errorf("%s %s: %v", plain["pk"], plain["sk"], err)
		}
		w.note(plain["sk"].(string))
		if doc, ok := plain["doc"].(string); ok && strings.HasPrefix(plain["sk"].(string), "event#") {
			if err := w.checkData(doc); err != nil {
				t.Errorf("%s %s: %v", plain["pk"], plain["sk"], err)
			}
		}
	}
}

func (w *written) note(sk string) {
	for _, kind := range kinds {
		if sk == kind || strings.HasSuffix(kind, "#") && strings.HasPrefix(sk, kind) {
			w.seen[kind] = true
		}
	}
}

// checkData holds what belongs to an event's kind to the schema of that.
func (w *written) checkData(doc string) error {
	var event release.Event
	if err := json.Unmarshal([]byte(doc), &event); err != nil {
		return err
	}
	schemas, may := w.data[event.Kind]
	switch must := may && event.Kind != release.EventProgress; {
	case len(event.Data) == 0 && !must:
		return nil
	case len(event.Data) == 0, !may:
		return fmt.Errorf("%s has the data %q", event.Kind, event.Data)
	}
	data, err := jsonschema.UnmarshalJSON(bytes.NewReader(event.Data))
	if err != nil {
		return err
	}
	for _, schema := range schemas {
		if err = schema.Validate(data); err == nil {
			return nil
		}
	}
	return err
}

// all checks that every kind of item was seen.
func (w *written) all(t *testing.T) {
	t.Helper()
	for _, kind := range kinds {
		if !w.seen[kind] {
			t.Errorf("no item %s was written", kind)
		}
	}
}
