package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
)

// object is a part of a JSON Schema.
type object = map[string]any

// document is one kind of item.
type document struct {
	name, says string
	pk, sk     string // as regular expressions
	doc        any    // what the text in doc holds; nil: there is none
	has, may   string // other attributes that it has, and may have
}

const (
	aRelease = `^release#r-[0-9a-f]{12}$`
	aTarget  = `^target#[a-z0-9-]{1,64}$`
	dated    = `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z#r-[0-9a-f]{12}$`
)

var documents = []document{
	{"state", "The part of a release that moves. Each write compares version.", aRelease, `^release$`, release.State{}, "version write phase target seq", "open"},
	{"snapshot", "What never changes of a release: written once, with the locks, before the first change.", aRelease, `^snapshot$`, release.Snapshot{}, "target", ""},
	{"event", "One line of a release's story. Lines are only ever appended; a look has a ttl.", aRelease, `^event#[0-9]{10,}$`, release.Event{}, "kind", "ttl"},
	{"declined", "Why a release was never opened.", aRelease, `^declined$`, release.Entry{}, "target ttl", "write"},
	{"lock", "Who holds a resource. A free lock has an empty holder.", `^lock#arn:`, `^lock$`, nil, "version holder last target since", ""},
	{"line", "Who waits for a target, in order of arrival.", aTarget, `^line$`, release.Line{}, "version target", "write open"},
	{"overrides", "Alarms that do not count for the target's next emergency start.", aTarget, `^overrides$`, release.Overrides{}, "version target", "write"},
	{"history", "One line of a target's history: written when a release is opened, and again at its end.", aTarget, `^release#` + dated, release.Entry{}, "version target", ""},
	{"declinedHistory", "A request of a target's that opened no release.", aTarget, `^declined#` + dated, release.Entry{}, "target ttl", "write"},
	{"trial", "What came of a revision when the target released it last.", aTarget, `^revision#`, release.Trial{}, "version target", ""},
	{"dirty", "Put by the state machine itself when no function could bring the baseline back: the release is Dirty.", `^execution#arn:`, `^dirty$`, nil, "at input", ""},
}

// attributes are those beside keys and document.
var attributes = map[string]object{
	"version": {"type": "integer", "minimum": 1, "description": "Counts the writes of the item; a write is conditional on it"},
	"write":   {"type": "string", "description": "The token of the transaction that wrote this version"},
	"phase":   {"$ref": "#/$defs/Phase", "description": "The phase in doc, for people and the alarm's look"},
	"target":  {"type": "string", "description": "The target's name; empty in a lock that nobody ever held"},
	"seq":     {"type": "integer", "minimum": 1, "description": "The number of the last event"},
	"open":    {"enum": []any{"open", "left", "line"}, "description": "Key of the sparse index. open: the release holds its locks; left: it is over and left something; line: somebody waits"},
	"kind":    {"$ref": "#/$defs/EventKind"},
	"ttl":     {"type": "integer", "description": "When DynamoDB may remove the item, in seconds since 1970"},
	"holder":  {"type": "string", "description": "The release that holds the lock; empty: it is free"},
	"last":    {"type": "string", "description": "The release that held it last"},
	"since":   {"type": "string", "format": "date-time", "description": "When it was taken or became free"},
	"at":      {"type": "string", "format": "date-time", "description": "When the state was entered"},
	"input":   {"type": "string", "description": "The input of the execution, as JSON"},
}

// The schema says of every item what may stand in it, and cannot drift: it is made from the types that are written, with
// their comments and constants.
func TestSchema(t *testing.T) {
	described := newSource(t)
	items, defs := []any{}, described.defs
	for _, d := range documents {
		items = append(items, object{"$ref": "#/$defs/item-" + d.name})
		defs["item-"+d.name] = described.item(d)
	}
	for _, data := range []any{release.Look{}, release.Decision{}, release.Order{}, release.Stopped{}, release.HookCall{}} { // the data of events
		described.of(reflect.TypeOf(data))
	}
	for name := range described.enums {
		if _, used := defs[name]; !used && (name == "Phase" || name == "EventKind") {
			defs[name] = described.enum(name)
		}
	}
	whole := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "serin's ledger",
		"description": "An item of the ledger's table, as an object of its attributes. The text in doc is JSON; contentSchema says of what. Times are UTC, durations texts like 10m, weights percent.",
		"oneOf":       items, "$defs": defs,
	}
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(whole); err != nil {
		t.Fatal(err)
	}
	if golden.Updating() {
		if err := os.WriteFile("ledger.schema.json", want.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := ledger.Schema()
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("the schema is not what the types say (%v); write it anew: go test ./internal/ledger -run TestSchema -update", err)
	}
	for place, bare := range described.bare {
		t.Errorf("%s has no comment that says %s", place, bare)
	}
}

// source turns Go types into schemas, with what their source says of them.
type source struct {
	says  map[string]string   // by type, and by type.field
	enums map[string][]object // the constants of a named text
	defs  object              // of structs and enums that were met
	bare  map[string]string
}

// newSource reads the comments and constants of package release.
func newSource(t *testing.T) *source {
	t.Helper()
	s := &source{says: map[string]string{}, enums: map[string][]object{}, defs: object{}, bare: map[string]string{}}
	files, err := filepath.Glob("../release/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			if general, ok := declared.(*ast.GenDecl); ok {
				s.read(general)
			}
		}
	}
	return s
}

func (s *source) read(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			s.says[spec.Name.Name] = oneLine(d.Doc.Text())
			if fields, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range fields.Fields.List {
					for _, name := range field.Names {
						s.says[spec.Name.Name+"."+name.Name] = oneLine(field.Doc.Text() + " " + field.Comment.Text())
					}
				}
			}
		case *ast.ValueSpec:
			kind, typed := spec.Type.(*ast.Ident)
			if !typed || len(spec.Values) != 1 {
				continue
			}
			if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
				one := object{"const": constant.StringVal(constant.MakeFromLiteral(value.Value, token.STRING, 0))}
				if says := oneLine(spec.Doc.Text() + " " + spec.Comment.Text()); says != "" {
					one["description"] = says
				}
				s.enums[kind.Name] = append(s.enums[kind.Name], one)
			}
		}
	}
}

var spaces = regexp.MustCompile(`\s+`)

func oneLine(text string) string { return strings.TrimSpace(spaces.ReplaceAllString(text, " ")) }

func (s *source) item(d document) object {
	properties := object{"pk": object{"type": "string", "pattern": d.pk}, "sk": object{"type": "string", "pattern": d.sk}}
	required := []any{"pk", "sk"}
	if d.doc != nil {
		properties["doc"] = object{"type": "string", "contentMediaType": "application/json", "contentSchema": s.of(reflect.TypeOf(d.doc))}
		required = append(required, "doc")
	}
	for _, name := range strings.Fields(d.has) {
		properties[name] = attributes[name]
		required = append(required, name)
	}
	for _, name := range strings.Fields(d.may) {
		properties[name] = attributes[name]
	}
	return object{"type": "object", "description": d.says, "properties": properties, "required": required, "additionalProperties": false}
}

// of is the schema of a type as JSON writes it.
func (s *source) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return object{}
	case reflect.TypeFor[release.Duration]():
		return object{"type": "string", "pattern": `^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d))+$`}
	case reflect.TypeFor[release.Verdict]():
		names := []any{}
		for v := release.Unknown; v <= release.Pass; v++ {
			names = append(names, v.String())
		}
		return object{"enum": names}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice, reflect.Array:
		return object{"type": []any{"array", "null"}, "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		s.structure(t)
		return object{"$ref": "#/$defs/" + t.Name()}
	case reflect.String:
		if _, is := s.enums[t.Name()]; is {
			s.defs[t.Name()] = s.enum(t.Name())
			return object{"$ref": "#/$defs/" + t.Name()}
		}
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Int32:
		return object{"type": "integer"}
	}
	panic(fmt.Sprintf("a kind of type that nobody thought of: %s", t))
}

// enum is one of the constants of a type; a field that is left out has none.
func (s *source) enum(name string) object {
	return object{"description": s.says[name], "oneOf": append([]object{{"const": ""}}, s.enums[name]...)}
}

// structure adds a struct to the definitions.
func (s *source) structure(t reflect.Type) {
	if _, known := s.defs[t.Name()]; known {
		return
	}
	properties, required := object{}, []any{}
	s.defs[t.Name()] = object{
		"type": "object", "description": s.says[t.Name()], "properties": properties, "additionalProperties": false,
	}
	for field := range t.Fields() {
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == "-" || !field.IsExported() {
			continue
		}
		property := s.of(field.Type)
		if kind := field.Type.Kind(); kind >= reflect.Int && kind <= reflect.Float64 && property["type"] != "string" && property["enum"] == nil && s.says[t.Name()+"."+field.Name] == "" {
			s.bare[t.Name()+"."+field.Name] = "in what it counts"
		}
		if says := s.says[t.Name()+"."+field.Name]; says != "" {
			property["description"] = says
		}
		properties[tag] = property
		if options == "" {
			required = append(required, tag)
		}
	}
	s.defs[t.Name()].(object)["required"] = required
}
