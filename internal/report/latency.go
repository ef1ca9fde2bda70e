package report

import (
	"fmt"

	"github.com/serin-aws/serin/internal/story"
)

const latencyHeight = 110

// latency draws how long units of work took, a plot for each comparison.
func latency(s *story.Story, a axis) []plot {
	var plots []plot
	for _, l := range s.Latency {
		plots = append(plots, durations(l, s.Release.Target.Platform.Units(), a))
	}
	return plots
}

// durations draws the p90 of both versions, and what it was before the release.
func durations(l story.Latency, noun string, a axis) plot {
	unit := string(l.Unit)
	old, fresh := seriesBinsOf(story.Series{Points: l.Old}, a), seriesBinsOf(story.Series{Points: l.New}, a)
	top := nice(max(most(old), most(fresh), l.Limit))
	y := scale{0, top, latencyHeight, false}
	title := "Latency by version"
	if l.Name != "latency" {
		title += ": " + l.Name
	}
	p := plot{
		ID: "latency-" + l.Name, Title: title, Height: latencyHeight,
		Note: fmt.Sprintf("What nine of ten %s took at most in each minute (p90). Judged is how many take longer than before, not this line.", noun),
		Legend: []key{
			{"new", disc, "new: " + highest(fresh, unit)},
			{"old", square, "baseline: " + highest(old, unit)},
		},
		Alt: fmt.Sprintf("p90 of the new version: %s; of the baseline: %s.", highest(fresh, unit), highest(old, unit)),
	}
	p.value(y.y(0), "0")
	p.value(y.y(top), amount(top, unit))
	if l.Limit > 0 {
		p.line("threshold", 0, y.y(l.Limit), 100, y.y(l.Limit))
		p.text("threshold", "start", 0.6, y.y(l.Limit)-5, "p90 before the release: "+amount(l.Limit, unit))
	}
	half := a.resolution(seriesBins) / 2
	for _, bin := range old {
		p.point(squareMk, "old", a.x(bin.At.Add(half)), y.y(bin.Value))
		p.hit(a, bin.At, bin.At.Add(2*half), story.Clock(bin.At)+"  baseline "+amount(bin.Value, unit)+newAt(fresh, bin, unit))
	}
	for _, bin := range fresh {
		p.point(discMark, "new", a.x(bin.At.Add(half)), y.y(bin.Value))
	}
	if len(old)+len(fresh) == 0 {
		p.text("empty", "middle", 50, latencyHeight/2, "no data")
	}
	return p
}

// newAt says what the new version took at the time of a point of the baseline.
func newAt(fresh []story.Point, old story.Point, unit string) string {
	for _, bin := range fresh {
		if bin.At.Equal(old.At) {
			return ", new " + amount(bin.Value, unit)
		}
	}
	return ""
}

func most(points []story.Point) float64 {
	most := 0.0
	for _, point := range points {
		most = max(most, point.Value)
	}
	return most
}

func highest(points []story.Point, unit string) string {
	if len(points) == 0 {
		return "no data"
	}
	return "at most " + amount(most(points), unit)
}
