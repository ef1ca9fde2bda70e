package screen

import (
	"fmt"
	"strings"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Summary returns what stands under a finished release: the outcome, what to know about it and what it cost. report is
// the path of the report, empty where none was written.
func Summary(s story.Story, report string, colour bool) string {
	const width = 80
	p := newPalette(colour)
	sign, style := p.outcome(s.Outcome)
	lines := []string{style.Render(sign + " " + story.Headline(s.Outcome))}
	for _, line := range wrap(s.Sentence, width-2) {
		lines = append(lines, "  "+line)
	}
	row := func(name, text string) { lines = append(lines, pad("  "+p.muted.Render(name), margin+5)+text) }
	if s.Release.ID != "" {
		row("serves", story.Plain(s.Serves))
		row("took", fmt.Sprintf("%s (%s to %s UTC)", story.Length(s.Ended().Sub(s.Release.Opened)), story.Clock(s.Release.Opened), story.Clock(s.Ended())))
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
		for i, line := range wrap(missing, width-margin-5) {
			row(map[bool]string{true: "missing"}[i == 0], line)
		}
	}
	if report != "" {
		row("report", story.Plain(report))
	}
	return strings.Join(lines, "\n") + "\n"
}
