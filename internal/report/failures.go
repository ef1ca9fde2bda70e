package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

const (
	failureHeight = 190
	failureBins   = 48
	fewestBins    = 6
	apart         = 1.0 // how far a version's points stand from the middle of a bin, in percent of the width at most
	enoughWork    = 30  // units of the new version in a bin, on average, for its rate to say something
)

// failures draws the failure rate of both versions with 95 % intervals.
func failures(s *story.Story, measure *story.Measure, a axis) plot {
	noun := s.Release.Target.Platform.Units()
	length := failureLength(measure, a)
	bins := failureBinsOf(measure, length)
	top := failureTop(bins)
	y := scale{0, top, failureHeight, false}
	p := plot{
		ID: "failures-" + measure.Name, Title: named("Failures by version", measure.Name), Height: failureHeight,
		Note: fmt.Sprintf("Share of %s that failed, in bins of %s, each with its 95 %% interval (Wilson).", noun, story.Length(length)),
	}
	for _, value := range []float64{0, top / 2, top} {
		p.value(y.y(value), story.Percent(value))
	}
	drawRates(&p, a, y, bins, "old", squareMk, -apart, func(b failureBin) release.Arm { return b.old })
	drawRates(&p, a, y, bins, "new", discMark, apart, func(b failureBin) release.Arm { return b.fresh })
	for _, bin := range bins {
		p.hit(a, bin.at, bin.at.Add(bin.length), bin.text())
	}
	if slices.IndexFunc(bins, func(b failureBin) bool { return b.old.Units+b.fresh.Units > 0 }) < 0 {
		p.text("empty", "middle", 50, failureHeight/2, "no "+noun+" counted")
	}
	canary, baseline := compared(s, measure)
	judged := ", as judged: " // the plot shows also the minutes that were not compared
	if len(s.Judged) == 0 {
		judged = ": "
	}
	p.Legend = []key{
		{"new", disc, "new" + judged + armText(canary, noun)},
		{"old", square, "baseline" + judged + armText(baseline, noun)},
	}
	p.Alt = fmt.Sprintf("While the canary ran beside the baseline: new version, %s; baseline, %s.", armText(canary, noun), armText(baseline, noun))
	return p
}

// compared returns the counts of both versions that the judge saw last, so that the page says one thing in all places;
// where its looks are gone, the work from the canary's start until the decision.
func compared(s *story.Story, measure *story.Measure) (canary, baseline release.Arm) {
	for _, e := range s.Judged {
		if n := len(e.Points); e.Name == measure.Name && n > 0 {
			last := e.Points[n-1].Check
			return last.Canary, last.Baseline
		}
	}
	until := s.To
	if at := s.Release.Decision.At; !at.IsZero() {
		until = at
	}
	return measure.Totals(s.Release.CanarySince, until)
}

// named adds the name of a comparison to a title, but for the plain name that says nothing new.
func named(title, name string) string {
	if name == "failures" {
		return title
	}
	return title + ": " + name
}

func armText(arm release.Arm, noun string) string {
	if arm.Units == 0 {
		return "no " + noun
	}
	rate := strings.ReplaceAll(story.Percent(arm.Rate()), " ", "\u00a0") // no break before the sign
	return fmt.Sprintf("%s of %s %s failed (%s)", release.Count(arm.Failed), release.Count(arm.Units), noun, rate)
}

type failureBin struct {
	at         time.Time
	length     time.Duration
	old, fresh release.Arm
}

func (b failureBin) text() string {
	return fmt.Sprintf("%s  new %s; baseline %s", story.Clock(b.at), binText(b.fresh), binText(b.old))
}

func binText(arm release.Arm) string {
	if arm.Units == 0 {
		return "-"
	}
	low, high := wilson(arm)
	return fmt.Sprintf("%s of %s = %s (%s to %s)", release.Count(arm.Failed), release.Count(arm.Units), story.Percent(arm.Rate()), story.Percent(low), story.Percent(high))
}

// failureLength returns the length of a bin: long enough that the rates in it say something, where work is scarce.
func failureLength(measure *story.Measure, a axis) time.Duration {
	var work, busy int64
	for _, minute := range measure.Minutes {
		if minute.New.Units > 0 {
			work += minute.New.Units
			busy++
		}
	}
	length := a.resolution(failureBins)
	for most := failureBins / 2; most >= fewestBins; most /= 2 {
		if busy == 0 || work*int64(length/time.Minute) >= enoughWork*busy {
			break
		}
		length = a.resolution(most)
	}
	return length
}

func failureBinsOf(measure *story.Measure, length time.Duration) []failureBin {
	n := int(length / time.Minute)
	var bins []failureBin
	for i := 0; i < len(measure.Minutes); i += n {
		bin := failureBin{at: measure.Minutes[i].At, length: length}
		for _, minute := range measure.Minutes[i:min(i+n, len(measure.Minutes))] {
			bin.old.Units += minute.Old.Units
			bin.old.Failed += minute.Old.Failed
			bin.fresh.Units += minute.New.Units
			bin.fresh.Failed += minute.New.Failed
		}
		bins = append(bins, bin)
	}
	return bins
}

// failureTop returns the top of the axis: above every rate that rests on some work, so that one failed message out of
// two does not flatten everything else; such points stand at the top edge. Where nothing failed, the narrowest interval
// fits in.
func failureTop(bins []failureBin) float64 {
	const some, least = 20, 0.002
	sure, narrow, widest := 0.0, 1.0, 0.0
	for _, bin := range bins {
		for _, arm := range []release.Arm{bin.old, bin.fresh} {
			_, high := wilson(arm)
			widest, narrow = max(widest, arm.Rate()), min(narrow, high)
			if arm.Units >= some {
				sure = max(sure, arm.Rate()*1.2, min(high, 2*arm.Rate()))
			}
		}
	}
	if widest == 0 {
		sure = 1.5 * narrow
	}
	return min(1, nice(max(cmp.Or(sure, widest), least)))
}

func drawRates(p *plot, a axis, y scale, bins []failureBin, class string, kind kind, offset float64, arm func(failureBin) release.Arm) {
	var lastX, lastY float64
	joined := false
	for _, bin := range bins {
		counts := arm(bin)
		if counts.Units == 0 {
			joined = false
			continue
		}
		low, high := wilson(counts)
		width := a.x(bin.at.Add(bin.length)) - a.x(bin.at)
		x := a.x(bin.at) + width/2 + min(0.7, width*0.17)*offset
		top := y.y(counts.Rate())
		p.line("interval "+class, x, y.y(high), x, y.y(low))
		if joined {
			p.line("join "+class, lastX, lastY, x, top)
		}
		p.point(kind, class, x, top)
		lastX, lastY, joined = x, top, true
	}
}

// wilson returns the 95 % score interval of an arm's failure rate.
// Wilson, Probable inference, the law of succession, and statistical inference (1927).
func wilson(arm release.Arm) (low, high float64) {
	if arm.Units <= 0 {
		return 0, 1
	}
	const z = 1.959963984540054
	n, p := float64(arm.Units), arm.Rate()
	centre := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, (centre-spread)/(1+z*z/n)), min(1, (centre+spread)/(1+z*z/n))
}
