package yamlfile

// kind is what a value looks like in the text, before anybody asks what it should be.
type kind int

const (
	null kind = iota
	text
	number
	flag
	list
	mapping
)

// node is one value of a file and its place.
type node struct {
	kind    kind
	place   Place
	text    string   // of text, number and flag, without quotes
	items   []*node  // of a list
	members []member // of a mapping, in the order of the text
	filled  bool     // not in the text: a default
}

// member is one line of a mapping.
type member struct {
	key   string
	place Place // of the key
	value *node
}

// get returns the value of a key, nil where there is none.
func (n *node) get(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// Limits of what is read. A file for people is small; whatever is larger is a mistake or an attack, and is refused
// before anything is made of it.
const (
	maxBytes  = 64 << 10
	maxDepth  = 12
	maxTokens = 10_000 // YAML: the parser is quadratic in them where nothing closes
)
