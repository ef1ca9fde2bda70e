package yamlfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// readJSON returns the one value of a JSON text. JSON is read by its own rules, not as YAML: tabs, escapes and very
// long lines are fine in it.
func readJSON(data []byte) (*node, *Problem) {
	r := &jsonReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1, column: 1}
	r.decoder.UseNumber()
	root, err := r.value(1)
	if err == nil {
		at := r.next()
		if _, next := r.decoder.Token(); !errors.Is(next, io.EOF) {
			err = &Problem{Place: at, Text: "goes on after the end of the JSON value, where it must have ended"}
		}
	}
	return root, err
}

type jsonReader struct {
	data         []byte
	decoder      *json.Decoder
	offset       int // up to where line and column were counted
	line, column int
}

// next returns the place of the next token: the decoder stands behind the last one, at white space, a comma or a colon.
func (r *jsonReader) next() Place {
	at := int(r.decoder.InputOffset())
	for at < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[at]) >= 0 {
		at++
	}
	return r.place(at)
}

func (r *jsonReader) place(offset int) Place {
	for r.offset < min(offset, len(r.data)) {
		c, size := utf8.DecodeRune(r.data[r.offset:])
		r.offset += size
		r.column++
		if c == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
	return Place{r.line, r.column}
}

func (r *jsonReader) token() (json.Token, Place, *Problem) {
	at := r.next()
	t, err := r.decoder.Token()
	if err == nil {
		return t, at, nil
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = r.place(int(max(0, syntax.Offset-1)))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, at, &Problem{Place: at, Text: "is not readable as JSON: the text ends too early"}
	}
	return nil, at, &Problem{Place: at, Text: "is not readable as JSON: " + cut(err.Error())}
}

func (r *jsonReader) value(depth int) (*node, *Problem) {
	t, at, problem := r.token()
	if problem != nil {
		return nil, problem
	}
	if depth > maxDepth {
		return nil, tooDeep(at)
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return r.mapping(at, depth)
		}
		return r.list(at, depth)
	case string:
		return &node{kind: text, place: at, text: t}, nil
	case json.Number:
		return &node{kind: number, place: at, text: t.String()}, nil
	case bool:
		return &node{kind: flag, place: at, text: strconv.FormatBool(t)}, nil
	}
	return &node{kind: null, place: at}, nil
}

func (r *jsonReader) list(at Place, depth int) (*node, *Problem) {
	to := &node{kind: list, place: at}
	for r.decoder.More() {
		item, problem := r.value(depth + 1)
		if problem != nil {
			return nil, problem
		}
		to.items = append(to.items, item)
	}
	_, _, problem := r.token()
	return to, problem
}

func (r *jsonReader) mapping(at Place, depth int) (*node, *Problem) {
	to := &node{kind: mapping, place: at}
	for r.decoder.More() {
		key, keyAt, problem := r.token()
		if problem != nil {
			return nil, problem
		}
		value, problem := r.value(depth + 1)
		if problem != nil {
			return nil, problem
		}
		to.members = append(to.members, member{key: fmt.Sprint(key), place: keyAt, value: value})
	}
	_, _, problem := r.token()
	return to, problem
}

// json writes a checked node for encoding/json. Empty lists are left out: they say what nothing says.
func (n *node) json(b *bytes.Buffer) {
	switch n.kind {
	case mapping:
		b.WriteByte('{')
		first := true
		for _, m := range n.members {
			if m.value.kind == list && len(m.value.items) == 0 {
				continue
			}
			if !first {
				b.WriteByte(',')
			}
			first = false
			quoteJSON(b, m.key)
			b.WriteByte(':')
			m.value.json(b)
		}
		b.WriteByte('}')
	case list:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.json(b)
		}
		b.WriteByte(']')
	case text:
		quoteJSON(b, n.text)
	case number, flag:
		b.WriteString(n.text)
	default:
		b.WriteString("null")
	}
}

func quoteJSON(b *bytes.Buffer, text string) {
	quoted, err := json.Marshal(text)
	if err != nil { // a string always has a JSON form
		panic(err)
	}
	b.Write(quoted)
}
