package report

import (
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// The band is as high as its share is easily read, and its slices are few enough for any release.
const (
	bandHeight = 132
	bandSlices = 240
)

// share draws who did the work, the new version from below, coloured by what was known of it.
func share(s *story.Story, a axis) plot {
	p := plot{
		ID: "share", Title: "Share of the work by version", Height: bandHeight,
		Note: "The new version rises from below, in the colour of the verdict on it at that time. What is above it is the baseline.",
		Alt:  shareAlt(s),
	}
	const top, bottom = 0, bandHeight
	p.rect("old", 0, 100, top, bottom)
	seen := map[string]bool{}
	for _, bin := range bandBins(s.Band, a) {
		x1, x2 := a.x(bin.At), a.x(bin.At.Add(bin.length))
		fresh := bottom - bin.New*(bottom-top)
		moving := fresh - bin.Moving*(bottom-top)
		class := verdictClass(bin.Verdict)
		if bin.New > 0 {
			p.rect(class, x1, x2, fresh, bottom)
			seen[class] = true
		}
		if bin.Moving > 0 {
			p.rect("moving", x1, x2, moving, fresh)
			seen["moving"] = true
		}
		p.hit(a, bin.At, bin.At.Add(bin.length), shareText(bin))
	}
	for i, text := range []string{"100 %", "50 %", "0 %"} {
		p.Labels = append(p.Labels, label{Y: pixels(5 + float64(i)*(bandHeight-10)/2), Text: text})
	}
	p.line("half", 0, bandHeight/2, 100, bandHeight/2)
	decided(&p, s, a)
	p.Legend = shareLegend(s, seen)
	return p
}

// decided writes beside the line of the decision what was decided.
func decided(p *plot, s *story.Story, a axis) {
	d := s.Release.Decision
	if d.At.IsZero() {
		return
	}
	word := "rolls back "
	if d.Next == release.NextPromote {
		word = "promotes "
	}
	const room = 36 // percent of the width that the text takes on a phone
	x, anchor := a.x(d.At)+0.7, "start"
	if x > 100-room {
		x, anchor = x-1.4, "end"
	}
	p.text("note", anchor, x, 16, word+story.Clock(d.At))
}

// wide is a slice over several minutes.
type wide struct {
	story.Slice
	length time.Duration
}

// bandBins joins minutes so that a release of days has no more shapes than one of an hour. The worst verdict counts.
func bandBins(band []story.Slice, a axis) []wide {
	length := a.resolution(bandSlices)
	n := int(length / time.Minute)
	var bins []wide
	for i := 0; i < len(band); i += n {
		bin := wide{Slice: story.Slice{At: band[i].At, Verdict: band[i].Verdict}, length: length}
		minutes := band[i:min(i+n, len(band))]
		for _, minute := range minutes {
			bin.New += minute.New / float64(len(minutes))
			bin.Moving += minute.Moving / float64(len(minutes))
			bin.Verdict = release.Worst(bin.Verdict, minute.Verdict)
			bin.Measured = bin.Measured || minute.Measured
		}
		bins = append(bins, bin)
	}
	return bins
}

func verdictClass(verdict release.Verdict) string {
	switch verdict {
	case release.Pass:
		return "pass"
	case release.Fail:
		return "fail"
	case release.Inconclusive:
		return "inconclusive"
	}
	return "nodata"
}

func verdictWord(verdict release.Verdict) string {
	switch verdict {
	case release.Pass:
		return "pass"
	case release.Fail:
		return "fail"
	case release.Inconclusive:
		return "not enough to tell"
	case release.NoData:
		return "nothing measured yet"
	}
	return "not judged"
}

// lookWord is what a look says, in a word.
func lookWord(look story.Look) string {
	if look.Alone() {
		return "watching"
	}
	return verdictWord(look.Judgement.Verdict)
}

func shareText(bin wide) string {
	text := fmt.Sprintf("%s  new %s, baseline %s", story.Clock(bin.At), story.Percent(bin.New), story.Percent(max(0, 1-bin.New-bin.Moving)))
	if bin.Moving > 0 {
		text += fmt.Sprintf(", being replaced %s", story.Percent(bin.Moving))
	}
	if bin.New > 0 {
		text += "; " + verdictWord(bin.Verdict)
	}
	if !bin.Measured {
		text += " (by what runs, not by work)"
	}
	return text
}

func shareLegend(s *story.Story, seen map[string]bool) []key {
	legend := []key{{"old", area, "baseline " + story.Short(s.Release.Baseline.Serves)}}
	fresh := "new " + s.Release.Revision.String()
	for _, verdict := range []release.Verdict{release.NoData, release.Inconclusive, release.Pass, release.Fail} {
		if class := verdictClass(verdict); seen[class] {
			legend = append(legend, key{class, area, fresh + ": " + verdictWord(verdict)})
			fresh = "new"
		}
	}
	if seen["moving"] {
		legend = append(legend, key{"moving", area, "being replaced: some of both"})
	}
	return legend
}

func shareAlt(s *story.Story) string {
	most := 0.0
	for _, slice := range s.Band {
		most = max(most, slice.New)
	}
	return fmt.Sprintf("The new version had at most %s of the work. %s", story.Percent(most), s.Sentence)
}
