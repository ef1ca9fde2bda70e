package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/minutes"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// course is what a replay came to so far: where the verdict changed last, and as what.
type course struct {
	name     string
	settings judge.Settings
	rows     int
	verdict  release.Verdict
	since    minutes.Row
	failed   judge.Result // as it was when the canary failed
}

// changed takes one more row, and reports whether it changed the verdict.
func (c *course) changed(row minutes.Row, p *judge.Process) bool {
	c.rows++
	verdict := p.Verdict()
	if verdict == c.verdict {
		return false
	}
	c.verdict, c.since = verdict, row
	if verdict == release.Fail {
		c.failed = p.Result()
	}
	return true
}

// textTeller writes a line wherever the verdict changes, and a closing sentence.
type textTeller struct {
	course
	out     io.Writer
	waiting waitingRoom
}

func newTextTeller(name string, settings judge.Settings, out io.Writer, file *os.File) *textTeller {
	return &textTeller{course: course{name: name, settings: settings}, out: out, waiting: newWaitingRoom(file)}
}

func (t *textTeller) look(row minutes.Row, p *judge.Process) error {
	if !t.changed(row, p) {
		return nil
	}
	width := len("2026-03-02T14:02:00Z")
	if row.Stamp.Numbered() {
		width = 4
	}
	_, err := fmt.Fprintf(t.waiting, "%*s  %-12s  %s\n", width, row.Stamp, t.verdict, because(p.Result(), t.settings))
	return err
}

func (t *textTeller) end(p *judge.Process) error {
	if err := t.waiting.leave(t.out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.out, "\n%s %s: %s.\n%s\n", t.name, t.ending(p), because(t.decisive(p), t.settings), t.would())
	return err
}

// decisive is the result that the verdict at the end rests on: a fail stays as it was.
func (c *course) decisive(p *judge.Process) judge.Result {
	if c.verdict == release.Fail {
		return c.failed
	}
	return p.Result()
}

// ending says what the history came to, and when.
func (c *course) ending(p *judge.Process) string {
	all := fmt.Sprintf("%s %s", story.Count(int64(c.rows)), plural(c.rows, "minute"))
	switch c.verdict {
	case release.Fail:
		row, _ := p.Decided()
		return fmt.Sprintf("fails in minute %s, after %s of %s", c.since.Stamp, story.Count(int64(row+1)), all)
	case release.Pass:
		return "passes after " + all
	case release.Inconclusive:
		return "is inconclusive after " + all
	}
	return "holds no data in " + all
}

// would says what a release does at such a verdict.
func (c *course) would() string {
	switch c.verdict {
	case release.Fail:
		return fmt.Sprintf("A release would be rolled back there, with %s failed on the canary until then.", requests(c.failed.Canary.Failed))
	case release.Pass:
		return "A release would be promoted at the end of its last bake."
	case release.Inconclusive:
		return "A release would go on baking up to its limit, and then do what its policy says: hold, roll back or promote."
	}
	return "No data is never a pass: a release would go on baking up to its limit, and then do what its policy says."
}

func requests(n int64) string { return story.Count(n) + " " + plural(int(n), "request") }

// because says why a verdict is what it is.
func because(r judge.Result, s judge.Settings) string {
	switch r.Verdict {
	case release.Fail:
		return failsBecause(r, s)
	case release.Pass:
		return passesBecause(r, s)
	case release.Inconclusive:
		return undecidedBecause(r, s)
	}
	return "in no minute did both canary and baseline do anything"
}

func failsBecause(r judge.Result, s judge.Settings) string {
	seen := fmt.Sprintf("canary fails %s of %s against %s of %s",
		story.Percent(r.Canary.Rate()), requests(r.Canary.Units), story.Percent(r.Baseline.Rate()), story.Count(r.Baseline.Units))
	if r.LogE < -math.Log(s.Alpha) {
		return seen + ", and its newest far beyond chance, so not tested any longer"
	}
	return fmt.Sprintf("%s: at least %s times as often; chance of a false alarm below %s", seen, atLeast(r.Interval.Low), story.Percent(s.Alpha))
}

func passesBecause(r judge.Result, s judge.Settings) string {
	seen := story.Count(r.Canary.Units) + " canary " + plural(int(r.Canary.Units), "request")
	if r.Canary.Failed+r.Baseline.Failed == 0 {
		return fmt.Sprintf("%s without a failure, and the baseline has none; a failure rate of 1 %% is excluded (%s)", seen, story.Percent(1-s.Beta))
	}
	return fmt.Sprintf("%s; a failure rate %s times the baseline's is excluded (at most %s times, %s)",
		seen, exact(s.Worse), atMost(r.AtMost), story.Percent(1-s.Beta))
}

func undecidedBecause(r judge.Result, s judge.Settings) string {
	seen := story.Count(r.Canary.Units) + " canary " + plural(int(r.Canary.Units), "request") + " so far"
	what := fmt.Sprintf("to tell a failure rate %s times the baseline's from chance", exact(s.Worse))
	if r.Needed.Units == 0 {
		return seen + "; too few " + what
	}
	return fmt.Sprintf("%s; about %s more (%s at this rate) are needed %s", seen, story.Count(roughly(r.Needed.Units)), minutesLong(r.Needed.Minutes), what)
}

func minutesLong(n float64) string {
	if !(n < 365*24*60) {
		return "more than a year"
	}
	return story.Length(time.Duration(math.Ceil(n)) * time.Minute)
}

// roughly rounds up to two digits: more would promise too much.
func roughly(n int64) int64 {
	unit := int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

// exact writes what somebody set as they set it.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// atLeast and atMost write a ratio with two digits, rounded so that the words stay true.
func atLeast(ratio float64) string { return twoDigits(ratio, math.Floor) }
func atMost(ratio float64) string  { return twoDigits(ratio, math.Ceil) }

func twoDigits(x float64, round func(float64) float64) string {
	if !(x > 0) || math.IsInf(x, 0) {
		return story.Decimal(x)
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-1)
	return story.Decimal(round(math.Round(x/unit*1e6)/1e6) * unit) // not what binary fractions are off
}
