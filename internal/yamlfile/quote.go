package yamlfile

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxQuoted bounds what an error repeats of a value, in characters: the value may be a secret in the wrong file.
const maxQuoted = 80

func cut(value string) string {
	if utf8.RuneCountInString(value) <= maxQuoted {
		return value
	}
	return string([]rune(value)[:maxQuoted-3]) + "..."
}

// Quote returns a value in quotes, cut, and without anything that a terminal would obey.
func Quote(value string) string { return strconv.Quote(cut(value)) }

// quote says what a value is, in an error's words.
func (n *node) quote() string {
	switch n.kind {
	case text:
		return Quote(n.text)
	case number:
		return cut(n.text)
	case flag:
		return n.text
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	}
	return "empty"
}

// nearest returns the known name that an unknown one most resembles, or nothing where none is close: as many letters
// may differ as a third of the name has, at least two.
func nearest(unknown string, known []string) string {
	unknown = strings.ToLower(cut(unknown))
	best, least := "", max(2, len(unknown)/3)+1
	for _, name := range known {
		if d := distance(unknown, strings.ToLower(name)); d < least && d < len(name) {
			best, least = name, d
		}
	}
	return best
}

// distance is how many letters must be added, dropped, exchanged or swapped with their neighbour to turn a into b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			differs := 1
			if a[i-1] == b[j-1] {
				differs = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+differs)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
