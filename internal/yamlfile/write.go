package yamlfile

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// YAML writes the values as a person would, a line each. The remark of a path, where there is one, follows its value
// as a comment.
func (f *File) YAML(remark func(Path) string) []byte {
	w := &writer{remark: remark}
	w.mapping(f.root, nil, 0)
	return w.b.Bytes()
}

type writer struct {
	b      bytes.Buffer
	remark func(Path) string
}

const indent = "  "

func (w *writer) mapping(n *node, path Path, depth int) {
	for i, m := range n.members {
		if i > 0 || !w.afterDash() {
			w.b.WriteString(strings.Repeat(indent, depth))
		}
		w.b.WriteString(scalar(m.key) + ":")
		w.value(m.value, path.child(m.key), depth)
	}
}

// afterDash reports whether the line has begun with the dash of a list.
func (w *writer) afterDash() bool { return bytes.HasSuffix(w.b.Bytes(), []byte("- ")) }

// value writes what follows "key:".
func (w *writer) value(n *node, path Path, depth int) {
	switch {
	case n.kind == mapping && len(n.members) > 0:
		w.end("", path)
		w.mapping(n, path, depth+1)
	case n.kind == list && len(n.items) > 0:
		w.end("", path)
		w.list(n, path, depth+1)
	default:
		w.end(" "+n.scalar(), path)
	}
}

func (w *writer) list(n *node, path Path, depth int) {
	for i, item := range n.items {
		w.b.WriteString(strings.Repeat(indent, depth) + "- ")
		switch {
		case item.kind == mapping && len(item.members) > 0:
			w.mapping(item, path.child(i), depth+1)
		default:
			w.end(item.scalar(), path.child(i))
		}
	}
}

func (w *writer) end(text string, path Path) {
	w.b.WriteString(text)
	if remark := w.remark(path); remark != "" {
		w.b.WriteString(" # " + remark)
	}
	w.b.WriteByte('\n')
}

// scalar writes what fits one line: a scalar, or something empty.
func (n *node) scalar() string {
	switch n.kind {
	case text:
		return scalar(n.text)
	case mapping:
		return "{}"
	case list:
		return "[]"
	}
	return n.text
}

var (
	plainText     = regexp.MustCompile(`^([A-Za-z]|[0-9]+[dhms%/])([A-Za-z0-9 _./@%:-]*[A-Za-z0-9_./@%-])?$`)
	lookDifferent = []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"}
)

// scalar writes a text plainly where every reader of YAML takes it for a text, and quoted elsewhere.
func scalar(value string) string {
	if plainText.MatchString(value) && !strings.Contains(value, ": ") && !slices.Contains(lookDifferent, strings.ToLower(value)) {
		return value
	}
	var b bytes.Buffer
	quoteJSON(&b, value)
	return b.String()
}
