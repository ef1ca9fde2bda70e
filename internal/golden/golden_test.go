package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// failing takes down what a test was told.
type failing struct {
	testing.TB
	told string
}

func (f *failing) Helper() {}

func (f *failing) Errorf(format string, args ...any) { f.told += format }

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.golden")
	if err := os.WriteFile(path, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for got, same := range map[string]bool{"one\ntwo\n": true, "one\ntwo": false, "one\n": false, "one\nto\n": false, "one\ntwo\nthree\n": false, "": false} {
		f := &failing{TB: t}
		if File(f, path, got); (f.told == "") != same {
			t.Errorf("%q: told %q", got, f.told)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, c := range []struct {
		a, b string
		line int
		says string
	}{
		{"a", "a", 0, "|"}, {"a\nb", "a\nc", 2, "b|c"}, {"a", "a\nb", 2, "(the end)|b"}, {"a\nb", "a", 2, "b|(the end)"}, {"", "x", 1, "|x"},
	} {
		if line, a, b := difference(c.a, c.b); line != c.line || strings.Join([]string{a, b}, "|") != c.says {
			t.Errorf("%q and %q: line %d, %q, %q", c.a, c.b, line, a, b)
		}
	}
}
