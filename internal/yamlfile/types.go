package yamlfile

import (
	"fmt"
	"slices"
	"strings"
)

// Type says what may stand at one place of a file.
type Type interface {
	check(f *File, n *node, path Path) bool // notes problems; false drops the value
	schema() *Schema
	what() string // completes "must be"
}

// Object is a mapping with known fields.
type Object struct {
	Fields []Field
	OneOf  []string // exactly one of these fields must be there
}

// Field is one field of an Object.
type Field struct {
	Name     string
	Doc      string // what it means, with unit; a sentence without its full stop
	Type     Type
	Required bool
	Default  any    // string, number, bool; Filled for an object with defaults of its own; nil for none
	Else     string // what a field without Default means when it is left out, for the schema
}

// Filled is the Default of an object that is made of its fields' defaults.
type Filled struct{}

func (o *Object) what() string {
	names := o.names()
	if len(names) > 1 && slices.Equal(names, o.OneOf) {
		return "a mapping with one of " + enumerate(names)
	}
	return "a mapping with " + enumerate(names)
}

func (o *Object) names() []string {
	var names []string
	for _, field := range o.Fields {
		names = append(names, field.Name)
	}
	return names
}

func (o *Object) check(f *File, n *node, path Path) bool {
	if n.kind != mapping {
		f.breaks(n.place, path, "is %s but must be %s", n.quote(), o.what())
		return false
	}
	written, meant := o.known(f, n, path)
	n.members = n.members[:0:0]
	for _, field := range o.Fields {
		value, ok := written[field.Name]
		switch {
		case ok && !field.Type.check(f, value.value, path.child(field.Name)):
			continue
		case ok:
			n.members = append(n.members, value)
		case field.Required && !meant[field.Name]:
			f.breaks(n.place, path.child(field.Name), "is missing but must be given: %s", lower(field.Doc))
		case field.Default != nil:
			n.members = append(n.members, member{key: field.Name, value: field.filled(f)})
		}
	}
	if !slices.ContainsFunc(o.OneOf, func(name string) bool { return meant[name] }) {
		o.checkOneOf(f, n, path, written)
	}
	return true
}

// known returns the members that the table knows, each once, and reports the others; meant are the fields that a
// misspelt name was probably meant for, which need not be called missing too.
func (o *Object) known(f *File, n *node, path Path) (written map[string]member, meant map[string]bool) {
	written, meant = make(map[string]member, len(n.members)), map[string]bool{}
	names := o.names()
	for _, m := range n.members {
		first, twice := written[m.key]
		switch {
		case !slices.Contains(names, m.key):
			name := nearest(m.key, names)
			meant[name] = true
			f.broken = append(f.broken, path.child(name))
			f.breaks(m.place, path.child(m.key), "is not known %s", f.advice(m.key, name, names, path))
		case twice:
			f.breaks(m.place, path.child(m.key), "stands here a second time (first in line %d) but must stand once", first.place.Line)
		default:
			written[m.key] = m
		}
	}
	return written, meant
}

func (f *File) advice(unknown, nearest string, names []string, path Path) string {
	where := "here"
	if len(path) > 0 {
		where = "in " + path.String()
	}
	if nearest != "" {
		return fmt.Sprintf("%s; did you mean %s?", where, nearest)
	}
	if home := f.top.home(unknown); home != nil {
		return fmt.Sprintf("%s; it belongs in %s", where, home)
	}
	return fmt.Sprintf("%s; known are %s", where, enumerate(names))
}

// home finds where in the table a name is known, below its top.
func (o *Object) home(name string) Path {
	for _, field := range o.Fields {
		inner, ok := field.Type.(*Object)
		if !ok {
			continue
		}
		here := At(field.Name)
		if slices.Contains(inner.names(), name) {
			return here
		}
		if deeper := inner.home(name); deeper != nil {
			return append(here, deeper...)
		}
	}
	return nil
}

func (o *Object) checkOneOf(f *File, n *node, path Path, written map[string]member) {
	if len(o.OneOf) == 0 {
		return
	}
	var named []string
	for _, name := range o.OneOf {
		if _, ok := written[name]; ok {
			named = append(named, name)
		}
	}
	switch {
	case len(named) == 0 && len(o.OneOf) == 1:
		f.breaks(n.place, path.child(o.OneOf[0]), "is missing but must be given: %s", lower(o.field(o.OneOf[0]).Doc))
	case len(named) == 0:
		f.breaks(n.place, path, "has none of %s but must have exactly one", enumerate(o.OneOf))
	case len(named) > 1:
		f.breaks(written[named[1]].place, path, "has %s but must have exactly one of them", enumerate(named))
	}
}

func (o *Object) field(name string) Field {
	return o.Fields[slices.IndexFunc(o.Fields, func(f Field) bool { return f.Name == name })]
}

// filled makes the value of a field that is left out.
func (field Field) filled(f *File) *node {
	n := &node{filled: true}
	switch value := field.Default.(type) {
	case string:
		n.kind, n.text = text, value
	case bool:
		n.kind, n.text = flag, fmt.Sprint(value)
	case Filled:
		n.kind = mapping
		field.Type.check(f, n, nil)
	default:
		n.kind, n.text = number, fmt.Sprint(value)
	}
	return n
}

// lower begins a sentence as the rest of another one; an abbreviation stays as it is.
func lower(sentence string) string {
	if len(sentence) > 1 && sentence[1] >= 'A' && sentence[1] <= 'Z' {
		return sentence
	}
	return strings.ToLower(sentence[:1]) + sentence[1:]
}

// enumerate writes names as a person does: a, b and c.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
