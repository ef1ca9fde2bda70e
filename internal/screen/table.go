package screen

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Table returns what many runs come to.
func Table(s story.Summary, colour bool) string {
	p := newPalette(colour)
	var lines []string
	lines = append(lines, p.strong.Render(title(s)))
	lines = append(lines, fmt.Sprintf("  %s   %s", outcomes(s.Outcomes), invariants(s, p)))
	if s.Detection.MedianSeconds != nil && s.Detection.P90Seconds != nil {
		lines = append(lines, fmt.Sprintf("  detected after %s (median), %s (9 in 10)", seconds(*s.Detection.MedianSeconds), seconds(*s.Detection.P90Seconds)))
	}
	lines = append(lines, fmt.Sprintf("  on the canary: %s %s (median); failed of them: %s (median), %s (9 in 10)",
		amount(s.Exposed.MedianUnits), cmp.Or(s.Units, "units"), amount(s.Exposed.MedianFailures), amount(s.Exposed.P90Failures)))
	lines = append(lines, rateAlarm(s.RateAlarm)...)
	lines = append(lines, fmt.Sprintf("  %s transitions, %s calls, %s a release (medians)",
		amount(s.Transitions.Median), amount(s.APICalls.Median), story.USD(s.CostUSD.Median)))
	lines = append(lines, faults(s)...)
	for _, violation := range s.Violations {
		lines = append(lines, p.fail.Render("  \u2716 "+story.Plain(violation)))
	}
	return strings.Join(lines, "\n") + "\n"
}

// title says what was rehearsed and how fast.
func title(s story.Summary) string {
	text := release.Count(int64(s.Runs)) + " releases"
	if s.Runs == 1 {
		text = "1 release"
	}
	if s.Target != "" {
		text += " of " + string(s.Target)
	}
	if s.Scenario != "" {
		text += " against " + story.Plain(s.Scenario)
	}
	if s.Took > 0 {
		text += fmt.Sprintf(" in %.1f s (%s/s)", s.Took.Seconds(), amount(float64(s.Runs)/s.Took.Seconds()))
	}
	return text
}

func outcomes(o story.Outcomes) string {
	text := fmt.Sprintf("rolled back %s   held %s   released %s   dirty %s", count(o.RolledBack), count(o.Held), count(o.Released), count(o.Dirty))
	if o.Refused > 0 {
		text += "   refused " + count(o.Refused)
	}
	if o.Nothing > 0 {
		text += "   nothing to release " + count(o.Nothing)
	}
	if o.Open > 0 {
		text += "   not over " + count(o.Open)
	}
	return text
}

func invariants(s story.Summary, p palette) string {
	switch broken := len(s.Violations); {
	case broken > 0:
		return p.fail.Render(fmt.Sprintf("\u2716 invariants: %d broken", broken))
	case s.Invariants > 0:
		return p.pass.Render("\u2714") + fmt.Sprintf(" invariants: %d of %d held", s.Invariants, s.Invariants)
	}
	return p.pass.Render("\u2714") + " invariants: all held"
}

// rateAlarm says what an alarm alone would have done.
func rateAlarm(a *story.RateAlarm) []string {
	if a == nil {
		return nil
	}
	text := fmt.Sprintf("  an alarm alone, %s: ", a.Rule)
	if a.Fired == 0 {
		return []string{text + fmt.Sprintf("never fires (%s runs)", count(a.Runs))}
	}
	return []string{
		text + fmt.Sprintf("fires in %s of %s runs,", count(a.Fired), count(a.Runs)),
		fmt.Sprintf("    after %s (median), %s (9 in 10); failed on the canary: %s (median)",
			seconds(*a.Detection.MedianSeconds), seconds(*a.Detection.P90Seconds), amount(*a.Failures)),
	}
}

// faults are lines that say what went wrong, the most frequent first.
func faults(s story.Summary) []string {
	if len(s.Faults) == 0 {
		return nil
	}
	kinds := slices.SortedFunc(maps.Keys(s.Faults), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Faults[b], s.Faults[a]), cmp.Compare(a, b))
	})
	lines := []string{"  what went wrong, in all runs:"}
	for _, kind := range kinds {
		lines = append(lines, fmt.Sprintf("  %9s  %s", count(s.Faults[kind]), story.Plain(kind)))
	}
	if s.Twice > 0 {
		lines = append(lines, fmt.Sprintf("  %s of the runs were made twice, with the same calls at the same times", count(s.Twice)))
	}
	return lines
}

func count(n int) string { return release.Count(int64(n)) }

func amount(x float64) string { return story.Decimal(x) }

func seconds(x float64) string { return story.Length(time.Duration(x * float64(time.Second))) }
