package scenario

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/serin-aws/serin/internal/yamlfile/tabletest"
)

func TestTableAgreesWithTheTypes(t *testing.T) {
	tabletest.Agree(t, table, reflect.TypeFor[Scenario](), ".revision.digest", ".baseline.from", ".baseline.crashLoop")
}

func TestSchema(t *testing.T) {
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("scenario.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, good := range map[string]bool{
		`{"workload": {"rate": "100/s"}}`: true,
		`{"workload": {"trace": "a.csv", "scale": 40}, "world": {"services": {"a": {"missing": true}}}}`: true,
		`{"workload": {"rate": "100/s", "trace": "a.csv"}}`:                                              false,
		`{"workload": {"rate": 100}}`:                                                                    false,
		`{"workload": {"rate": "100/s"}, "world": {"services": {"a b": {}}}}`:                            false,
		`{"workload": {"rate": "100/s"}, "world": {"registry": {"a": {"latest": "x"}}}}`:                 false,
		`{}`: false,
	} {
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		_, byParse := Parse("a.json", []byte(text))
		if bySchema := schema.Validate(instance); (bySchema == nil) != good || (byParse == nil) != good {
			t.Errorf("%s\nschema: %v\nParse: %v", text, bySchema, byParse)
		}
	}
	const path = "testdata/schema.golden.json"
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s differs (write it with -update): %v", path, err)
	}
}
