package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// Place is where something stands in a file. Lines and columns count from 1, columns in characters.
type Place struct {
	Line, Column int
}

// Problem is one mistake in a file: place, what, why, what would be right.
type Problem struct {
	File  string
	Place Place  // zero where the file as a whole is wrong
	Path  string // like plan.steps[1].weight; empty for the whole file
	Text  string // like "is 10 but must rise above the step before it (25)"
}

// String returns the problem as "file:line:column: path text".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Place.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Place.Line, p.Place.Column)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + " ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems are all mistakes of a file, in the order of their places.
type Problems []Problem

// shownProblems bounds an error text: who reads it repairs the first ones first.
const shownProblems = 20

// Error returns a line for each problem, the first twenty of them.
func (p Problems) Error() string {
	var lines []string
	for _, problem := range p[:min(len(p), shownProblems)] {
		lines = append(lines, problem.String())
	}
	if more := len(p) - shownProblems; more > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more", p[0].File, more))
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems in the order of their places, as a *release.Error with code Invalid; nil where there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(a.Place.Line-b.Place.Line, a.Place.Column-b.Place.Column)
	})
	return &release.Error{Code: release.Invalid, Err: p}
}
