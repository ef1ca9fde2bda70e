package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// A locale that is not UTF-8 gets signs that every terminal has, each as wide as the one that it stands for.
func TestSignsOfAnotherLocale(t *testing.T) {
	for locale, want := range map[string]string{
		"LANG=de_DE.UTF-8": "\u2716 FAIL \u2588\u2591 ▁▇ \u2026 Jos\u00e9", "LC_CTYPE=C.utf8": "\u2716 FAIL \u2588\u2591 ▁▇ \u2026 Jos\u00e9", "NONE=": "\u2716 FAIL \u2588\u2591 ▁▇ \u2026 Jos\u00e9",
		"LC_ALL=C": "x FAIL #. _* ~ Jos?", "LANG=de_DE.ISO-8859-1": "x FAIL #. _* ~ Jos?", "LC_CTYPE=POSIX": "x FAIL #. _* ~ Jos?",
	} {
		t.Run(locale, func(t *testing.T) {
			file, err := os.Create(filepath.Join(t.TempDir(), "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close() //nolint:errcheck // it is read below
			out := output(file, func(name string) string {
				if len(locale) > len(name) && locale[:len(name)+1] == name+"=" {
					return locale[len(name)+1:]
				}
				return ""
			})
			const text = "\u2716 FAIL \u2588\u2591 ▁▇ \u2026 Jos\u00e9"
			if n, err := fmt.Fprint(out, text); n != len(text) || err != nil {
				t.Errorf("wrote %d of %d, %v", n, len(text), err)
			}
			if n, err := io.WriteString(out, text); n != len(text) || err != nil {
				t.Errorf("wrote %d of %d, %v", n, len(text), err)
			}
			if n, err := io.Copy(out, strings.NewReader(text)); n != int64(len(text)) || err != nil {
				t.Errorf("copied %d of %d, %v", n, len(text), err)
			}
			if got, err := os.ReadFile(file.Name()); err != nil || string(got) != want+want+want {
				t.Errorf("%q, %v; want %q", got, err, want)
			}
		})
	}
	if utf8.RuneCountInString(signs) != len(plain) {
		t.Errorf("%d signs stand for %d", len(plain), utf8.RuneCountInString(signs))
	}
}
