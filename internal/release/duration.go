package release

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Duration is a time.Duration that people write as "90s", "10m", "3h", "1h30m" or "2d". It counts whole seconds.
type Duration time.Duration

const (
	day          = 24 * time.Hour
	maxDuration  = 9999 * day // what the form below can hold
	hoursUpTo    = 2 * day    // "24h" and "36h" say more than "1d" and "1d12h"
	durationHelp = "write it like 90s, 10m, 1h30m or 2d"
)

var durationForm = regexp.MustCompile(`^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?$`)

// ParseDuration reads the form that people write: days, hours, minutes and seconds, in this order, whole numbers, at most
// 9999d in all.
func ParseDuration(text string) (Duration, error) {
	parts := durationForm.FindStringSubmatch(text)
	if parts == nil || text == "" {
		return 0, fmt.Errorf("%q is not a duration; %s", text, durationHelp)
	}
	var sum time.Duration
	for i, unit := range []time.Duration{day, time.Hour, time.Minute, time.Second} {
		if parts[i+1] != "" {
			sum += time.Duration(number(parts[i+1])) * unit
		}
	}
	if sum > maxDuration {
		return 0, fmt.Errorf("%q is longer than %s", text, Duration(maxDuration))
	}
	return Duration(sum), nil
}

// String returns a short form, which ParseDuration reads back: "0s", "90s" as "1m30s", "24h", "2d".
func (d Duration) String() string {
	if d < 0 {
		return "-" + (-d).String()
	}
	rest := time.Duration(d)
	var text strings.Builder
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := rest / unit.size; n > 0 && (unit.size < day || rest >= hoursUpTo) {
			fmt.Fprintf(&text, "%d%s", n, unit.name)
			rest -= n * unit.size
		}
	}
	if text.Len() == 0 {
		return "0s"
	}
	return text.String()
}

// Std returns the duration as the standard library's.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// MarshalJSON writes the form that people write.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads the form that people write.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a duration is a text like \"10m\", not %s", data)
	}
	parsed, err := ParseDuration(text)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
