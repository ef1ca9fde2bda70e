package judge

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

// Whatever the looks see - later minutes, minutes that came late, other tasks, another target - a sitting says of each
// what is said of it alone.
func TestASittingSaysWhatIsSaidAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Sitting
		shown := drawEvidence(t)
		for range rapid.IntRange(1, 8).Draw(t, "looks") {
			shown = drawNextLook(t, shown)
			got, err := s.Judge(shown)
			want, anew := Judge(shown)
			if !reflect.DeepEqual(got, want) || (err == nil) != (anew == nil) || err != nil && err.Error() != anew.Error() {
				t.Fatalf("%+v\n%v, anew\n%+v\n%v", got, err, want, anew)
			}
		}
	})
}

func drawEvidence(t *rapid.T) Evidence {
	e := evidence()
	for i := range rapid.IntRange(0, 3).Draw(t, "comparisons") {
		c := failures(drawMinutes(t))
		c.Name, c.VetoOnly = string(rune('a'+i)), rapid.Bool().Draw(t, "veto")
		c.Settings.WarmUp = rapid.IntRange(0, 2).Draw(t, "warm-up")
		c.History = drawMinutes(t)
		e.Comparisons = append(e.Comparisons, c)
	}
	return e
}

// drawNextLook returns what a later look may see.
func drawNextLook(t *rapid.T, e Evidence) Evidence {
	e.Comparisons, e.Shares = slices.Clone(e.Comparisons), slices.Clone(e.Shares)
	for i := range e.Comparisons {
		c := &e.Comparisons[i]
		c.Minutes = slices.Clone(c.Minutes)
		n := len(c.Minutes)
		switch rapid.SampledFrom([]string{"more", "more", "more", "same", "changed", "unreadable", "latency", "less"}).Draw(t, "next") {
		case "more":
			for _, m := range drawMinutes(t) {
				m.Start = m.Start.Add(time.Duration(n+rapid.IntRange(0, 1).Draw(t, "gap")) * time.Minute)
				c.Minutes = append(c.Minutes, m)
			}
		case "changed":
			if n > 0 {
				c.Minutes[rapid.IntRange(0, n-1).Draw(t, "which")].Canary.Units += 7
			}
		case "unreadable":
			c.Problem = rapid.SampledFrom([]string{"", "CloudWatch did not answer"}).Draw(t, "problem")
		case "latency":
			c.Latency = nil
			if rapid.Bool().Draw(t, "is") {
				c.Latency = []LatencyMinute{}
			}
		case "less":
			c.Minutes = c.Minutes[:n/2]
		}
	}
	if rapid.Bool().Draw(t, "other tasks") {
		since := e.last().Add(time.Duration(rapid.IntRange(-4, 3).Draw(t, "since")) * time.Minute)
		e.Shares = append(e.Shares, release.TaskShare{At: since, Canary: rapid.IntRange(0, 3).Draw(t, "canary"), Primary: 9})
	}
	if rapid.IntRange(0, 9).Draw(t, "other target") == 0 {
		e.MinimumSample += 100
	}
	return e
}

// Minutes that were folded are not folded again.
func TestASittingGoesOn(t *testing.T) {
	minutes := make([]Minute, 30)
	for i := range minutes {
		minutes[i] = row(i, 100, 1, 1000, 9)
	}
	var s Sitting
	folded := func(n int) *panel {
		e := evidence(failures(minutes[:n]))
		e.Shares = []release.TaskShare{{At: at(-10), Canary: 1, Primary: 9}}
		if _, err := s.Judge(e); err != nil {
			t.Fatal(err)
		}
		return s.panel
	}
	first := folded(10)
	if folded(11) != first || folded(30) != first {
		t.Error("a look with later minutes was folded anew")
	}
	if folded(29) == first {
		t.Error("a look with less minutes is no continuation")
	}
}
