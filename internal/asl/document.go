package asl

import (
	"bytes"
	"encoding/json"
	"slices"
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
	fields map[string]*document // nil when it is no object
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
	return d.fields[name]
}

func (d *document) open() {
	if d.opened {
		return
	}
	d.opened = true
	if d.raw[0] != '{' {
		return
	}
	d.fields = map[string]*document{}
	for i := 1; d.raw[i] != '}'; {
		end := endOfText(d.raw, i)
		name, _ := (&document{raw: d.raw[i:end]}).text()
		i = endOfValue(d.raw, end+1)                                   // behind the colon
		d.fields[name] = &document{raw: slices.Clip(d.raw[end+1 : i])} // of two equal names the last counts
		if d.raw[i] == ',' {
			i++
		}
	}
}

func (d *document) isObject() bool { return d.raw[0] == '{' }

// text returns the content of a JSON string.
func (d *document) text() (string, bool) {
	if d.raw[0] != '"' {
		return "", false
	}
	if inner := d.raw[1 : len(d.raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), true
	}
	var s string
	err := json.Unmarshal(d.raw, &s)
	return s, err == nil
}

// with returns the document with one field set, or nil when it is no object. The other fields stay byte for byte.
func (d *document) with(name string, value json.RawMessage) *document {
	if !d.isObject() {
		return nil
	}
	d.open()
	names := make([]string, 0, len(d.fields)+1)
	for other := range d.fields {
		if other != name {
			names = append(names, other)
		}
	}
	slices.Sort(names)
	out := []byte{'{'}
	for _, other := range names {
		out = append(quote(out, other), ':')
		out = append(append(out, d.fields[other].raw...), ',')
	}
	out = append(quote(out, name), ':')
	out = append(append(out, value...), '}')
	return &document{raw: out}
}

// quote appends s as a JSON string.
func quote(out []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // a string always can be
		panic(err)
	}
	return append(out, quoted...)
}
