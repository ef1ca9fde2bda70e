package asl

import (
	"fmt"
	"strings"
)

// expression is what stands behind a field name that ends in ".$": a path, a context path or a function.
// It appends its value to out as JSON.
type expression interface {
	appendTo(out []byte, s *scope) ([]byte, *failure)
}

// scope is what an expression can see.
type scope struct {
	data  *document
	run   *Run
	state string
}

// maxNesting is how deep functions may stand in each other. Source: Step Functions Developer Guide, intrinsics.
const maxNesting = 10

// parser reads one expression from left to right.
type parser struct {
	text string
	rest string
}

func parseExpression(text string) (expression, error) {
	p := &parser{text: text, rest: text}
	e, err := p.expression(0)
	if err == nil && p.rest != "" {
		err = p.errorf("is followed by %q", p.rest)
	}
	return e, err
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("%q %s", p.text, fmt.Sprintf(format, args...))
}

func (p *parser) expression(depth int) (expression, error) {
	if depth > maxNesting {
		return nil, p.errorf("nests functions deeper than %d", maxNesting)
	}
	switch {
	case strings.HasPrefix(p.rest, "'"):
		return p.literal()
	case strings.HasPrefix(p.rest, "$$."):
		return parseContext(p.word())
	case strings.HasPrefix(p.rest, "$"):
		found, err := parsePath(p.word())
		return pathValue(found), err
	}
	name, arguments, found := strings.Cut(p.rest, "(")
	if !found {
		return nil, p.errorf("is not an expression; it must be a path, a context path or a function")
	}
	p.rest = arguments
	values, err := p.arguments(depth)
	if err != nil {
		return nil, err
	}
	switch name {
	case "States.Format":
		return newFormat(p, values)
	case "States.JsonToString":
		if len(values) != 1 {
			return nil, p.errorf("gives States.JsonToString %d arguments; it takes one", len(values))
		}
		return jsonToString{values[0]}, nil
	}
	return nil, p.errorf("calls %q, a function this interpreter does not know", name)
}

// word takes a path: everything up to a comma, a bracket or a space.
func (p *parser) word() string {
	end := strings.IndexAny(p.rest, ", )")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

// arguments takes what stands between brackets, the closing one included.
func (p *parser) arguments(depth int) ([]expression, error) {
	var values []expression
	for {
		p.rest = strings.TrimLeft(p.rest, " ")
		value, err := p.expression(depth + 1)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		p.rest = strings.TrimLeft(p.rest, " ")
		switch {
		case strings.HasPrefix(p.rest, ","):
			p.rest = p.rest[1:]
		case strings.HasPrefix(p.rest, ")"):
			p.rest = p.rest[1:]
			return values, nil
		default:
			return nil, p.errorf("lacks a comma or a closing bracket")
		}
	}
}

// literal takes a string in single quotes and leaves its escapes in place: States.Format must tell {} from \{\}.
func (p *parser) literal() (expression, error) {
	for i := 1; i < len(p.rest); i++ {
		switch p.rest[i] {
		case '\\':
			i++
		case '\'':
			text := p.rest[1:i]
			p.rest = p.rest[i+1:]
			return literal(text), nil
		}
	}
	return nil, p.errorf("lacks a closing quote")
}

// literal is a quoted string with its escapes.
type literal string

func (l literal) appendTo(out []byte, _ *scope) ([]byte, *failure) {
	return quote(out, unescape(string(l))), nil
}

// unescape takes a backslash from before the character that it protects.
func unescape(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// format is States.Format: pieces[0] values[0] pieces[1] ... pieces[n].
type format struct {
	pieces []string
	values []expression
}

func newFormat(p *parser, arguments []expression) (expression, error) {
	template, ok := arguments[0].(literal)
	if !ok {
		return nil, p.errorf("gives States.Format a template that is not a string in quotes")
	}
	f := format{values: arguments[1:]}
	piece := 0
	for i := 0; i < len(template); i++ {
		switch {
		case template[i] == '\\':
			i++
		case strings.HasPrefix(string(template[i:]), "{}"):
			f.pieces = append(f.pieces, unescape(string(template[piece:i])))
			i++
			piece = i + 1
		case template[i] == '{' || template[i] == '}':
			return nil, p.errorf("has a brace that is neither {} nor escaped with a backslash")
		}
	}
	f.pieces = append(f.pieces, unescape(string(template[piece:])))
	if holes := len(f.pieces) - 1; holes != len(f.values) {
		return nil, p.errorf("has %d {} but %d values for them", holes, len(f.values))
	}
	return f, nil
}

func (f format) appendTo(out []byte, s *scope) ([]byte, *failure) {
	var text strings.Builder
	for i, value := range f.values {
		text.WriteString(f.pieces[i])
		raw, err := value.appendTo(nil, s)
		if err != nil {
			return nil, err
		}
		d := &document{raw: raw}
		content, isText := d.text()
		switch {
		case isText:
			text.WriteString(content)
		case raw[0] == '{' || raw[0] == '[':
			return nil, &failure{errRuntime, "States.Format takes strings, numbers, booleans and null, not " + string(raw)}
		default:
			text.Write(raw)
		}
	}
	text.WriteString(f.pieces[len(f.pieces)-1])
	return quote(out, text.String()), nil
}

// jsonToString is States.JsonToString.
type jsonToString struct{ value expression }

func (j jsonToString) appendTo(out []byte, s *scope) ([]byte, *failure) {
	raw, err := j.value.appendTo(nil, s)
	if err != nil {
		return nil, err
	}
	return quote(out, string(raw)), nil
}

// pathValue is a path as an expression.
type pathValue path

func (p pathValue) appendTo(out []byte, s *scope) ([]byte, *failure) {
	found := path(p).in(s.data)
	if found == nil {
		return nil, &failure{errRuntime, fmt.Sprintf("the path %s leads nowhere in the state's input", path(p))}
	}
	return append(out, found.raw...), nil
}
