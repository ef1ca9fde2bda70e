package asl

import (
	"fmt"
	"regexp"
	"strings"
)

// path is a reference path into the state's data: "$" or "$.name.name". Filters, indexes and brackets are not known.
type path []string

var pathForm = regexp.MustCompile(`^\$(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

func parsePath(text string) (path, error) {
	if !pathForm.MatchString(text) {
		return nil, fmt.Errorf("%q is not a path this interpreter knows; it must be like $ or $.name.name", text)
	}
	return strings.Split(text, ".")[1:], nil
}

func (p path) String() string { return strings.Join(append([]string{"$"}, p...), ".") }

// in returns what the path leads to, or nil.
func (p path) in(d *document) *document {
	for _, name := range p {
		if d = d.field(name); d == nil {
			return nil
		}
	}
	return d
}

// resultPath says where a result goes: in place of the data (nil), nowhere (discard), or into one field of it.
type resultPath struct {
	discard bool
	field   string
}

// resultPath reads "ResultPath"; the default is to replace the data.
func (o *object) resultPath() resultPath {
	if !o.has("ResultPath") {
		return resultPath{}
	}
	if raw := o.fields["ResultPath"]; isNull(raw) {
		o.take("ResultPath")
		return resultPath{discard: true}
	}
	text := o.text("ResultPath")
	p, err := parsePath(text)
	if o.err == nil && (err != nil || len(p) > 1) {
		o.fail("field \"ResultPath\" is %q but must be null, $ or $.name", text)
	}
	if o.err != nil || len(p) == 0 {
		return resultPath{}
	}
	return resultPath{field: p[0]}
}

// put returns the data with the result in its place.
func (r resultPath) put(data, result *document) (*document, *failure) {
	switch {
	case r.discard:
		return data, nil
	case r.field == "":
		return result, nil
	}
	merged := data.with(r.field, result.raw)
	if merged == nil {
		return nil, &failure{name: errResultPath, cause: fmt.Sprintf(
			"ResultPath $.%s cannot be applied to data that is no object", r.field)}
	}
	return merged, nil
}

// path reads a field that holds a path into the data.
func (o *object) path(name string) path {
	p, err := parsePath(o.text(name))
	if err != nil {
		o.fail("field %q: %v", name, err)
	}
	return p
}
