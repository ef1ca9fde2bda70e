package targetfile

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
	"github.com/serin-aws/serin/internal/yamlfile/tabletest"
)

func TestTableAgreesWithTheTypes(t *testing.T) {
	tabletest.Agree(t, table, reflect.TypeFor[release.Target]())
}

func TestSchemaGolden(t *testing.T) {
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/schema.golden.json"
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (write it with -update)", path)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("target.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("target.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// structure holds a text against the table alone, which is what the schema can know.
func structure(text []byte) error {
	file, err := yamlfile.Read("a.json", text, table)
	if err != nil {
		return err
	}
	return file.Err()
}

// Every field has a description; every default in the schema is the one that Parse fills in.
func TestSchemaSaysEverything(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	defaults := map[string]any{}
	walk(schema, "", func(path string, field map[string]any) {
		if field["description"] == "" || field["description"] == nil {
			t.Errorf("%s has no description", path)
		}
		if value, ok := field["default"]; ok && !reflect.DeepEqual(value, map[string]any{}) {
			defaults[path] = value
		}
	})
	filled, mirror := filledIn(t, "testdata/least.yaml"), filledIn(t, "testdata/least-mirror.yaml")
	maps.DeleteFunc(defaults, func(path string, _ any) bool { return strings.Contains(path, "[]") }) // lists are empty there; see TestDefaultsOfComparisons
	for path, want := range defaults {
		var got any = filled
		if strings.HasPrefix(path, ".ec2Mirror.") {
			got = mirror
		}
		for _, name := range strings.Split(path, ".")[1:] {
			got = got.(map[string]any)[name]
		}
		if path == ".ec2Mirror.idempotent" {
			continue // the file says it, because nothing is mirrored otherwise
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v by the schema and %v in a target", path, want, got)
		}
	}
	if len(defaults) < 11 {
		t.Errorf("only %d defaults: %v", len(defaults), slices.Sorted(maps.Keys(defaults)))
	}
}

// filledIn returns a file as it is with every default, but for comparisons.
func filledIn(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	target, err := Parse(path, append(text, "  "...))
	if err != nil {
		t.Fatal(err)
	}
	target.Checks.Compare = nil
	whole, err := Marshal(target)
	if err != nil {
		t.Fatal(err)
	}
	var filled map[string]any
	if err := json.Unmarshal(whole, &filled); err != nil {
		t.Fatal(err)
	}
	return filled
}

func walk(schema map[string]any, path string, visit func(string, map[string]any)) {
	if items, ok := schema["items"].(map[string]any); ok {
		walk(items, path+"[]", visit)
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return
	}
	for name, property := range properties {
		field := property.(map[string]any)
		visit(path+"."+name, field)
		walk(field, path+"."+name, visit)
	}
}

// A good file, changed in one place at random: the schema and Parse must agree on its structure.
func TestSchemaAgreesWithParse(t *testing.T) {
	schema := compiled(t)
	base, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	target, err := Parse("base.yaml", base)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Marshal(target)
	if err != nil {
		t.Fatal(err)
	}
	accepted, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var document any
		if err := json.Unmarshal(whole, &document); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			document = change(t, document)
		}
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		byParse, bySchema := structure(text), schema.Validate(document)
		if (byParse == nil) != (bySchema == nil) {
			t.Fatalf("%s\nParse: %v\nschema: %v", text, byParse, bySchema)
		}
		if byParse == nil {
			accepted++
		} else {
			refused++
		}
	})
	if accepted == 0 || refused == 0 {
		t.Errorf("%d accepted and %d refused: nothing was compared", accepted, refused)
	}
}

// change does to one random value what people do: leave it out, exchange it, add beside it.
func change(t *rapid.T, value any) any {
	switch value := value.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(value))
		if len(names) == 0 || rapid.IntRange(0, 9).Draw(t, "here") == 0 {
			value[rapid.SampledFrom([]string{"preset", "bake", "alarms", "nonsense", "emergency", "steps"}).Draw(t, "new name")] = exchanged(t)
			return value
		}
		name := rapid.SampledFrom(names).Draw(t, "name")
		if rapid.IntRange(0, 4).Draw(t, "drop") == 0 {
			delete(value, name)
			return value
		}
		value[name] = change(t, value[name])
		return value
	case []any:
		if len(value) == 0 || rapid.IntRange(0, 4).Draw(t, "whole list") == 0 {
			return exchanged(t)
		}
		i := rapid.IntRange(0, len(value)-1).Draw(t, "index")
		if rapid.IntRange(0, 4).Draw(t, "again") == 0 {
			return append(value, value[i])
		}
		value[i] = change(t, value[i])
		return value
	}
	return exchanged(t)
}

func exchanged(t *rapid.T) any {
	return rapid.SampledFrom([]any{
		nil, true, 0.0, 1.0, 1.5, 100.0, 101.0, -1.0, 0.05, 300.0, "", "10m", "AllAtOnce", "orders", "Orders.fifo", "arn:aws:iam::123456789012:role/ops/x",
		"required", "hold", "queue", strings.Repeat("a", 300), "ä",
		[]any{},
		[]any{"a"},
		[]any{1.0},
		map[string]any{},
		map[string]any{"weight": 5.0, "bake": "5m"},
		[]any{map[string]any{"weight": 5.0, "bake": "5m"}},
		fmt.Sprint(strings.Repeat("a/", 20), "b"),
	}).Draw(t, "value")
}
