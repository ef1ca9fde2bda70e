package release_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 812: "812", 7306: "7,306", -1234567: "-1,234,567"} {
		if got := release.Count(n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The digits of a count are the number's own.
func TestCountKeepsTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-1e15, 1e15).Draw(t, "n")
		text := release.Count(n)
		var back int64
		for _, r := range strings.TrimPrefix(strings.ReplaceAll(text, ",", ""), "-") {
			back = back*10 + int64(r-'0')
		}
		if n < 0 {
			back = -back
		}
		if back != n {
			t.Fatalf("%d is written %q", n, text)
		}
	})
}
