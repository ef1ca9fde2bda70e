package judge

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// count returns a whole number with its thousands set apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// rough rounds up to two digits: more would promise too much.
func rough(n int64) int64 {
	unit := int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

// roughly returns what is needed as people say it: the units rounded up, and the time that so many take.
func (n Needed) roughly() (units, span string) {
	most := rough(n.Units)
	return count(most), minutes(n.Minutes * float64(most) / float64(n.Units))
}

// percent returns a part as percent with two digits, one above 10 %: "3.1 %", "0.4 %", "31 %".
func percent(part float64) string {
	if p := 100 * part; p < 99.5 || p == math.Trunc(p) {
		return number(p) + " %"
	}
	return strconv.FormatFloat(100*part, 'f', 1, 64) + " %"
}

// number returns two digits, and no zeros at the end.
func number(x float64) string { return digits(x, math.Round) }

// exact writes what somebody set as they set it.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// hair is what binary fractions are off: 1.4 must not become 1.5 when rounded up.
const hair = 1e-9

// least and most return a ratio with two digits, rounded so that "at least" and "at most" stay true.
func least(x float64) string {
	return digits(x, func(y float64) float64 { return math.Floor(y + hair) })
}

func most(x float64) string { return digits(x, func(y float64) float64 { return math.Ceil(y - hair) }) }

func digits(x float64, round func(float64) float64) string {
	if x == 0 {
		return "0"
	}
	magnitude := math.Floor(math.Log10(math.Abs(x)) + hair)
	unit := math.Pow(10, magnitude-1)
	text := strconv.FormatFloat(round(x/unit)*unit, 'f', max(0, 1-int(magnitude)), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// minutes returns a number of minutes as people say it.
func minutes(n float64) string {
	switch n = math.Ceil(n); {
	case !(n < 1e6):
		return "never"
	case n == 1:
		return "1 minute"
	case n < 120:
		return fmt.Sprintf("%.0f minutes", n)
	case n < 72*60:
		return fmt.Sprintf("%.0f hours", math.Round(n/60))
	}
	return fmt.Sprintf("%.0f days", math.Round(n/60/24))
}

// clock returns a time of the day, with the day where it is another than that of the reference.
func clock(t, reference time.Time) string {
	t, reference = t.UTC(), reference.UTC()
	if t.YearDay() != reference.YearDay() || t.Year() != reference.Year() {
		return t.Format("2 Jan 15:04:05 UTC")
	}
	return t.Format("15:04:05 UTC")
}
