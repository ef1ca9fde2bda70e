package asl

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPayload is the most that an input, an output or a task's parameters may hold: 256 KiB of UTF-8.
// Source: Step Functions service quotas.
const maxPayload = 256 * 1024

// document is the JSON data between two states. It stays as it is written; an object is taken apart when a path
// first asks for one of its fields, and then once only, as deep as the path goes.
type document struct {
	raw    json.RawMessage // compact
	opened bool
	fields []field // nil when it is no object
}

// field is one member of an object.
type field struct {
	name  []byte // what stands between the quotes
	value document
}

// newDocument returns nil when raw is not JSON.
func newDocument(raw json.RawMessage) *document {
	if len(raw) == 0 {
		return &document{raw: json.RawMessage("null")}
	}
	if !json.Valid(raw) {
		return nil
	}
	return &document{raw: compact(raw)}
}

// compact copies only when there is something to take out.
func compact(raw json.RawMessage) json.RawMessage {
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = endOfText(raw, i) - 1
		case ' ', '\t', '\r', '\n':
			var out bytes.Buffer
			if json.Compact(&out, raw) != nil {
				return raw
			}
			return out.Bytes()
		}
	}
	return raw
}

// endOfText returns where the string that begins at i has ended, in valid JSON.
func endOfText(raw json.RawMessage, i int) int {
	for i++; raw[i] != '"'; i++ {
		if raw[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// endOfValue returns where the value that begins at i has ended, in valid and compact JSON.
func endOfValue(raw json.RawMessage, i int) int {
	for depth := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = endOfText(raw, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// field returns one field, or nil when there is none or the document is no object.
func (d *document) field(name string) *document {
	d.open()
	for i := range d.fields {
		if string(d.fields[i].name) == name {
			return &d.fields[i].value
		}
	}
	return nil
}

func (d *document) open() {
	if d.opened {
		return
	}
	d.opened = true
	if d.raw[0] != '{' {
		return
	}
	d.fields = make([]field, 0, 5) // as many as a function answers
	for i := 1; d.raw[i] != '}'; {
		end := endOfText(d.raw, i)
		name, _ := (&document{raw: d.raw[i:end]}).content()
		i = endOfValue(d.raw, end+1)                              // behind the colon
		d.set(name, document{raw: slices.Clip(d.raw[end+1 : i])}) // of two equal names the last counts
		if d.raw[i] == ',' {
			i++
		}
	}
}

func (d *document) set(name []byte, value document) {
	for i := range d.fields {
		if bytes.Equal(d.fields[i].name, name) {
			d.fields[i].value = value
			return
		}
	}
	d.fields = append(d.fields, field{name, value})
}

func (d *document) isObject() bool { return d.raw[0] == '{' }

// text returns the content of a JSON string.
func (d *document) text() (string, bool) {
	content, ok := d.content()
	return string(content), ok
}

// content is text without a copy; it is not to be changed.
func (d *document) content() ([]byte, bool) {
	if d.raw[0] != '"' {
		return nil, false
	}
	if inner := d.raw[1 : len(d.raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner, true
	}
	var s string
	err := json.Unmarshal(d.raw, &s)
	return []byte(s), err == nil
}

// with returns the document with one field set, or nil when it is no object. The other fields stay byte for byte.
func (d *document) with(name string, value json.RawMessage) *document {
	if !d.isObject() {
		return nil
	}
	d.open()
	others := slices.DeleteFunc(slices.Clone(d.fields), func(f field) bool { return string(f.name) == name })
	slices.SortFunc(others, func(a, b field) int { return bytes.Compare(a.name, b.name) })
	out := []byte{'{'}
	for _, other := range others {
		out = append(quote(out, string(other.name)), ':')
		out = append(append(out, other.value.raw...), ',')
	}
	out = append(quote(out, name), ':')
	out = append(append(out, value...), '}')
	return &document{raw: out}
}

// quote appends s as a JSON string.
func quote(out []byte, s string) []byte {
	if !strings.ContainsFunc(s, mayNeedEscape) {
		return append(append(append(out, '"'), s...), '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil { // a string always can be
		panic(err)
	}
	return append(out, quoted...)
}

func mayNeedEscape(r rune) bool {
	return r < ' ' || r > '~' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&'
}
