package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// object reads the fields of a JSON object strictly. encoding/json alone would take "next" for "Next", the last of
// two equal names and null for zero; on AWS each of these means something else or is refused.
//
// The first problem is kept and later reads return zero values, so that a caller reads all its fields and then asks
// once, with done.
type object struct {
	at     string // for messages: `state "Bake"`
	names  []string
	fields map[string]json.RawMessage
	err    error
}

func readObject(at string, raw json.RawMessage) *object {
	o := &object{at: at, fields: map[string]json.RawMessage{}}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		o.fail("must be a JSON object%s", because(err))
		return o
	}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			o.fail("is not valid JSON%s", because(err))
			return o
		}
		name, _ := token.(string) // the decoder only gives strings here
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			o.fail("field %q is not valid JSON%s", name, because(err))
			return o
		}
		if _, twice := o.fields[name]; twice {
			o.fail("has the field %q twice; keep one", name)
		}
		o.names = append(o.names, name)
		o.fields[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		o.fail("is not valid JSON%s", because(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		o.fail("is followed by something else; it must stand alone")
	}
	return o
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// fail keeps the first problem.
func (o *object) fail(format string, args ...any) {
	if o.err == nil {
		o.err = fmt.Errorf("%s "+format, append([]any{o.at}, args...)...)
	}
}

// done returns the first problem, or an error for a field that nobody has read.
func (o *object) done() error {
	for _, name := range o.names {
		if _, left := o.fields[name]; left {
			o.fail("has the field %q, which this interpreter does not know", name)
		}
	}
	return o.err
}

// has tells whether a field stands there and has not been read.
func (o *object) has(name string) bool {
	_, ok := o.fields[name]
	return ok
}

// take returns a field as it stands, or nil.
func (o *object) take(name string) json.RawMessage {
	raw := o.fields[name]
	delete(o.fields, name)
	return raw
}

// need is take for a field that must stand there.
func (o *object) need(name string) json.RawMessage {
	if !o.has(name) {
		o.fail("lacks the field %q", name)
		return nil
	}
	return o.take(name)
}

// decode takes a field that must stand there and must not be null.
func decode[T any](o *object, name, kind string) T {
	var value T
	raw := o.need(name)
	if raw == nil {
		return value
	}
	if isNull(raw) || json.Unmarshal(raw, &value) != nil {
		o.fail("field %q must be %s, not %s", name, kind, raw)
	}
	return value
}

func (o *object) text(name string) string {
	value := decode[string](o, name, "a string")
	if value == "" {
		o.fail("field %q must not be empty", name)
	}
	return value
}

func (o *object) flag(name string) bool { return decode[bool](o, name, "true or false") }

// whole reads an integer within bounds.
func (o *object) whole(name string, low, high int) int {
	value := decode[int](o, name, "a whole number")
	if o.err == nil && (value < low || value > high) {
		o.fail("field %q is %d but must be from %d to %d", name, value, low, high)
	}
	return value
}

func (o *object) wholeOr(name string, low, high, otherwise int) int {
	if !o.has(name) {
		return otherwise
	}
	return o.whole(name, low, high)
}

// comment drops a field that people read and machines do not.
func (o *object) comment() {
	if o.has("Comment") {
		decode[string](o, "Comment", "a string")
	}
}

// list reads an array of at least one element, each of them named in messages.
func (o *object) list(name string) []*object {
	items := decode[[]json.RawMessage](o, name, "an array")
	if len(items) == 0 {
		o.fail("field %q must not be empty", name)
	}
	objects := make([]*object, len(items))
	for i, item := range items {
		objects[i] = readObject(o.at+" "+name+"["+strconv.Itoa(i)+"]", item)
	}
	return objects
}

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }
