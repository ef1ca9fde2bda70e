package story_test

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/story"
)

func TestNumbersForPeople(t *testing.T) {
	for got, want := range map[string]string{
		story.Percent(0): "0 %", story.Percent(0.0004): "0.04 %", story.Percent(0.031): "3.1 %", story.Percent(0.41): "41 %",
		story.Percent(1): "100 %", story.Percent(0.9999): "100 %", story.Percent(0.02): "2 %",
		story.Decimal(0.00048): "0.00048", story.Decimal(1.5): "1.5", story.Decimal(12.34): "12.3", story.Decimal(752.3): "752",
		story.Decimal(7e7): "7e+07", story.Decimal(2): "2",
		story.USD(0): "0.00 USD", story.USD(0.0061): "0.0061 USD", story.USD(12.345): "12.35 USD",
		story.Length(40 * time.Second): "40 s", story.Length(119 * time.Second): "119 s", story.Length(6 * time.Minute): "6 min",
		story.Length(125 * time.Minute): "2 h 5 min", story.Length(3 * time.Hour): "3 h", story.Length(76 * time.Hour): "3 d 4 h",
		story.Length(-time.Minute): "-60 s", story.Length(math.MinInt64): "-106751 d 23 h",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestShortShortensDigestsOnly(t *testing.T) {
	const long = "sha256:27a10adf59e552aa4a3b2c21178310836535c74b6a9f9eadffe9155401e6e3c5"
	for text, want := range map[string]string{
		"serves " + long + " again":   "serves sha256:27a10adf again",
		"worker@" + long:              "worker@sha256:27a10adf",
		"worker:release-1234567890":   "worker:release-1234567890",
		"sha256:27a10adf is short":    "sha256:27a10adf is short",
		long + "0 is no digest at it": long + "0 is no digest at it",
	} {
		if got := story.Short(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestPlainTakesTheTeethOut(t *testing.T) {
	for text, want := range map[string]string{
		"orders-worker":        "orders-worker",
		"\x1b[2Jgone":          "\ufffd[2Jgone",
		"a\nb\x07":             "a\ufffdb\ufffd",
		"\u202etxt.exe\u2066x": "\ufffdtxt.exe\ufffdx",
		"שלום":                 "שלום",
	} {
		if got := story.Plain(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestPlainLeavesNothingThatSteers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := story.Plain(rapid.String().Draw(t, "text"))
		if strings.ContainsFunc(plain, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Fatalf("%q", plain)
		}
		if story.Plain(plain) != plain {
			t.Fatalf("%q changes when it is cleaned again", plain)
		}
	})
}
