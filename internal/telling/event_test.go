package telling_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/telling"
)

// Whatever a release holds, an event of it keeps the published schema.
func TestEventsKeepTheirSchema(t *testing.T) {
	text, err := events.Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("release.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("release.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	known := document.(map[string]any)["properties"].(map[string]any)
	for kind, phase := range map[release.NoticeKind]release.Phase{
		release.NoticeStarted: release.Preparing, release.NoticeWaiting: release.Baking, release.NoticeReleased: release.Released,
		release.NoticeRolledBack: release.RolledBack, release.NoticeDirty: release.Dirty, release.NoticeAbandoned: release.Abandoned,
	} {
		for _, change := range []func(*release.Release){nil, undecided, func(r *release.Release) { r.Revision = release.Revision{Version: "7"} }} {
			keeps(t, schema, known, kind, place.Event(at(phase, change), release.Notice{Kind: kind, Text: "a person is wanted"}, noon))
		}
	}
	refused := keeps(t, schema, known, release.NoticeRefused, telling.RefusedEvent(pushRefused, execution, noon))
	for _, field := range []string{"sentence", "revision", "execution"} {
		without := maps.Clone(refused)
		delete(without, field)
		if err := schema.Validate(without); err == nil {
			t.Errorf("a refusal may leave %s out", field)
		}
	}
	refused["kind"] = "Released"
	if err := schema.Validate(refused); err == nil {
		t.Error("a release may tell as little as a refusal")
	}
	if err := schema.Validate(map[string]any{"schema": 1}); err == nil {
		t.Error("the schema accepts anything")
	}
}

// keeps holds an event to the schema, and returns its detail.
func keeps(t *testing.T, schema *jsonschema.Schema, known map[string]any, kind release.NoticeKind, e telling.Event) map[string]any {
	t.Helper()
	if e.Source != "serin" || e.DetailType != "serin Release "+string(kind) || e.Resources[0] != execution {
		t.Errorf("%+v", e)
	}
	detail, err := jsonschema.UnmarshalJSON(strings.NewReader(e.Detail))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(detail); err != nil {
		t.Errorf("%s: %v\n%s", kind, err, e.Detail)
	}
	fields := detail.(map[string]any)
	for field := range fields {
		if known[field] == nil {
			t.Errorf("%s: the schema does not know %s", kind, field)
		}
	}
	return fields
}
