package release_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

func TestWindow(t *testing.T) {
	const berlin = "Europe/Berlin"
	for name, c := range map[string]struct {
		window, zone, now string
		end               string // empty: not inside
	}{
		"before it":                       {"Fri 16:00-Mon 08:00", berlin, "2026-01-09 15:59", ""},
		"at its start":                    {"Fri 16:00-Mon 08:00", berlin, "2026-01-09 16:00", "2026-01-12 08:00"},
		"in it":                           {"Fri 16:00-Mon 08:00", berlin, "2026-01-11 12:00", "2026-01-12 08:00"},
		"at its end":                      {"Fri 16:00-Mon 08:00", berlin, "2026-01-12 08:00", ""},
		"a night":                         {"Wed 22:00-Thu 06:00", berlin, "2026-01-08 03:00", "2026-01-08 06:00"},
		"hours of a day":                  {"Wed 09:00-Wed 17:00", berlin, "2026-01-07 12:00", "2026-01-07 17:00"},
		"all but hours, before":           {"Wed 17:00-Wed 09:00", berlin, "2026-01-07 08:00", "2026-01-07 09:00"},
		"all but hours, within the gap":   {"Wed 17:00-Wed 09:00", berlin, "2026-01-07 12:00", ""},
		"all but hours, after":            {"Wed 17:00-Wed 09:00", berlin, "2026-01-07 18:00", "2026-01-14 09:00"},
		"clocks go forward within it":     {"Sat 20:00-Sun 08:00", berlin, "2026-03-29 04:00", "2026-03-29 08:00"},
		"clocks go back within it":        {"Sat 20:00-Sun 08:00", berlin, "2026-10-25 02:30", "2026-10-25 08:00"},
		"the other side of the date line": {"Mon 00:00-Tue 00:00", "Pacific/Kiritimati", "2026-01-05 10:00", "2026-01-06 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			window, err := release.ParseWindow(c.window + " " + c.zone)
			if err != nil {
				t.Fatal(err)
			}
			end, inside := window.Until(wall(t, c.zone, c.now))
			if inside != (c.end != "") {
				t.Fatalf("inside %t", inside)
			}
			if inside && !end.Equal(wall(t, c.zone, c.end)) {
				t.Errorf("ends %v, want %s", end, c.end)
			}
		})
	}
}

// When clocks change, a window that begins or ends nearby holds whenever they show a time of it; and longer only while they
// show an hour for the first or the second time. In Newfoundland the hours are half ones, on Lord Howe half an hour is skipped.
func TestWindowsWhenClocksChange(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		changes := 0
		for _, change := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).ZoneBounds(); change.Year() < 2027; _, change = change.ZoneBounds() {
			changes++
			day := change.Add(-time.Minute).Format("Mon")
			for from := 0; from < 24*60; from += 15 {
				for _, length := range []int{15, 30, 75, 300} {
					if to := from + length; to < 24*60 {
						aroundChange(t, zone, change, day, from, to)
					}
				}
			}
		}
		if changes < 2 {
			t.Errorf("%s: clocks change %d times in a year", name, changes)
		}
	}
}

// aroundChange holds a window of minutes of a day to what the clocks show, from some hours before a change to some after it.
func aroundChange(t *testing.T, zone *time.Location, change time.Time, day string, from, to int) {
	t.Helper()
	text := fmt.Sprintf("%s %02d:%02d-%s %02d:%02d %s", day, from/60, from%60, day, to/60, to%60, zone)
	window, err := release.ParseWindow(text)
	if err != nil {
		t.Fatal(err)
	}
	_, before := change.Add(-time.Minute).Zone()
	_, after := change.Zone()
	back := max(0, time.Duration(before-after)*time.Second)
	for at := change.Add(-4 * time.Hour); at.Before(change.Add(4 * time.Hour)); at = at.Add(5 * time.Minute) {
		local := at.In(zone)
		shown := local.Hour()*60 + local.Minute()
		want := local.Format("Mon") == day && shown >= from && shown < to
		twice := !at.Before(change.Add(-back)) && at.Before(change.Add(back))
		if _, inside := window.Until(at); inside != want && (want || !twice) {
			t.Fatalf("%s: at %s it is inside: %t", text, local, inside)
		}
	}
}

func wall(t *testing.T, zone, text string) time.Time {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, location)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWindowRefuses(t *testing.T) {
	for _, text := range []string{"", "Fri 16:00", "Fri 24:00-Mon 08:00 UTC", "Fri 16:00-Fri 16:00 UTC", "Fri 16:00-Mon 08:00 Mars/Olympus", "Fri 16:00-Mon 08:00 Local", "fri 16:00-mon 08:00 UTC"} {
		if _, err := release.ParseWindow(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestAWindowThatCannotBeReadFreezes(t *testing.T) {
	target := release.Target{Freeze: []string{"nonsense"}}
	if frozen, _ := target.Frozen(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)); !frozen {
		t.Error("what cannot be understood was ignored")
	}
}
