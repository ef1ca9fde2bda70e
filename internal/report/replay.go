package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

//go:embed replay.html
var replayHTML string

// replayPage shares its drawings with the report of a release.
var replayPage = template.Must(template.Must(page.Clone()).New("replay").Parse(replayHTML))

// Replay is a history of counts that the judge went through, without a release.
type Replay struct {
	Name     string // of the history
	Verdict  release.Verdict
	Sentence string // the verdict and why
	Numbered bool   // minutes are numbers, and minute 0 is the beginning of 1970
	Margin   float64
	Worse    float64
	Level    float64 // of the interval of the ratio, 0 to 1

	Minutes  []story.Minute // one for each minute, without gaps: Old is the baseline, New the canary
	Looks    []story.Look   // one for each minute given, in order, with one check each
	Decided  time.Time      // the minute that failed the canary; zero where none did
	Evidence story.Evidence // of the same looks
}

// replayDoc is the page of a replay, from top to bottom.
type replayDoc struct {
	Policy string
	Style  template.CSS // the embedded files, nothing else
	Script template.JS

	Name, Outcome, Sign, Headline, Sentence string
	Level                                   string

	Facts    []fact
	Ticks    []tick
	Verdicts plot
	Plots    []plot
	Zone     string
	Looks    []lookRow
	LooksAre string
}

// WriteReplay writes the report of a replay. The same replay gives the same bytes.
func WriteReplay(w io.Writer, r Replay) error {
	var html bytes.Buffer
	if err := replayPage.Execute(&html, replayDocument(r)); err != nil {
		return fmt.Errorf("report of %s: %w", r.Name, err)
	}
	if _, err := io.WriteString(w, readable(html.String())); err != nil {
		return fmt.Errorf("report of %s: %w", r.Name, err)
	}
	return nil
}

func replayDocument(r Replay) replayDoc {
	s := story.Story{Looks: r.Looks, Judged: []story.Evidence{r.Evidence}, Measures: []story.Measure{{Name: "failures", Minutes: r.Minutes}}}
	if n := len(r.Minutes); n > 0 {
		s.From, s.To = r.Minutes[0].At, r.Minutes[n-1].At.Add(time.Minute)
	}
	a := axis{s.From, s.To}
	rates := failing(r.Evidence.Points)
	rates.Margin, rates.Worse = r.Margin, r.Worse
	d := replayDoc{
		Policy: policy(), Style: template.CSS(styleCSS), Script: template.JS(scriptJS),
		Name: r.Name, Sentence: r.Sentence, Level: story.Percent(r.Level), Facts: replayFacts(r), Ticks: a.ticks(), Verdicts: verdicts(&s, a),
		Plots: []plot{failures(&s, &s.Measures[0], a), evidence(r.Evidence, a), ratio(rates, a)},
		Zone:  zone(s.From, s.To), Looks: lookRows(&s), LooksAre: title("Every minute", len(r.Looks)),
	}
	d.Outcome, d.Sign, d.Headline = replayHeadline(r.Verdict)
	if r.Numbered {
		d.Zone = "Minutes are drawn as hours and minutes: minute 75 stands at 01:15."
	}
	lines := replayGrid(r, d.Ticks, a)
	d.Verdicts.Grid = lines
	for i := range d.Plots {
		d.Plots[i].Grid = lines
	}
	return d
}

func replayHeadline(verdict release.Verdict) (class, sign, headline string) {
	switch verdict {
	case release.Pass:
		return "good", "\u2714", "Passes"
	case release.Fail:
		return "bad", "\u2716", "Fails"
	case release.Inconclusive:
		return "stopped", "?", "Not enough to tell"
	}
	return "stopped", "\u2016", "Nothing to compare"
}

func replayFacts(r Replay) []fact {
	facts := []fact{{"minutes", release.Count(int64(len(r.Looks)))}}
	if !r.Decided.IsZero() {
		facts = append(facts, fact{"failed at", story.Clock(r.Decided)})
	}
	if n := len(r.Evidence.Points); n > 0 {
		last := r.Evidence.Points[n-1].Check
		facts = append(facts, fact{"canary", armText(last.Canary, "requests")}, fact{"baseline", armText(last.Baseline, "requests")})
		if text := ratioText(last); text != "" {
			facts = append(facts, fact{"times as often (" + story.Percent(r.Level) + ")", text})
		}
	}
	return facts
}

// replayGrid returns the vertical lines that all plots share: round times, and the decision.
func replayGrid(r Replay, ticks []tick, a axis) []mark {
	var lines []mark
	for _, t := range ticks {
		lines = append(lines, mark{Kind: lineMark, Class: "grid time", X: t.X, X2: t.X, Y: "0", Y2: "100%"})
	}
	if !r.Decided.IsZero() {
		x := percent(a.x(r.Decided))
		lines = append(lines, mark{Kind: lineMark, Class: "decided back", X: x, X2: x, Y: "0", Y2: "100%"})
	}
	return lines
}

// exact writes what somebody set as they set it: a margin of 1.25 is not 1.2.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
