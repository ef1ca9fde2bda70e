package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

const ratioHeight = 150

// ratioOf is a ratio of rates as the judge saw it over time.
type ratioOf struct {
	Name   string // of the comparison; may be empty
	Points []story.EvidencePoint
	What   string // what is a ratio of what: "the canary fails"
	Times  string // "as often"
	Of     string // of what, where it is not of the rates: " the odds"
	Margin float64
	Worse  float64 // that a pass excludes; 0: not drawn
}

// ratios draws the intervals of all comparisons that have one.
func ratios(s *story.Story, a axis) []plot {
	var plots []plot
	for _, e := range s.Judged {
		known := func(p story.EvidencePoint) bool { return p.Check.RatioLow > 0 || p.Check.RatioHigh > 0 }
		i := slices.IndexFunc(s.Release.Target.Checks.Compare, func(c release.Comparison) bool { return c.Name == e.Name })
		if i < 0 || !slices.ContainsFunc(e.Points, known) {
			continue
		}
		c := s.Release.Target.Checks.Compare[i]
		r := failing(e.Points)
		switch c.Kind() {
		case release.CompareLatency:
			r.What, r.Of = "the canary is slow", " the odds"
		case release.CompareThroughput:
			r.What, r.Times = "a worker of the primary does", "as much"
		}
		r.Name, r.Margin = e.Name, c.Margin
		plots = append(plots, ratio(r, a))
	}
	return plots
}

// failing is the ratio of two failure rates.
func failing(points []story.EvidencePoint) ratioOf {
	return ratioOf{Points: points, What: "the canary fails", Times: "as often"}
}

// confidence says how sure the intervals are, where they say so themselves: older records do not.
func (r ratioOf) confidence() string {
	for _, point := range r.Points {
		if level := point.Check.Level; level > 0 {
			return " with " + story.Percent(level) + " confidence"
		}
	}
	return ""
}

// ratio draws the interval of a ratio over time, and what margin and pass make of it.
func ratio(r ratioOf, a axis) plot {
	low, high := 0.1, math.Pow(10, math.Ceil(math.Log10(max(100, 2*r.Worse))))
	y := scale{low, high, ratioHeight, true}
	p := plot{
		ID: "ratio", Title: "How many times " + r.Times + " " + r.What, Height: ratioHeight,
		Note: fmt.Sprintf("The band holds the ratio of the rates%s, however often one looks; at the edges it is open. Up to %s times%s does not matter (the margin)",
			r.confidence(), exact(r.Margin), r.Of),
	}
	if r.Name != "" {
		p.ID, p.Title = "ratio-"+r.Name, named(p.Title, r.Name)
	}
	for value := low; value <= high*1.0001; value *= 10 {
		p.value(y.y(value), story.Decimal(value))
	}
	for _, point := range latest(r.Points, a) {
		c, next := point.Check, point.At.Add(a.resolution(bandSlices))
		top := high
		if c.RatioHigh > 0 {
			top = c.RatioHigh
		}
		if c.RatioLow > 0 || c.RatioHigh > 0 {
			p.rect("level", a.x(point.At), a.x(next), y.y(top), y.y(c.RatioLow))
			p.hit(a, point.At, next, fmt.Sprintf("%s  %s times %s", story.Clock(point.At), ratioText(c), r.Times))
		}
	}
	p.line("threshold", 0, y.y(r.Margin), 100, y.y(r.Margin))
	p.text("threshold", "start", 0.6, y.y(r.Margin)+12, "margin "+exact(r.Margin))
	if r.Worse > 0 {
		p.Note += fmt.Sprintf("; a pass excludes %s times", exact(r.Worse))
		p.line("threshold", 0, y.y(r.Worse), 100, y.y(r.Worse))
		p.text("threshold", "start", 0.6, y.y(r.Worse)-4, "a pass is below "+exact(r.Worse))
	}
	p.Note += "."
	p.Alt = "Nothing is excluded."
	if n := len(r.Points); n > 0 && ratioText(r.Points[n-1].Check) != "" {
		p.Alt = fmt.Sprintf("At the end: %s times %s.", ratioText(r.Points[n-1].Check), r.Times)
	}
	return p
}
