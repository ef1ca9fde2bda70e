package asl

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// A document is taken apart as encoding/json would take it apart.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":1}`, ` { "a" : [1, {"b":"}\","}], "a\u0062\n": "x y", "a": null } `, `"\ud800"`, `[1,2]`, `{"":{"":""},"x":true}`, `-1e5`, "\"\xff\"",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := newDocument(raw)
		if (d != nil) != (len(raw) == 0 || json.Valid(raw)) {
			t.Fatalf("%q: a document is %t", raw, d != nil)
		}
		if d == nil || len(raw) == 0 {
			return
		}
		var out bytes.Buffer
		if err := json.Compact(&out, raw); err != nil || out.String() != string(d.raw) {
			t.Fatalf("%q became %q; want %q", raw, d.raw, out.Bytes())
		}
		var text string
		isText := json.Unmarshal(raw, &text) == nil && d.raw[0] == '"'
		if got, ok := d.text(); ok != isText || got != text {
			t.Fatalf("%q says %q, %t; want %q, %t", raw, got, ok, text, isText)
		}
		if !d.isObject() {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(d.raw, &want); err != nil {
			t.Fatal(err)
		}
		d.open()
		got := map[string]json.RawMessage{}
		for _, field := range d.fields {
			got[string(field.name)] = field.value.raw
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q was taken apart into %q; want %q", raw, got, want)
		}
	})
}
