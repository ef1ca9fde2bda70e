package scenario_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

const rows = "timestamp,value\n2026-01-05 09:00:00,300\n2026-01-05 09:05:00,600.0\n2026-01-05 09:15:00,150\n"

func TestReadTrace(t *testing.T) {
	for name, text := range map[string]string{
		"CSV":                   rows,
		"CSV with CRLF":         strings.ReplaceAll(rows, "\n", "\r\n"),
		"CSV, columns apart":    "value,who,timestamp\n300,x,2026-01-05T09:00:00Z\n600,x,2026-01-05T10:05:00+01:00\n150,x,2026-01-05T09:15:00\n",
		"get-metric-data":       `{"Messages": [], "MetricDataResults": [{"Id": "m", "Label": "Sent", "StatusCode": "Complete", "Timestamps": ["2026-01-05T09:15:00+00:00", "2026-01-05T09:05:00+00:00", "2026-01-05T09:00:00+00:00"], "Values": [150.0, 600.0, 300.0]}]}`,
		"get-metric-data, rows": `{"MetricDataResults": [{"Id": "m", "Timestamps": ["2026-01-05T09:00:00Z", "2026-01-05T09:05:00Z", "2026-01-05T09:15:00Z"], "Values": [300, 600, 150]}]}`,
	} {
		a, err := scenario.ReadTrace("t", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if a.For() != 20*time.Minute {
			t.Errorf("%s lasts %v", name, a.For())
		}
		for offset, want := range map[time.Duration]float64{
			-time.Second: 0, 0: 1, 5*time.Minute - 1: 1, 5 * time.Minute: 2, 10*time.Minute - 1: 2,
			10 * time.Minute: 0, 14 * time.Minute: 0, // nothing was published
			15 * time.Minute: 0.5, 20*time.Minute - 1: 0.5, 20 * time.Minute: 0,
		} {
			if got := a.Rate(offset); got != want {
				t.Errorf("%s: rate %v at %v, want %v", name, got, offset, want)
			}
		}
		if got := a.Count(4*time.Minute, 16*time.Minute); got != 60+600+30 {
			t.Errorf("%s: %v arrive", name, got)
		}
	}
}

func TestReadTraceRefuses(t *testing.T) {
	series := func(times, values string) string {
		return `{"MetricDataResults": [{"Id": "m", "Timestamps": [` + times + `], "Values": [` + values + `]}]}`
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "t: is empty but must have the columns timestamp and value"},
		{"no header", "2026-01-05 09:00:00,300\n", `t:1:1: has the columns "2026-01-05 09:00:00,300" but must have timestamp and value`},
		{"other columns", "time,value\n", `t:1:1: has the columns "time,value" but must have timestamp and value`},
		{"header only", "timestamp,value\n", "t: has 0 values but must have at least 2 (their distance tells how long each one counts)"},
		{"one row", "timestamp,value\n2026-01-05 09:00:00,1\n", "t: has 1 values but must have at least 2 (their distance tells how long each one counts)"},
		{"not a number", strings.Replace(rows, "600.0", "NaN", 1), `t:3:1: has the value "NaN" but it must be a number of messages, not below 0`},
		{"infinite", strings.Replace(rows, "600.0", "Inf", 1), `t:3:1: has the value "Inf" but it must be a number of messages, not below 0`},
		{"negative", strings.Replace(rows, "600.0", "-1", 1), `t:3:1: has the value "-1" but it must be a number of messages, not below 0`},
		{"absent", strings.Replace(rows, "600.0", "", 1), `t:3:1: has the value "" but it must be a number of messages, not below 0`},
		{"no timestamp", strings.Replace(rows, "2026-01-05 09:05:00", "9 o'clock", 1), `t:3:1: has the timestamp "9 o'clock" but it must be like 2026-01-05 09:00:00 or 2026-01-05T09:00:00Z`},
		{"twice", strings.Replace(rows, "09:05:00", "09:00:00", 1), "t:3:1: has the timestamp 2026-01-05 09:00:00 a second time but each must stand once"},
		{"out of order", strings.Replace(rows, "09:15:00", "09:03:00", 1), "t:4:1: has the timestamp 2026-01-05 09:03:00 after 2026-01-05 09:05:00 but rows must be in the order of time"},
		{"a field too many", rows + "2026-01-05 09:20:00,1,2\n", "t:5:1: is not readable as CSV: wrong number of fields"},
		{"an open quote", rows + "\"2026\n", "t:5:7: is not readable as CSV: extraneous or missing \" in quoted-field"},
		{"no series", `{"MetricDataResults": []}`, "t: has 0 series in MetricDataResults but must have exactly one: the messages that arrived"},
		{"two series", `{"MetricDataResults": [{}, {}]}`, "t: has 2 series in MetricDataResults but must have exactly one: the messages that arrived"},
		{"a page", `{"MetricDataResults": [{}], "NextToken": "x"}`, "t: ends with a NextToken, so values are missing; fetch all pages (the AWS CLI does so unless it is told not to)"},
		{"a value too few", series(`"2026-01-05T09:00:00Z", "2026-01-05T09:05:00Z"`, "1"), "t: has 2 Timestamps but 1 Values; there must be a value for each"},
		{"a null", series(`"2026-01-05T09:00:00Z", "2026-01-05T09:05:00Z"`, "1, null"), `t: MetricDataResults[0], entry 1, has the value "null" but it must be a number of messages, not below 0`},
		{"a time twice", series(`"2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z"`, "1, 2"), "t: has the timestamp 2026-01-05 09:00:00 a second time but each must stand once"},
		{"not JSON", "{\n\"MetricDataResults\": }", "t:2:22: is not readable: invalid character '}' looking for beginning of value"},
		{"a text for a value", "{\n" + series(`"2026-01-05T09:00:00Z"`, `"1"`)[1:], "is not readable: json: cannot unmarshal string"},
	} {
		_, err := scenario.ReadTrace("t", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || release.CodeOf(err) != release.Invalid {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// However a series is cut, scaled and asked for: as much arrives in all as its values say.
func TestArrivals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		text.WriteString("timestamp,value\n")
		at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
		total := 0
		for range rapid.IntRange(2, 20).Draw(t, "rows") {
			count := rapid.IntRange(0, 5000).Draw(t, "count")
			total += count
			text.WriteString(at.Format(time.RFC3339) + "," + decimal(count) + "\n")
			at = at.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "gap")) * 5 * time.Minute)
		}
		a, err := scenario.ReadTrace("t", []byte(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		near := func(what string, got, want float64) {
			if math.Abs(got-want) > 1e-6*max(1, want) {
				t.Fatalf("%s: %v, want %v", what, got, want)
			}
		}
		near("all", a.Count(-time.Hour, a.For()+time.Hour), float64(total))
		offset := func(name string) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(a.For())).Draw(t, name))
		}
		x, y, z := offset("x"), offset("y"), offset("z")
		x, z = min(x, y, z), max(x, y, z)
		near("two parts", a.Count(x, y)+a.Count(y, z), map[bool]float64{true: a.Count(x, z), false: a.Count(x, y) + a.Count(y, z)}[x <= y && y <= z])
		near("a part", a.Part(x, 0).Count(0, a.For()), a.Count(x, a.For()))
		near("a part of a part", a.Part(x, z-x).Count(0, a.For()), map[bool]float64{true: a.Count(x, z), false: a.Count(x, a.For())}[z > x])
		near("scaled", a.Scaled(40).Count(x, z), 40*a.Count(x, z))
		near("nothing", a.Count(z, x), 0)
		if z > x {
			near("its rate", a.Part(x, z-x).Rate(0), a.Rate(x))
		}
	})
}

func decimal(n int) string {
	if n == 0 {
		return "0"
	}
	text := ""
	for ; n > 0; n /= 10 {
		text = string(rune('0'+n%10)) + text
	}
	return text
}

func TestNoArrivals(t *testing.T) {
	var none scenario.Arrivals
	if none.Rate(0) != 0 || none.Count(0, time.Hour) != 0 || none.For() != 0 || none.Part(0, time.Hour).For() != 0 || none.Scaled(2).Rate(0) != 0 {
		t.Error("work arrives from nowhere")
	}
}

func FuzzReadTrace(f *testing.F) {
	f.Add(rows)
	f.Add(`{"MetricDataResults": [{"Id": "m", "Timestamps": ["2026-01-05T09:00:00Z", "2026-01-05T09:05:00Z"], "Values": [300, 600]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := scenario.ReadTrace("t", []byte(text))
		if err != nil {
			if release.CodeOf(err) != release.Invalid {
				t.Fatalf("code %s: %v", release.CodeOf(err), err)
			}
			return
		}
		if count := a.Count(0, a.For()); a.For() <= 0 || count < 0 || math.IsNaN(count) {
			t.Fatalf("%v arrive in %v", count, a.For())
		}
	})
}
