package door

import "slices"

// Lists gives answers that are lists of what changes seldom, and is looked at again and again. A list of the same
// elements is answered by the same memory as before, which nobody writes to: an element that changes is another one. The
// zero value has given none.
type Lists[T any] struct {
	given [4]list[T] // the last ones: callers ask for a few in turn
	next  int
}

type list[T any] struct {
	of     []*T
	copies []T
}

// Of returns a list of the elements' values.
func (l *Lists[T]) Of(elements []*T) []T {
	for i := range l.given {
		if g := &l.given[i]; g.copies != nil && slices.Equal(g.of, elements) {
			return g.copies
		}
	}
	fresh := list[T]{of: slices.Clone(elements), copies: make([]T, len(elements))}
	for i, e := range elements {
		fresh.copies[i] = *e
	}
	l.given[l.next] = fresh
	l.next = (l.next + 1) % len(l.given)
	return fresh.copies
}
