package targetfile

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

func TestWorstCase(t *testing.T) {
	hours := func(n int) release.Duration { return release.Duration(time.Duration(n) * time.Hour) }
	target := release.Target{
		Plan: release.Plan{
			Steps:  []release.Step{{Weight: 10, Bake: hours(1)}, {Weight: 20, Bake: hours(1), Approval: release.Required}},
			Settle: hours(1), Deadline: hours(3),
		},
		Approvals: release.Approvals{Expires: hours(4)},
	}
	target.Concurrency = release.Reject
	want := Worst{Judged: 4 * time.Hour, Approvals: 4 * time.Hour, Events: 9*(240+48+240) + 4000}
	if got := WorstCase(target); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	target.Freeze = []string{"Fri 16:00-Mon 08:00 UTC"}
	want.Frozen = 64 * time.Hour
	want.Events += 9 * 64 * 12
	if got := WorstCase(target); got != want {
		t.Errorf("with a freeze: got %+v, want %+v", got, want)
	}
	target.Concurrency = release.Queue
	want.Turn = 72 * time.Hour
	want.Events += 9 * release.WaitLooks()
	if got := WorstCase(target); got != want || release.WaitLooks() > 260 {
		t.Errorf("with a queue: got %+v, want %+v", got, want)
	}
}

func TestCalendar(t *testing.T) {
	for _, c := range []struct {
		name    string
		windows []string
		span    time.Duration
		held    time.Duration
		full    bool
	}{
		{"none", nil, time.Hour, 0, false},
		{"a weekend", []string{"Fri 16:00-Mon 08:00 Europe/Berlin"}, 3 * time.Hour, 64 * time.Hour, false},
		{"two weekends, for a week's work", []string{"Fri 16:00-Mon 08:00 UTC"}, 105 * time.Hour, 128 * time.Hour, false},
		{"a night", []string{"Mon 22:00-Tue 06:00 UTC"}, 5 * time.Hour, 8 * time.Hour, false},
		{"two that overlap", []string{"Mon 12:00-Tue 12:00 UTC", "Tue 06:00-Wed 12:00 UTC"}, time.Hour, 48 * time.Hour, false},
		{"two that follow each other", []string{"Mon 12:00-Tue 12:00 UTC", "Tue 13:00-Wed 13:00 UTC"}, 2 * time.Hour, 48 * time.Hour, false},
		{"two with a free hour, for half an hour's work", []string{"Mon 12:00-Tue 12:00 UTC", "Tue 13:00-Wed 13:00 UTC"}, 30 * time.Minute, 24 * time.Hour, false},
		{"over the end of the week", []string{"Sun 20:00-Mon 04:00 UTC"}, time.Hour, 8 * time.Hour, false},
		{"always", []string{"Mon 00:00-Fri 00:00 UTC", "Thu 00:00-Mon 00:00 UTC"}, time.Hour, longest, true},
		{"always, in two zones", []string{"Mon 00:00-Fri 00:00 Asia/Tokyo", "Thu 00:00-Mon 12:00 America/New_York"}, time.Hour, longest, true},
		{"not a window", []string{"never"}, time.Hour, 0, false},
	} {
		calendar := calendarOf(c.windows)
		if got := calendar.held(c.span); got != c.held && !(c.full && got >= c.held) {
			t.Errorf("%s: held %v, want %v", c.name, got, c.held)
		}
		if got := calendar.full(); got != c.full {
			t.Errorf("%s: full %v", c.name, got)
		}
	}
}

// The bound holds for every minute of a week at which a release can be: walked minute by minute, it never waits longer.
func TestHeldIsABound(t *testing.T) {
	texts := []string{"Fri 16:00-Mon 08:00 UTC", "Tue 22:00-Wed 06:00 UTC", "Wed 06:30-Wed 09:00 UTC"}
	var windows []release.Window
	for _, text := range texts {
		window, err := release.ParseWindow(text)
		if err != nil {
			t.Fatal(err)
		}
		windows = append(windows, window)
	}
	calendar := calendarOf(texts)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 1, 5, 0, rapid.IntRange(0, 7*24*60-1).Draw(t, "minute"), 0, 0, time.UTC)
		span := time.Duration(rapid.IntRange(1, 3000).Draw(t, "span")) * time.Minute
		var held time.Duration
		for left := span; left > 0; now = now.Add(time.Minute) {
			if _, frozen := openUntil(windows, now); frozen {
				held += time.Minute
			} else {
				left -= time.Minute
			}
		}
		if bound := calendar.held(span); held > bound {
			t.Fatalf("held %v, but bounded by %v", held, bound)
		}
	})
}
