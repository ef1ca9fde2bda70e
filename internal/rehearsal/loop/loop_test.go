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

// Whoever lets time pass with Pass where that goes, and with After where it does not, sees what whoever always uses
// After sees: the same events at the same times in the same order, and the same draws.
func TestPassIsAfterWithoutATurn(t *testing.T) {
	start := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	type seen struct {
		at    time.Time
		actor int
		draw  uint32
	}
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		waits := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 9), 0, 6), 1, 5).Draw(t, "waits") // by actor
		ends := rapid.SliceOfN(rapid.IntRange(0, 60), 0, 4).Draw(t, "looks")
		run := func(pass bool) (saw []seen) {
			l := New(start, seed)
			var act func(actor, i int)
			act = func(actor, i int) {
				for ; ; i++ {
					saw = append(saw, seen{l.Now(), actor, l.Rand().Uint32()})
					if i == len(waits[actor]) {
						return
					}
					if d := time.Duration(waits[actor][i]) * time.Second; !pass || !l.Pass(d) {
						l.After(d, func() { act(actor, i+1) })
						return
					}
				}
			}
			for actor := range waits {
				l.After(time.Duration(actor)*time.Second, func() { act(actor, 0) })
			}
			for _, end := range ends {
				l.AdvanceTo(start.Add(time.Duration(end) * time.Second))
				saw = append(saw, seen{l.Now(), -1, l.Rand().Uint32()})
			}
			for l.Step() {
			}
			return saw
		}
		if got, want := run(true), run(false); !slices.Equal(got, want) {
			t.Fatalf("with Pass %v; without %v", got, want)
		}
	})
}
