package asl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// template is a Parameters field, taken apart once: literal JSON text with expressions between.
type template struct {
	pieces []piece
}

// piece is some literal JSON text and, behind it, an expression or nothing.
type piece struct {
	text  []byte
	value expression
}

// readTemplate compiles an object whose field names may end in ".$", at any depth.
func readTemplate(o *object) *template {
	t := &template{}
	t.object(o)
	return t
}

func (t *template) text(text string) {
	if n := len(t.pieces); n > 0 && t.pieces[n-1].value == nil {
		t.pieces[n-1].text = append(t.pieces[n-1].text, text...)
		return
	}
	t.pieces = append(t.pieces, piece{text: []byte(text)})
}

func (t *template) expression(value expression) {
	t.text("")
	t.pieces[len(t.pieces)-1].value = value
}

func (t *template) object(o *object) {
	t.text("{")
	for i, name := range o.names {
		if i > 0 {
			t.text(",")
		}
		plain, dynamic := strings.CutSuffix(name, ".$")
		t.text(string(quote(nil, plain)) + ":")
		if !dynamic {
			t.value(o, name)
			continue
		}
		if slices.Contains(o.names, plain) {
			o.fail("has both %q and %q", plain, name)
		}
		value, err := parseExpression(decode[string](o, name, "a string"))
		if err != nil {
			o.fail("field %q: %v", name, err)
		}
		t.expression(value)
	}
	t.text("}")
}

// value compiles a plain field: another object, an array or something literal.
func (t *template) value(o *object, name string) {
	raw := o.take(name)
	at := o.at + "." + name
	switch {
	case bytes.HasPrefix(raw, []byte("{")):
		t.nested(o, at, raw)
	case bytes.HasPrefix(raw, []byte("[")):
		t.array(o, at, raw)
	default:
		t.text(string(raw))
	}
}

func (t *template) nested(o *object, at string, raw json.RawMessage) {
	inner := readObject(at, raw)
	t.object(inner)
	if err := inner.done(); err != nil && o.err == nil {
		o.err = err
	}
}

func (t *template) array(o *object, at string, raw json.RawMessage) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil { // the decoder has accepted it before
		o.fail("is not valid JSON")
	}
	t.text("[")
	for i, item := range items {
		if i > 0 {
			t.text(",")
		}
		inner := &object{at: at, fields: map[string]json.RawMessage{"": item}}
		t.value(inner, "")
		if inner.err != nil && o.err == nil {
			o.err = inner.err
		}
	}
	t.text("]")
}

// fill returns the parameters for one attempt of a task.
func (t *template) fill(s *scope) (json.RawMessage, *failure) {
	out := make([]byte, 0, 512+len(s.run.input.raw))
	for _, p := range t.pieces {
		out = append(out, p.text...)
		if p.value == nil {
			continue
		}
		var err *failure
		if out, err = p.value.appendTo(out, s); err != nil {
			return nil, err
		}
	}
	if len(out) > maxPayload {
		return nil, &failure{errTooBig, fmt.Sprintf("the task's parameters hold %d bytes, more than %d", len(out), maxPayload)}
	}
	return out, nil
}
