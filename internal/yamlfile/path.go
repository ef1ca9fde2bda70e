package yamlfile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Path names a value within a file: keys (string) and indexes (int) from the top.
type Path []any

// At returns the path of the given keys and indexes: At("plan", "steps", 1, "weight").
func At(elements ...any) Path { return elements }

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// String returns the path as people read it: plan.steps[1].weight.
func (p Path) String() string {
	var b strings.Builder
	for _, element := range p {
		switch element := element.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(element) + "]")
		case string:
			switch {
			case !plainName.MatchString(element):
				b.WriteString("[" + Quote(element) + "]")
			case b.Len() > 0:
				b.WriteString("." + element)
			default:
				b.WriteString(element)
			}
		}
	}
	return b.String()
}

// child returns the path of something within p.
func (p Path) child(element any) Path { return append(slices.Clip(p), element) }

// related reports whether one of the paths leads to, or through, the other.
func (p Path) related(other Path) bool {
	n := min(len(p), len(other))
	return slices.Equal(p[:n], other[:n])
}

// find follows the path from n as far as it leads, and says whether that was all the way.
func (p Path) find(n *node) (at *node, all bool) {
	for _, element := range p {
		var next *node
		switch element := element.(type) {
		case string:
			next = n.get(element)
		case int:
			if element < len(n.items) {
				next = n.items[element]
			}
		}
		if next == nil || next.filled {
			return n, false
		}
		n = next
	}
	return n, true
}
