package release

import (
	"strconv"
	"strings"
	"time"
)

// When writes a time that may be of another day, in its own zone: Mon 5 Jan, 12:00 UTC.
func When(t time.Time) string { return t.Format("Mon 2 Jan, 15:04 MST") }

// Count writes a whole number with commas: 7,306.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var text strings.Builder
	text.WriteString(sign)
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			text.WriteByte(',')
		}
		text.WriteRune(digit)
	}
	return text.String()
}
