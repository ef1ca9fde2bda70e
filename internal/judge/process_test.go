package judge

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

func at(minute int) time.Time { return time.Date(2026, 3, 4, 14, minute, 0, 0, time.UTC) }

// row makes a minute.
func row(minute int, canary, canaryFailed, baseline, baselineFailed int64) Minute {
	return Minute{Start: at(minute), Canary: release.Arm{Units: canary, Failed: canaryFailed}, Baseline: release.Arm{Units: baseline, Failed: baselineFailed}}
}

// same repeats a minute.
func same(n int, canary, canaryFailed, baseline, baselineFailed int64) []Minute {
	minutes := make([]Minute, n)
	for i := range minutes {
		minutes[i] = row(i, canary, canaryFailed, baseline, baselineFailed)
	}
	return minutes
}

func TestImpossibleMinutesAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		minutes []Minute
		want    string
	}{
		"negative":     {[]Minute{row(0, 1, 0, 1, 0), row(1, -1, 0, 1, 0)}, "row 2 (2026-03-04T14:01:00Z): canary counts -1 units"},
		"negative too": {[]Minute{row(0, 1, 0, 1, -3)}, "counts cannot be negative"},
		"more failed":  {[]Minute{row(0, 1, 0, 10, 11)}, "row 1 (2026-03-04T14:00:00Z): baseline has 11 failed of 10 units"},
		"repeated":     {[]Minute{row(0, 1, 0, 1, 0), row(0, 1, 0, 1, 0)}, "row 2 (2026-03-04T14:00:00Z): repeats the minute before it"},
		"unordered":    {[]Minute{row(5, 1, 0, 1, 0), row(4, 1, 0, 1, 0)}, "comes after 2026-03-04T14:05:00Z"},
		"huge":         {[]Minute{row(0, math.MaxInt64, 0, 1, 0)}, "at most 1000000000000000 can be compared"},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := NewProcess(Settings{})
			var err error
			for _, m := range c.minutes {
				if err = p.Add(m); err != nil {
					break
				}
			}
			var wrong *RowError
			if !errors.As(err, &wrong) || release.CodeOf(err) != release.Invalid {
				t.Fatalf("error is %v", err)
			}
			if !strings.Contains(err.Error(), c.want) || wrong.Row != len(c.minutes)-1 {
				t.Errorf("error of row %d: %v; want %q", wrong.Row, err, c.want)
			}
		})
	}
}

func TestWrongMinuteChangesNothing(t *testing.T) {
	p := judged(t, same(5, 100, 1, 1900, 19), Settings{})
	before := p.LogE()
	if p.Add(row(3, 100, 50, 1900, 0)) == nil {
		t.Fatal("an old minute was taken")
	}
	if p.LogE() != before || p.rows != 5 {
		t.Error("a wrong minute left a trace")
	}
	if err := p.Add(row(5, 100, 1, 1900, 19)); err != nil {
		t.Errorf("the right one is refused afterwards: %v", err)
	}
}

func TestSettingsOutOfRangeAreErrors(t *testing.T) {
	for _, s := range []Settings{
		{Margin: .9},
		{Margin: math.NaN()},
		{Margin: math.Inf(1)},
		{Margin: 3, Worse: 2},
		{Worse: 1.1},
		{Worse: math.NaN()},
		{Alpha: 1},
		{Alpha: -1},
		{Alpha: math.NaN()},
		{Beta: 1},
		{Dispersion: .5},
		{Dispersion: math.NaN()},
		{Noise: -1},
		{Horizon: -1},
		{WarmUp: -1},
		{MinimumSample: -1},
		{ErrorFree: 1},
		{ErrorFree: -.1},
	} {
		if _, err := NewProcess(s); err == nil || release.CodeOf(err) != release.Invalid {
			t.Errorf("%+v: error is %v", s, err)
		}
	}
	for _, s := range []Settings{{}, {Margin: 1}, {Margin: 3}, {Alpha: .5, Beta: .5}, {Horizon: 1}} {
		if _, err := NewProcess(s); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestVerdicts(t *testing.T) {
	quick := Settings{Dispersion: 1, FixedDispersion: true}
	for name, c := range map[string]struct {
		minutes  []Minute
		settings Settings
		want     release.Verdict
	}{
		"nothing":                        {nil, quick, release.NoData},
		"no canary":                      {same(9, 0, 0, 100, 1), quick, release.NoData},
		"no baseline":                    {same(9, 100, 50, 0, 0), quick, release.NoData},
		"arms never together":            {[]Minute{row(0, 100, 100, 0, 0), row(1, 0, 0, 100, 0)}, quick, release.NoData},
		"far too little":                 {same(1, 5, 0, 95, 1), quick, release.Inconclusive},
		"the same":                       {same(20, 300, 3, 5700, 57), quick, release.Pass},
		"the same, not enough yet":       {same(20, 300, 3, 5700, 57), Settings{MinimumSample: 6001}, release.Inconclusive},
		"twice as bad":                   {same(40, 300, 6, 5700, 57), quick, release.Fail},
		"a fifth worse is in the margin": {same(200, 300, 12, 5700, 190), quick, release.Pass},
		"no failure, enough":             {same(10, 30, 0, 570, 0), quick, release.Pass},
		"no failure, one too few":        {append(same(9, 30, 0, 570, 0), row(9, 28, 0, 570, 0)), quick, release.Inconclusive},
		"no failure, in lumps of five":   {same(10, 30, 0, 570, 0), Settings{Dispersion: 5}, release.Inconclusive},
		"no failure but in the baseline": {same(10, 30, 0, 570, 1), quick, release.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			if got := judged(t, c.minutes, c.settings).Verdict(); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestErrorFreeSampleIs299(t *testing.T) {
	s, err := Settings{}.withDefaults()
	if err != nil || s.errorFreeSample() != 299 {
		t.Errorf("%d units exclude 1 %%, error %v; want 299", s.errorFreeSample(), err)
	}
}

func TestAFailStays(t *testing.T) {
	minutes := append(same(10, 300, 30, 5700, 57), same(60, 300, 0, 5700, 57)[10:]...)
	p := judged(t, minutes, Settings{})
	if row, failed := p.Decided(); !failed || row > 2 || p.Verdict() != release.Fail {
		t.Errorf("decided at %d (%v): %v", row, failed, p.Verdict())
	}
}

func TestFastPath(t *testing.T) {
	for name, c := range map[string]struct {
		minutes []Minute
		fails   bool
	}{
		"half of it fails":                {same(1, 50, 25, 950, 1), true},
		"a fifth fails":                   {same(1, 50, 10, 950, 1), true},
		"less than a fifth":               {same(1, 50, 9, 950, 1), false},
		"too few":                         {same(1, 49, 49, 950, 1), false},
		"the baseline fails much too":     {same(1, 50, 20, 950, 100), false},
		"gathered from quiet minutes":     {same(10, 5, 2, 95, 0), true},
		"bad after a good hour":           {append(same(50, 100, 0, 1900, 0), row(50, 100, 40, 1900, 0)), true},
		"long ago and diluted by the now": {append(same(1, 40, 9, 760, 0), row(1, 200, 1, 3800, 0)), false},
	} {
		t.Run(name, func(t *testing.T) {
			var w window
			for _, m := range c.minutes {
				w.add(m)
			}
			if fails := w.catastrophe(); fails != c.fails {
				t.Errorf("fast path %v, want %v", fails, c.fails)
			}
		})
	}
}

func TestWarmUpIsNotComparedButWatched(t *testing.T) {
	warm := judged(t, same(3, 300, 20, 5700, 57), Settings{WarmUp: 3})
	if warm.LogE() != 0 || warm.Verdict() != release.NoData {
		t.Errorf("log e = %v, %v while warming up", warm.LogE(), warm.Verdict())
	}
	broken := judged(t, same(3, 300, 200, 5700, 57), Settings{WarmUp: 3})
	if broken.Verdict() != release.Fail {
		t.Errorf("%v: the fast path must stay on", broken.Verdict())
	}
}

// Two ways to the same minutes: one process that is added to, and one made anew at each look.
func TestRecomputingGivesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := drawMinutes(t)
		going, _ := NewProcess(Settings{})
		for n, m := range minutes {
			if err := going.Add(m); err != nil {
				t.Fatal(err)
			}
			anew, _ := NewProcess(Settings{})
			for _, m := range minutes[:n+1] {
				if err := anew.Add(m); err != nil {
					t.Fatal(err)
				}
			}
			if going.LogE() != anew.LogE() || going.Verdict() != anew.Verdict() || going.Interval() != anew.Interval() {
				t.Fatalf("minute %d: %v %v, anew %v %v", n, going.LogE(), going.Verdict(), anew.LogE(), anew.Verdict())
			}
		}
	})
}

func drawMinutes(t *rapid.T) []Minute {
	minutes := make([]Minute, rapid.IntRange(0, 12).Draw(t, "minutes"))
	for i := range minutes {
		canary, baseline := rapid.Int64Range(0, 400).Draw(t, "canary"), rapid.Int64Range(0, 4000).Draw(t, "baseline")
		minutes[i] = row(i, canary, rapid.Int64Range(0, min(canary, 20)).Draw(t, "failed"), baseline, rapid.Int64Range(0, min(baseline, 60)).Draw(t, "failed"))
	}
	return minutes
}

func FuzzProcess(f *testing.F) {
	f.Add([]byte{1, 200, 3, 255, 9, 1, 200, 30, 255, 9})
	f.Add([]byte{1, 0, 0, 0, 0, 0, 1, 1, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 200)] // every minute asks for the interval over all of them
		p, _ := NewProcess(Settings{Horizon: 5})
		minute, failed := 0, false
		for ; len(data) >= 5; data = data[5:] {
			minute += int(data[0]) % 3
			scale := int64(1) << (data[0] >> 2 % 50)
			m := row(minute, int64(data[1])*scale, int64(data[2])*scale, int64(data[3])*scale, int64(data[4])*scale)
			if p.Add(m) != nil {
				continue
			}
			interval, needed := p.Interval(), p.Needed()
			for name, x := range map[string]float64{"log e": p.LogE(), "low": interval.Low, "high": interval.High, "minutes": needed.Minutes, "phi": p.Dispersion(), "at most": p.AtMost()} {
				if math.IsNaN(x) {
					t.Fatalf("%s is not a number after %+v", name, m)
				}
			}
			if interval.Low < 0 || p.Dispersion() < 1 || needed.Units < 0 {
				t.Fatalf("interval %+v, phi %v, needed %+v", interval, p.Dispersion(), needed)
			}
			if now := p.Verdict() == release.Fail; failed && !now {
				t.Fatal("a fail was taken back")
			} else {
				failed = now
			}
			if p.Verdict() == release.Pass && p.AtMost() > 2+1e-6 && p.canary.Failed+p.baseline.Failed > 0 {
				t.Fatalf("passed at a ratio of at most %v", p.AtMost())
			}
		}
	})
}
