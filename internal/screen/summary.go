package screen

import (
	"fmt"
	"strings"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Summary returns what stands under a finished release: the outcome, what to know about it and what it cost. report is
// the path of the report, empty where none was written.
func Summary(s story.Story, report string, width int, colour bool) string {
	sign, style := newPalette(colour).outcome(s.Outcome)
	lines := []string{style.Render(sign + " " + story.Headline(s.Outcome))}
	for _, line := range wrap(s.Sentence, width-2) {
		lines = append(lines, "  "+line)
	}
	return strings.Join(lines, "\n") + "\n" + Facts(s, report, width, colour)
}

// Facts returns what a summary adds to the outcome, for those who have the view above it.
func Facts(s story.Story, report string, width int, colour bool) string {
	p := newPalette(colour)
	var lines []string
	row := func(name, text string) {
		for _, line := range wrap(text, width-margin-5) {
			lines = append(lines, pad("  "+p.muted.Render(name), margin+5)+line)
			name = ""
		}
	}
	if s.Release.ID != "" {
		if !strings.Contains(s.Sentence, s.Serves) {
			row("serves", s.Serves)
		}
		row("took", fmt.Sprintf("%s (%s to %s UTC)", story.Length(s.Ended().Sub(s.Release.Opened)), story.On(s.Release.Opened, s.Ended()), story.Clock(s.Ended())))
	}
	noun := s.Release.Target.Platform.Units()
	for i := range s.Measures {
		exposed := s.Exposed(&s.Measures[i])
		row("on the canary", fmt.Sprintf("%s %s, %s failed", release.Count(exposed.Units), noun, release.Count(exposed.Failed)))
	}
	if r := s.Rehearsed; r != nil {
		row("cost", fmt.Sprintf("%s transitions, %s API calls, %s", release.Count(int64(r.Transitions)), release.Count(int64(len(r.Calls))), story.USD(r.Cost().USD)))
	}
	for _, missing := range s.Missing {
		row("missing", missing)
	}
	if report != "" { // in one piece, to be copied
		lines = append(lines, pad("  "+p.muted.Render("report"), margin+5)+story.Plain(report))
	}
	return strings.Join(lines, "\n") + "\n"
}
