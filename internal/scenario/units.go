package scenario

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Rate is how much work arrives, in units (messages) a second, not negative. People write 100/s, 6000/min or 48/h.
type Rate float64

// Share is a part of a whole, 0 to 1. People write it in percent: 0.2%.
type Share float64

// Millis is a short time, 1 ms to 15 minutes. People write 80ms or 2s.
type Millis time.Duration

var (
	rateForm   = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9})?/(s|min|h)$`)
	shareForm  = regexp.MustCompile(`^(100|[0-9]{1,2}(\.[0-9]{1,9})?)%$`)
	millisForm = regexp.MustCompile(`^[1-9][0-9]{0,5}(ms|s)$`)
)

// ParseRate reads 100/s, 6000/min or 48/h.
func ParseRate(text string) (Rate, error) {
	if !rateForm.MatchString(text) {
		return 0, fmt.Errorf("%q is not a rate; write it like 100/s, 6000/min or 48/h", text)
	}
	number, unit, _ := strings.Cut(text, "/")
	v, err := strconv.ParseFloat(number, 64)
	seconds := map[string]float64{"s": 1, "min": 60, "h": 3600}[unit]
	return Rate(v / seconds), err
}

// ParseShare reads 0.2%.
func ParseShare(text string) (Share, error) {
	if !shareForm.MatchString(text) {
		return 0, fmt.Errorf("%q is not a share; write it in percent, like 0.2%%", text)
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	return Share(v / 100), err
}

// ParseMillis reads 80ms or 2s.
func ParseMillis(text string) (Millis, error) {
	if !millisForm.MatchString(text) {
		return 0, fmt.Errorf("%q is not a short time; write it like 80ms or 2s", text)
	}
	d, err := time.ParseDuration(text)
	if err == nil && d > 15*time.Minute {
		return 0, fmt.Errorf("%s is longer than 15 minutes", text)
	}
	return Millis(d), err
}

// UnmarshalJSON reads the form that people write.
func (r *Rate) UnmarshalJSON(data []byte) error { return unquote(data, ParseRate, r) }

// UnmarshalJSON reads the form that people write.
func (s *Share) UnmarshalJSON(data []byte) error { return unquote(data, ParseShare, s) }

// UnmarshalJSON reads the form that people write.
func (m *Millis) UnmarshalJSON(data []byte) error { return unquote(data, ParseMillis, m) }

func unquote[T any](data []byte, parse func(string) (T, error), into *T) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	v, err := parse(text)
	if err == nil {
		*into = v
	}
	return err
}

// Std returns the time as the standard library's.
func (m Millis) Std() time.Duration { return time.Duration(m) }
