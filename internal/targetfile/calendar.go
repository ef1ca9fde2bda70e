package targetfile

import (
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// calendar is a week of freeze windows, as stretches that follow each other and begin again; empty without windows.
type calendar []stretch

// stretch is a time in which some window is open, and the free time after it.
type stretch struct{ frozen, free time.Duration }

const (
	week    = 7 * 24 * time.Hour
	look    = 30 * time.Minute    // how finely a week is searched; what that misses is less than the history holds beyond our bound
	longest = 14 * 24 * time.Hour // the state machine's timeout: more than that need not be told apart
)

// calendarOf walks a week without a change of the clocks, from a time at which no window is open, so that none is cut.
// Windows that cannot be read were reported by the table.
func calendarOf(texts []string) calendar {
	var windows []release.Window
	for _, text := range texts {
		if window, err := release.ParseWindow(text); err == nil {
			windows = append(windows, window)
		}
	}
	if len(windows) == 0 {
		return nil
	}
	var all calendar
	start := time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)
	for range windows { // each can open as another one closes; where they leave no free time, any start will do
		if next, frozen := openUntil(windows, start); frozen {
			start = next
		}
	}
	for now := start; now.Before(start.Add(week)); {
		next, frozen := openUntil(windows, now)
		switch {
		case !frozen:
			next = now.Add(look)
			all = append(all, stretch{free: look})
		default:
			all = append(all, stretch{frozen: next.Sub(now)})
		}
		now = next
	}
	return all
}

func openUntil(windows []release.Window, now time.Time) (until time.Time, frozen bool) {
	for _, window := range windows {
		if end, inside := window.Until(now); inside && end.After(until) {
			until, frozen = end, true
		}
	}
	return until, frozen
}

// full reports whether no time of the week is free.
func (c calendar) full() bool {
	for _, stretch := range c {
		if stretch.free > 0 {
			return false
		}
	}
	return len(c) > 0
}

// held returns the longest that windows can hold up a release which is otherwise busy for span. It is busy in the free
// time between two windows and held up while one is open; the worst one is busy until a window opens.
func (c calendar) held(span time.Duration) time.Duration {
	var most time.Duration
	for first := range c {
		if c[first].frozen == 0 {
			continue
		}
		var held time.Duration
		left := span
		for i := first; left > 0 && held < longest; i++ {
			held += c[i%len(c)].frozen
			left -= c[i%len(c)].free
		}
		most = max(most, held)
	}
	return most
}
