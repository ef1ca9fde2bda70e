package release

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Window is a weekly time in which no release starts, raises weight or promotes. Rolling back is always allowed.
type Window struct {
	from, to weekTime
	zone     *time.Location
}

type weekTime struct {
	day          time.Weekday
	hour, minute int
}

var windowForm = regexp.MustCompile(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):([0-5]\d)-(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):([0-5]\d) (\S+)$`)

var weekdays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// ParseWindow reads a window like "Fri 16:00-Mon 08:00 Europe/Berlin": English day names, 24-hour wall-clock times, an
// IANA time zone.
func ParseWindow(text string) (Window, error) {
	m := windowForm.FindStringSubmatch(text)
	if m == nil {
		return Window{}, fmt.Errorf("%q is not a freeze window; write it like \"Fri 16:00-Mon 08:00 Europe/Berlin\"", text)
	}
	zone, err := time.LoadLocation(m[7])
	if err != nil || m[7] == "Local" {
		return Window{}, fmt.Errorf("%q names no IANA time zone (like Europe/Berlin or UTC)", m[7])
	}
	w := Window{from: weekTimeOf(m[1:4]), to: weekTimeOf(m[4:7]), zone: zone}
	if w.from == w.to {
		return Window{}, fmt.Errorf("%q begins and ends at the same time", text)
	}
	return w, nil
}

func weekTimeOf(parts []string) weekTime {
	return weekTime{time.Weekday(slices.Index(weekdays, parts[0])), number(parts[1]), number(parts[2])}
}

// Until reports whether now lies in the window, and when the window ends. Wall-clock times are those of the zone, so a
// window is an hour longer or shorter where the clocks change within it. Where they are put back over its beginning or its
// end it holds from the first to the second time that they show it; where they skip one, from or until they do.
func (w Window) Until(now time.Time) (end time.Time, inside bool) {
	local := now.In(w.zone)
	back := (int(local.Weekday()) - int(w.from.day) + 7) % 7
	length := (int(w.to.day) - int(w.from.day) + 7) % 7
	if length == 0 && (w.to.hour*60+w.to.minute) < (w.from.hour*60+w.from.minute) {
		length = 7
	}
	for _, days := range []int{back, back + 7} { // the window that began last, or the one before where today's begins later
		start, _ := w.on(local, -days, w.from)
		_, end := w.on(local, length-days, w.to)
		if !now.Before(start) && now.Before(end) {
			return end, true
		}
	}
	return time.Time{}, false
}

// on returns the first and the last moment at which the zone's clocks show a time of a day: one moment, but where they are
// put back over it. Where they skip it, that is when they do.
func (w Window) on(local time.Time, days int, at weekTime) (first, last time.Time) {
	shown := time.Date(local.Year(), local.Month(), local.Day()+days, at.hour, at.minute, 0, 0, time.UTC)
	const day = 24 * time.Hour
	first = w.asOf(shown, shown.Add(-day)) // by the clocks before a change
	last = w.asOf(shown, shown.Add(day))   // by those after it
	switch {
	case !w.shows(first, shown) && !w.shows(last, shown):
		skipped, _ := first.ZoneBounds()
		return skipped, skipped
	case !w.shows(first, shown):
		return last, last
	case !w.shows(last, shown):
		return first, first
	}
	return first, last
}

// asOf returns when a clock shows a time that goes as the zone's clocks do at a moment.
func (w Window) asOf(shown, moment time.Time) time.Time {
	_, offset := moment.In(w.zone).Zone()
	return shown.Add(-time.Duration(offset) * time.Second).In(w.zone)
}

// shows reports whether the zone's clocks show a time at a moment.
func (w Window) shows(moment, shown time.Time) bool {
	_, offset := moment.In(w.zone).Zone()
	return moment.Add(time.Duration(offset) * time.Second).Equal(shown)
}

// Frozen reports whether a freeze window of the target holds now, and when the last of them ends. A window that cannot
// be read holds for good: validation refuses it, and what cannot be understood must not be ignored.
func (t Target) Frozen(now time.Time) (frozen bool, until time.Time) {
	for _, text := range t.Freeze {
		window, err := ParseWindow(text)
		if err != nil {
			return true, now.Add(maxPreset)
		}
		if end, inside := window.Until(now); inside && end.After(until) {
			frozen, until = true, end
		}
	}
	return frozen, until
}
