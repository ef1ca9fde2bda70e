package minutes

import (
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// Problem is the first mistake of a file: place, what, why, what would be right.
type Problem struct {
	File   string
	Line   int    // from 1
	Column int    // from 1, in bytes
	Field  string // the column's name; empty where the line as a whole is wrong
	Text   string // like "is -3 but cannot be negative"
}

// Error returns "file:line:column: field text".
func (p *Problem) Error() string {
	text := p.Text
	if p.Field != "" {
		text = p.Field + " " + text
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, text)
}

// fault is a mistake whose place in the file is not known yet.
type fault struct {
	at          int // byte in the line, from 0
	field, text string
}

// ok reports whether there is no mistake.
func (f fault) ok() bool { return f.text == "" }

// problem returns a mistake of the newest line as an error with the code Invalid.
func (r *Reader) problem(f fault) error {
	return &release.Error{Code: release.Invalid, Err: &Problem{File: r.name, Line: r.line, Column: f.at + 1, Field: f.field, Text: f.text}}
}
