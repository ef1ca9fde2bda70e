package statemachine

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/synthesis"
	"github.com/serin-aws/serin/statemachine/definition"
)

var update = flag.Bool("update", false, "write definition/release.asl.json")

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	synthesis.Close()
	os.Exit(code)
}

// The committed definition is what the CDK makes today.
func TestGolden(t *testing.T) {
	fresh, err := Render()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("definition/release.asl.json", fresh, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(fresh, definition.Release()) {
		t.Errorf("definition/release.asl.json is not what the state machine renders to now; look at the difference after:\n" +
			"  go test ./statemachine -update")
	}
}

func TestJoin(t *testing.T) {
	names := map[string]string{`{"Ref":"AWS::Partition"}`: "${Partition}"}
	object := func(key string, value any) map[string]any { return map[string]any{key: value} }
	partition := object("Ref", "AWS::Partition")
	for name, test := range map[string]struct {
		resolved  any
		want, err string
	}{
		"text":            {"{}", "{}", ""},
		"tokens":          {object("Fn::Join", []any{"", []any{"a:", partition, ":b"}}), "a:${Partition}:b", ""},
		"unnamed token":   {object("Fn::Join", []any{"", []any{"a:", object("Ref", "Other")}}), "", `{"Ref":"Other"}`},
		"with delimiter":  {object("Fn::Join", []any{",", []any{"a", "b"}}), "", "plain Fn::Join"},
		"something else":  {object("Fn::Sub", "x"), "", "plain Fn::Join"},
		"nothing at all":  {nil, "", "plain Fn::Join"},
		"join of nothing": {object("Fn::Join", []any{}), "", "plain Fn::Join"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := join(test.resolved, names)
			if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
