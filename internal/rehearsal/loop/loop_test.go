package loop

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever is put into the loop, also from within, comes out in the order of its time, and each event once.
func TestEventsRunInTheOrderOfTheirTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
		l := New(start, rapid.Uint64().Draw(t, "seed"))
		var ran []time.Time
		put := 0
		var add func(from time.Time, within int)
		add = func(from time.Time, within int) {
			put++
			l.At(from.Add(time.Duration(rapid.IntRange(-2, 9).Draw(t, "after"))*time.Second), func() {
				ran = append(ran, l.Now())
				for range rapid.IntRange(0, within).Draw(t, "more") {
					add(l.Now(), within-1)
				}
			})
		}
		for range rapid.IntRange(0, 30).Draw(t, "events") {
			add(start, 2)
		}
		for l.Step() {
		}
		if len(ran) != put || !slices.IsSortedFunc(ran, time.Time.Compare) {
			t.Fatalf("%d of %d events ran, at %v", len(ran), put, ran)
		}
		if _, more := l.Next(); more {
			t.Fatal("an event is left")
		}
	})
}
