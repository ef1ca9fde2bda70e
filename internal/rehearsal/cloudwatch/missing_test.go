package cloudwatch

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// parsePoints reads data points as AWS's documentation writes them: 0 fine, X breaching, - missing, the newest last.
func parsePoints(text string) []datapoint {
	var points []datapoint
	for _, c := range strings.ReplaceAll(text, " ", "") {
		points = append(points, datapoint{class: map[rune]class{'0': fine, 'X': breaching, '-': missing}[c]})
	}
	return points
}

var verdictNames = map[verdict]string{retain: "retain", toOK: "OK", toAlarm: "ALARM", toInsufficient: "INSUFFICIENT_DATA"}

// The two tables of AWS's documentation, an evaluation range of 5 and 3 evaluation periods.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func TestEvaluateAsDocumented(t *testing.T) {
	for _, row := range []struct {
		m                                        int
		points                                   string
		missing, ignore, breaching, notBreaching string
	}{
		{3, "0 - X - X", "OK", "OK", "OK", "OK"},
		{3, "- - - - 0", "OK", "OK", "OK", "OK"},
		{3, "0 - - - -", "OK", "OK", "OK", "OK"},
		{3, "- - - - -", "INSUFFICIENT_DATA", "retain", "ALARM", "OK"},
		{3, "0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{3, "- - X - -", "ALARM", "retain", "ALARM", "OK"},
		{2, "0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{2, "0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{2, "0 - X - -", "OK", "OK", "ALARM", "OK"},
		{2, "- - - - 0", "OK", "OK", "ALARM", "OK"},
		{2, "- - - X -", "ALARM", "retain", "ALARM", "OK"},
		// In words only: a single breaching data point that is too young does not fire yet.
		{3, "- - - - X", "INSUFFICIENT_DATA", "retain", "ALARM", "OK"},
		{3, "- - - X -", "INSUFFICIENT_DATA", "retain", "ALARM", "OK"},
	} {
		for treat, want := range map[treatment]string{
			treatMissing: row.missing, treatIgnore: row.ignore, treatBreaching: row.breaching, treatNotBreaching: row.notBreaching,
		} {
			if got := verdictNames[evaluate(parsePoints(row.points), row.m, 3, treat)]; got != want {
				t.Errorf("%d of 3, %s, treatment %d: %s, want %s", row.m, row.points, treat, got, want)
			}
		}
	}
}

func TestEvaluateCountsTheNewestWhereNothingIsMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "n")
		m := rapid.IntRange(1, n).Draw(t, "m")
		window := make([]datapoint, n+extra)
		bad := 0
		for i := range window {
			window[i].class = rapid.SampledFrom([]class{fine, breaching}).Draw(t, "class")
			if i >= extra && window[i].class == breaching {
				bad++
			}
		}
		want := toOK
		if bad >= m {
			want = toAlarm
		}
		for treat := treatMissing; treat <= treatNotBreaching; treat++ {
			if got := evaluate(window, m, n, treat); got != want {
				t.Fatalf("%d of %d with %d breaching, treatment %d: %s", m, n, bad, treat, verdictNames[got])
			}
		}
	})
}

// A data point that turns bad never clears an alarm.
func TestEvaluateIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		m := rapid.IntRange(1, n).Draw(t, "m")
		treat := rapid.SampledFrom([]treatment{treatMissing, treatIgnore, treatBreaching, treatNotBreaching}).Draw(t, "treatment")
		window := make([]datapoint, n+extra)
		for i := range window {
			window[i].class = rapid.SampledFrom([]class{missing, fine, breaching}).Draw(t, "class")
		}
		before := evaluate(window, m, n, treat)
		for i := range window {
			if window[i].class == fine {
				window[i].class = breaching
				break
			}
		}
		if after := evaluate(window, m, n, treat); before == toAlarm && after != toAlarm {
			t.Fatalf("%v: ALARM became %s", window, verdictNames[after])
		}
	})
}
