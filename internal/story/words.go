package story

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/serin-aws/serin/internal/release"
)

// Plain makes a foreign text harmless to read: control characters, which could drive a terminal, and characters that
// change the direction of the text around them are replaced by a visible sign.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// digests are content hashes in full.
var digests = regexp.MustCompile(`\bsha256:[0-9a-f]{64}\b`)

// Short shortens every digest in a text to what people compare by eye: "sha256:9b1e04d7".
func Short(text string) string {
	return digests.ReplaceAllStringFunc(text, func(digest string) string { return release.Digest(digest).Short() })
}

// Percent writes a share of 0 to 1 as people read it: 0.04 %, 3.1 %, 41 %.
func Percent(share float64) string {
	percent := 100 * share
	switch {
	case percent == 0:
		return "0 %"
	case percent < 0.1:
		return strconv.FormatFloat(percent, 'g', 1, 64) + " %"
	case percent < 99.95:
		return trimZero(strconv.FormatFloat(percent, 'f', 1, 64)) + " %"
	}
	return strconv.FormatFloat(percent, 'f', 0, 64) + " %"
}

func trimZero(number string) string { return strings.TrimSuffix(number, ".0") }

// Decimal writes a number with about three digits, as an axis or a table wants it.
func Decimal(x float64) string {
	switch size := math.Abs(x); {
	case math.IsInf(x, 0) || math.IsNaN(x):
		return "-"
	case size >= 1e6:
		return strconv.FormatFloat(x, 'g', 2, 64)
	case size >= 100:
		return release.Count(int64(math.Round(x)))
	case size >= 10 || size == 0:
		return trimZero(strconv.FormatFloat(x, 'f', 1, 64))
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

// USD writes an amount: four digits after the point below a cent, else two.
func USD(amount float64) string {
	if amount != 0 && amount < 0.1 {
		return fmt.Sprintf("%.4f USD", amount)
	}
	return fmt.Sprintf("%.2f USD", amount)
}

// Length writes a length of time as people say it: 40 s, 6 min, 2 h 5 min, 3 d 4 h.
func Length(d time.Duration) string {
	d = max(d.Round(time.Second), -math.MaxInt64) // the least duration has no opposite
	switch {
	case d < 0:
		return "-" + Length(-d)
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case d < 48*time.Hour:
		d = d.Round(time.Minute)
		return pair(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	}
	d = d.Round(time.Hour)
	return pair(int(d.Hours())/24, "d", int(d.Hours())%24, "h")
}

func pair(big int, bigUnit string, small int, smallUnit string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", big, bigUnit)
	}
	return fmt.Sprintf("%d %s %d %s", big, bigUnit, small, smallUnit)
}
