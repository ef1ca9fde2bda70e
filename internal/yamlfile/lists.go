package yamlfile

// List is a list of values of one type.
type List struct {
	Of     Type
	Max    int  // most entries
	Min    int  // fewest entries
	Unique bool // of texts: no entry twice
}

func (l *List) what() string { return "a list" }

func (l *List) check(f *File, n *node, path Path) bool {
	if n.kind != list {
		f.breaks(n.place, path, "is %s but must be a list, each entry %s", n.quote(), l.Of.what())
		return false
	}
	if len(n.items) < l.Min {
		f.breaks(n.place, path, "has no entry but must have at least %d, each %s", l.Min, l.Of.what())
	}
	if len(n.items) > l.Max {
		f.breaks(n.place, path, "has %d entries but must have at most %d", len(n.items), l.Max)
		return false
	}
	first := map[string]int{}
	for i, item := range n.items {
		if !l.Of.check(f, item, path.child(i)) {
			n.items[i] = &node{kind: null, place: item.place}
			continue
		}
		if at, twice := first[item.text]; l.Unique && twice {
			f.breaks(item.place, path.child(i), "is %s, as is entry %d, but must stand in the list once", item.quote(), at)
		}
		first[item.text] = i
	}
	return true
}

// Map is a mapping whose keys are the user's own names.
type Map struct {
	Keys *Text
	Of   Type
	Max  int // most entries
}

func (m *Map) what() string { return "a mapping" }

func (m *Map) check(f *File, n *node, path Path) bool {
	if n.kind != mapping {
		f.breaks(n.place, path, "is %s but must be a mapping", n.quote())
		return false
	}
	if len(n.members) > m.Max {
		f.breaks(n.place, path, "has %d entries but must have at most %d", len(n.members), m.Max)
		return false
	}
	first := map[string]Place{}
	kept := n.members[:0:0]
	for _, entry := range n.members {
		at := path.child(entry.key)
		if before, twice := first[entry.key]; twice {
			f.breaks(entry.place, at, "stands here a second time (first in line %d) but must stand once", before.Line)
			continue
		}
		first[entry.key] = entry.place
		key := &node{kind: text, place: entry.place, text: entry.key}
		if m.Keys.check(f, key, at) && m.Of.check(f, entry.value, at) {
			kept = append(kept, entry)
		}
	}
	n.members = kept
	return true
}
