// Package golden holds what tests make to files that somebody has read. With -update a test writes them anew.
package golden

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Updating reports whether a test is to write what it would compare with.
func Updating() bool { return *update }

// Text holds a text to testdata/<name>.golden.
func Text(t testing.TB, name, got string) {
	t.Helper()
	File(t, filepath.Join("testdata", name+".golden"), got)
}

// File holds what a test made to a file.
func File[T string | []byte](t testing.TB, path string, got T) {
	t.Helper()
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if line, made, known := difference(string(got), string(want)); line > 0 {
		t.Errorf("%s differs from line %d on; look at the change and run the test with -update if it is meant\n  now:  %s\n  file: %s", path, line, made, known)
	}
}

// difference returns the first line, from 1, in which two texts differ, and what stands there; 0 where there is none.
func difference(a, b string) (line int, inA, inB string) {
	if a == b {
		return 0, "", ""
	}
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for line < min(len(as), len(bs)) && as[line] == bs[line] {
		line++
	}
	at := func(lines []string) string {
		if line < len(lines) {
			return lines[line]
		}
		return "(the end)"
	}
	return line + 1, at(as), at(bs)
}
