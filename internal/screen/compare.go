package screen

import (
	"fmt"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

const sparkCells = 24

// comparison is what both versions have done, as the judge saw it last, and how the failure rates went from look to
// look.
type comparison struct {
	canary, primary           release.Arm
	canaryRates, primaryRates []float64
	eValue, threshold         float64
	ratio                     string // how many times as often the canary fails, as an interval; empty where nobody can say
}

// compare reads the comparison out of the looks; where there are none, out of the workload's metrics.
func compare(s *story.Story) comparison {
	if len(s.Judged) > 0 {
		return judged(s.Judged[0])
	}
	var c comparison
	if len(s.Measures) == 0 || s.Release.CanarySince.IsZero() {
		return c
	}
	c.canary, c.primary = s.Measures[0].Totals(s.Release.CanarySince, s.To)
	return c
}

func judged(e story.Evidence) comparison {
	last := e.Points[len(e.Points)-1]
	c := comparison{canary: last.Check.Canary, primary: last.Check.Baseline, eValue: last.EValue, threshold: e.Threshold, ratio: ratio(last.Check)}
	for i := max(0, len(e.Points)-sparkCells); i < len(e.Points); i++ {
		var before release.Check
		if i > 0 {
			before = e.Points[i-1].Check
		}
		c.canaryRates = append(c.canaryRates, rateSince(before.Canary, e.Points[i].Check.Canary))
		c.primaryRates = append(c.primaryRates, rateSince(before.Baseline, e.Points[i].Check.Baseline))
	}
	return c
}

// ratio says between what the ratio of the rates lies.
func ratio(c release.Check) string {
	if c.Level <= 0 || c.RatioLow <= 0 && c.RatioHigh <= 0 {
		return ""
	}
	sure := fmt.Sprintf(" times as often (%s interval)", story.Percent(c.Level))
	switch {
	case c.RatioHigh <= 0:
		return "at least " + story.Decimal(c.RatioLow) + sure
	case c.RatioLow <= 0:
		return "at most " + story.Decimal(c.RatioHigh) + sure
	}
	return story.Decimal(c.RatioLow) + " to " + story.Decimal(c.RatioHigh) + sure
}

func rateSince(before, now release.Arm) float64 {
	return release.Arm{Units: max(0, now.Units-before.Units), Failed: max(0, now.Failed-before.Failed)}.Rate()
}
