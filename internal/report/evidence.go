package report

import (
	"fmt"
	"math"

	"github.com/serin-aws/serin/internal/story"
)

const evidenceHeight = 170

// evidence draws the e-value of one comparison over the looks of the judge.
func evidence(e story.Evidence, a axis) plot {
	low, high := evidenceBounds(e)
	y := scale{low, high, evidenceHeight, true}
	p := plot{
		ID: "evidence-" + e.Name, Title: named("Evidence against the canary", e.Name), Height: evidenceHeight,
		Note: fmt.Sprintf("The e-value: how much the data speak for \"the canary is worse\". At %s the release is rolled back. Of the versions that are not worse, at most %s ever get there, however often one looks.",
			story.Decimal(e.Threshold), story.Percent(1/e.Threshold)),
		Alt: evidenceAlt(e),
	}
	p.rect("reject", 0, 100, 0, y.y(e.Threshold))
	for value := low; value <= high*1.0001; value *= 10 {
		if decades := math.Log10(high / low); decades <= 6 || int(math.Round(math.Log10(value)))%2 == 0 {
			p.value(y.y(value), story.Decimal(value))
		}
	}
	p.line("threshold", 0, y.y(e.Threshold), 100, y.y(e.Threshold))
	e.Points = latest(e.Points, a)
	p.text("threshold", "start", 0.6, y.y(e.Threshold)-5, "rolls back from "+story.Decimal(e.Threshold)+" on")
	drawEvidence(&p, e, a, y)
	return p
}

// drawEvidence draws steps: a look's e-value stands until the next one. Level stretches are one line.
func drawEvidence(p *plot, e story.Evidence, a axis, y scale) {
	from := 0
	for i, point := range e.Points {
		level := y.y(point.EValue)
		next := point.At.Add(a.resolution(bandSlices))
		if last := i+1 == len(e.Points); last {
			p.line("evidence", a.x(e.Points[from].At), level, a.x(point.At), level)
			p.point(discMark, "evidence", a.x(point.At), level)
		} else {
			next = e.Points[i+1].At
			if following := y.y(e.Points[i+1].EValue); following != level {
				p.line("evidence", a.x(e.Points[from].At), level, a.x(next), level)
				p.line("evidence", a.x(next), level, a.x(next), following)
				from = i + 1
			}
		}
		p.hit(a, point.At, next, fmt.Sprintf("%s  e-value %s; %s", story.Clock(point.At), story.Decimal(point.EValue), point.Check.Sentence))
	}
}

// latest keeps the last look of every bin: a release of days is not drawn look by look.
func latest(points []story.EvidencePoint, a axis) []story.EvidencePoint {
	length := a.resolution(bandSlices)
	var kept []story.EvidencePoint
	for _, point := range points {
		bin := point.At.Sub(a.from) / length
		if n := len(kept); n > 0 && kept[n-1].At.Sub(a.from)/length == bin {
			kept[n-1] = point
			continue
		}
		kept = append(kept, point)
	}
	return kept
}

// evidenceBounds returns whole powers of ten around the threshold, 1 and what was reached, six decades at most below.
func evidenceBounds(e story.Evidence) (low, high float64) {
	least, most := 0.1, e.Threshold*3
	for _, point := range e.Points {
		if point.EValue > 0 {
			least = min(least, point.EValue)
		}
		most = max(most, point.EValue)
	}
	low = math.Pow(10, math.Floor(math.Log10(max(least, 1e-4))))
	return low, math.Pow(10, math.Ceil(math.Log10(min(most, 1e12))))
}

func evidenceAlt(e story.Evidence) string {
	if len(e.Points) == 0 {
		return "The judge has not looked."
	}
	last, most := e.Points[len(e.Points)-1], 0.0
	for _, point := range e.Points {
		most = max(most, point.EValue)
	}
	return fmt.Sprintf("%d looks; the highest e-value was %s, the last %s, and %s rolls back.",
		len(e.Points), story.Decimal(most), story.Decimal(last.EValue), story.Decimal(e.Threshold))
}
