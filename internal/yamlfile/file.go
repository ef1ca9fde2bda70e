package yamlfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/serin-aws/serin/internal/release"
)

// File is a file that was read: its values with their places, defaults filled in, and the problems found so far.
type File struct {
	Name     string
	top      *Object
	root     *node
	problems Problems
	broken   []Path // where the table of types was not kept
}

// Open reads the named file, at most one byte more than Read accepts.
func Open(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, release.Errorf(release.Invalid, "", "%w", err)
	}
	defer file.Close() //nolint:errcheck // nothing was written
	return Limited(file)
}

// Limited reads at most one byte more than Read accepts, so that a huge file costs nothing.
func Limited(in io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err != nil {
		return nil, release.Errorf(release.Invalid, "", "%w", err)
	}
	return data, nil
}

// Read reads YAML, or JSON where the name ends in .json or the text is a whole JSON value, and holds it against the
// table of types. The error is for a text in which nothing can be found; all other problems wait in the File for Err.
func Read(name string, data []byte, top *Object) (*File, error) {
	f := &File{Name: name, top: top}
	root, problem := parse(name, data)
	if problem != nil {
		problem.File = name
		return nil, Problems{*problem}.Err()
	}
	f.root = root
	if !top.check(f, root, nil) {
		return nil, f.Err()
	}
	return f, nil
}

func parse(name string, data []byte) (*node, *Problem) {
	if len(data) > maxBytes {
		return nil, &Problem{Text: fmt.Sprintf("is larger than %d KB, where a file for people is a few KB; is it the right file?", maxBytes>>10)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if at, why := unprintable(data); why != "" {
		return nil, &Problem{Place: at, Text: why}
	}
	if strings.HasSuffix(name, ".json") || startsJSON(data) {
		return readJSON(data)
	}
	return readYAML(data)
}

// startsJSON reports whether a text is JSON although its name does not say so, as a parameter's text is. A YAML flow
// mapping begins with a brace too, so only the whole text can tell.
func startsJSON(data []byte) bool {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(data)
}

// unprintable finds what no text of a person holds: bytes that are not UTF-8, control characters.
func unprintable(data []byte) (Place, string) {
	at := Place{1, 1}
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		switch {
		case c == utf8.RuneError && size <= 1:
			return at, "is not UTF-8 text"
		case c < ' ' && c != '\n' && c != '\r' && c != '\t', c >= 0x7f && c <= 0x9f:
			return at, fmt.Sprintf("is the control character %U, where a text has none", c)
		case c == '\n':
			at.Line, at.Column = at.Line+1, 0
		}
		at.Column++
		data = data[size:]
	}
	return Place{}, ""
}

// Decode puts what was read into a Go value by its JSON tags. Values that broke the table were reported and are left
// out. An error means that the table and the Go types disagree.
func (f *File) Decode(into any) error {
	var b bytes.Buffer
	f.root.json(&b)
	decoder := json.NewDecoder(&b)
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// Given reports whether the file itself says something at the path.
func (f *File) Given(path Path) bool {
	_, all := path.find(f.root)
	return all
}

// Wrong notes a problem that a rule of meaning found, at the path's place or at what is nearest around it. Where the
// table of types was broken at, above or below the path, the rule has judged by a gap, and its problem is dropped.
func (f *File) Wrong(path Path, format string, args ...any) {
	for _, broken := range f.broken {
		if broken.related(path) {
			return
		}
	}
	at, _ := path.find(f.root)
	f.add(at.place, path, format, args...)
}

// breaks notes a problem with the table of types itself.
func (f *File) breaks(at Place, path Path, format string, args ...any) {
	f.broken = append(f.broken, path)
	f.add(at, path, format, args...)
}

func (f *File) add(at Place, path Path, format string, args ...any) {
	f.problems = append(f.problems, Problem{File: f.Name, Place: at, Path: path.String(), Text: fmt.Sprintf(format, args...)})
}

// Err returns all problems in the order of their places, as Problems.Err does.
func (f *File) Err() error { return f.problems.Err() }
