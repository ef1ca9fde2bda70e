package faults

import "slices"

// Shorten returns a part of a list of faults that still breaks what the whole list breaks, and of which no fault can
// be left out: Zeller's ddmin. broken runs a list; it is called at most tries times, after which what was reached is
// returned.
func Shorten(list []Fault, tries int, broken func([]Fault) bool) []Fault {
	parts := 2
	for len(list) > 1 {
		shorter, ok := without(list, parts, &tries, broken)
		switch {
		case tries <= 0:
			return shorter
		case ok:
			list, parts = shorter, max(2, parts-1)
		case parts >= len(list):
			return list
		default:
			parts = min(len(list), 2*parts)
		}
	}
	return list
}

// without returns the list without the first of its parts that is not needed; ok is false where all are.
func without(list []Fault, parts int, tries *int, broken func([]Fault) bool) (shorter []Fault, ok bool) {
	size := (len(list) + parts - 1) / parts
	for from := 0; from < len(list) && *tries > 0; from += size {
		rest := slices.Concat(list[:from], list[min(len(list), from+size):])
		*tries--
		if broken(rest) {
			return rest, true
		}
	}
	return list, false
}
