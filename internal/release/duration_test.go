package release

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		back string
	}{
		{"90s", 90 * time.Second, "1m30s"},
		{"10m", 10 * time.Minute, "10m"},
		{"1h30m", 90 * time.Minute, "1h30m"},
		{"24h", 24 * time.Hour, "24h"},
		{"47h59m", 47*time.Hour + 59*time.Minute, "47h59m"},
		{"48h", 48 * time.Hour, "2d"},
		{"2d", 48 * time.Hour, "2d"},
		{"1d", 24 * time.Hour, "24h"},
		{"2d1s", 48*time.Hour + time.Second, "2d1s"},
		{"0s", 0, "0s"},
		{"9999d", maxDuration, "9999d"},
	} {
		got, err := ParseDuration(c.text)
		if err != nil || got.Std() != c.want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", c.text, got.Std(), err, c.want)
		}
		if got.String() != c.back {
			t.Errorf("%q is written back as %q, want %q", c.text, got, c.back)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for _, text := range []string{"", "10", "m", "10 m", "1.5h", "-10m", "10m1h", "10ms", "10M", "10m\n", "+1m", "99999d", "9999d1s", "١٠m"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
}

func TestDurationStringOfOddValues(t *testing.T) {
	for d, want := range map[time.Duration]string{
		500 * time.Millisecond:  "0s",
		1500 * time.Millisecond: "1s",
		-90 * time.Second:       "-1m30s",
	} {
		if got := Duration(d).String(); got != want {
			t.Errorf("Duration(%v).String() = %q, want %q", d, got, want)
		}
	}
}

func TestDurationJSON(t *testing.T) {
	var d Duration
	if err := json.Unmarshal([]byte(`"1h30m"`), &d); err != nil || d.Std() != 90*time.Minute {
		t.Errorf("read %v, %v", d, err)
	}
	for _, text := range []string{`10`, `"10"`, `null0`, `{}`} {
		if err := json.Unmarshal([]byte(text), &d); err == nil {
			t.Errorf("%s was read as %v", text, d)
		}
	}
}

func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(time.Duration(rapid.Int64Range(0, int64(maxDuration/time.Second)).Draw(t, "seconds")) * time.Second)
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back Duration
		if err := json.Unmarshal(text, &back); err != nil || back != d {
			t.Fatalf("%d s is written as %s and read back as %v, %v", int64(d.Std().Seconds()), text, back, err)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"90s", "10m", "1h30m", "2d", "9999d", "99999h", "1d1h1m1s", "0s", "10", "9999999s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 {
			t.Fatalf("%q is negative: %v", text, d)
		}
		if back, err := ParseDuration(d.String()); err != nil || back != d {
			t.Fatalf("%q is %v, read back as %v, %v", text, d, back, err)
		}
	})
}
