package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

const (
	seriesHeight = 84
	seriesBins   = 240
)

// series draws one measured value over time.
func series(id, title, note string, one story.Series, a axis) plot {
	bins := seriesBinsOf(one, a)
	most := 0.0
	for _, bin := range bins {
		most = max(most, bin.Value)
	}
	top := nice(most)
	y := scale{0, top, seriesHeight, false}
	p := plot{ID: id, Title: title, Note: note, Height: seriesHeight}
	p.value(y.y(0), "0")
	p.value(y.y(top), amount(top, one.Unit))
	length := a.resolution(seriesBins)
	for i, bin := range bins {
		x1, x2 := a.x(bin.At), a.x(bin.At.Add(length))
		level := y.y(bin.Value)
		p.rect("level", x1, x2, level, y.y(0))
		p.line("level", x1, level, x2, level)
		if i > 0 && bins[i-1].At.Add(length).Equal(bin.At) {
			p.line("level", x1, y.y(bins[i-1].Value), x1, level)
		}
		p.hit(a, bin.At, bin.At.Add(length), story.Clock(bin.At)+"  "+amount(bin.Value, one.Unit))
	}
	p.Alt = fmt.Sprintf("At most %s.", amount(most, one.Unit))
	if len(bins) == 0 {
		p.Alt = "No data."
		p.text("empty", "middle", 50, seriesHeight/2, "no data")
	}
	return p
}

// seriesBinsOf joins points to bins by their highest value: a peak must not vanish.
func seriesBinsOf(one story.Series, a axis) []story.Point {
	length := a.resolution(seriesBins)
	var bins []story.Point
	for _, point := range one.Points {
		at := a.from.Add(point.At.Sub(a.from).Truncate(length))
		if n := len(bins); n > 0 && bins[n-1].At.Equal(at) {
			bins[n-1].Value = max(bins[n-1].Value, point.Value)
			continue
		}
		bins = append(bins, story.Point{At: at, Value: point.Value})
	}
	return bins
}

// amount writes a value with its unit; seconds as people say them.
func amount(value float64, unit string) string {
	switch {
	case unit == "s" && value >= 1:
		return story.Length(time.Duration(value * float64(time.Second)))
	case unit == "messages":
		return release.Count(int64(value))
	}
	return strings.TrimSpace(story.Decimal(value) + " " + unit)
}

// queue draws depth and age of the queue.
func queue(s *story.Story, a axis) []plot {
	var plots []plot
	for i, one := range s.Queue {
		note := ""
		if i == 0 {
			note = "Both versions read the same queue, so it cannot tell them apart: it guards, it does not compare."
		}
		title := "Queue: " + one.Name
		if one.Unit == "messages" {
			title += ", in messages"
		}
		plots = append(plots, series(fmt.Sprintf("queue-%d", i), title, note, one, a))
	}
	return plots
}
