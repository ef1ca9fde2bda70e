package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/minutes"
	"github.com/serin-aws/serin/internal/release"
)

// inWords is what a history calls its things.
var inWords = judge.Words{Unit: "requests", Baseline: "baseline"}

// course is what a replay came to so far: where the verdict changed last, and as what.
type course struct {
	name    string
	rows    int
	verdict release.Verdict
	since   minutes.Row
	failed  release.Arm // the canary as it was when it failed
	why     string      // in a sentence, from then
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
		c.failed, _ = p.Arms()
		c.why = p.Sentence(inWords)
	}
	return true
}

// textTeller writes a line wherever the verdict changes, and a closing sentence.
type textTeller struct {
	course
	out     io.Writer
	waiting waitingRoom
}

func newTextTeller(name string, out io.Writer, file *os.File) *textTeller {
	return &textTeller{course: course{name: name}, out: out, waiting: newWaitingRoom(file)}
}

func (t *textTeller) look(row minutes.Row, p *judge.Process) error {
	if !t.changed(row, p) {
		return nil
	}
	width := len("2026-03-02T14:02:00Z")
	if row.Stamp.Numbered() {
		width = 4
	}
	_, err := fmt.Fprintf(t.waiting, "%*s  %-12s  %s\n", width, row.Stamp, t.verdict, p.Sentence(inWords))
	return err
}

func (t *textTeller) end(p *judge.Process) error {
	if err := t.waiting.leave(t.out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.out, "\n%s %s: %s\n%s\n", t.name, t.ending(p), fullStop(t.because(p)), t.would())
	return err
}

// because says why the history came to what it came to: a fail stays as it was.
func (c *course) because(p *judge.Process) string {
	if c.verdict == release.Fail {
		return c.why
	}
	return p.Sentence(inWords)
}

// ending says what the history came to, and when.
func (c *course) ending(p *judge.Process) string {
	all := fmt.Sprintf("%s %s", release.Count(int64(c.rows)), plural(c.rows, "minute"))
	switch c.verdict {
	case release.Fail:
		row, _ := p.Decided()
		return fmt.Sprintf("fails in minute %s, after %s of %s", c.since.Stamp, release.Count(int64(row+1)), all)
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
		return fmt.Sprintf("A release would be rolled back there, with %s failed on the canary until then.", requests(c.failed.Failed))
	case release.Pass:
		return "A release would be promoted at the end of its last bake."
	case release.Inconclusive:
		return "A release would go on baking up to its limit, and then do what its policy says: hold, roll back or promote."
	}
	return "No data is never a pass: a release would go on baking up to its limit, and then do what its policy says."
}

func fullStop(sentence string) string {
	if strings.HasSuffix(sentence, "?") {
		return sentence
	}
	return sentence + "."
}

func requests(n int64) string { return release.Count(n) + " " + plural(int(n), "request") }
