package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// doc is the page, from top to bottom.
type doc struct {
	Policy string
	Style  template.CSS // the embedded files, nothing else
	Script template.JS

	Title    string
	Target   string
	ID       string
	Outcome  string // class of the outcome
	Sign     string // a sign beside the word, so that the colour is not needed
	Headline string
	Sentence string
	Facts    []fact
	Missing  []string

	Ticks  []tick
	Phases *plot // nil for a release that was never opened
	Band   *plot
	Plots  []plot
	Lanes  []lane
	Zone   string // which days and which zone the times are in

	Machine  *machine
	Events   []eventRow
	Numbers  []numberTable
	Looks    []lookRow
	LooksAre string
	Actions  []story.ActionCount
	Costs    []costRow
	Total    string
	Prices   string
	Scenario string
	Seed     string
	File     string
	FileKind string
	Exactly  []fact
}

// fact is one line of what a reader asks first.
type fact struct{ Name, Value string }

func document(s story.Story) doc {
	d := doc{
		Policy: policy(), Style: template.CSS(styleCSS), Script: template.JS(scriptJS),
		Target: string(s.Release.Target.Name), ID: string(s.Release.ID),
		Title:   fmt.Sprintf("%s: %s", s.Release.Target.Name, story.Headline(s.Outcome)),
		Outcome: outcomeClass(s.Outcome), Sign: sign(s.Outcome), Headline: story.Headline(s.Outcome),
		Sentence: s.Sentence, Facts: facts(&s), Missing: s.Missing,
		Zone: zone(s.From, s.To),
		File: s.File, FileKind: "YAML",
	}
	if s.File == "" {
		d.File, d.FileKind = snapshot(s.Release.Target), "JSON"
	}
	d.draw(&s)
	d.Machine = path(s.Rehearsed)
	d.Events, d.Looks, d.Numbers = eventRows(&s), lookRows(&s), numberTables(&s)
	d.LooksAre = title("Every look of the judge", len(s.Looks))
	d.rehearsed(s.Rehearsed)
	d.Exactly = exactly(&s.Release)
	return d
}

// draw adds everything that stands over the time axis.
func (d *doc) draw(s *story.Story) {
	a := axis{s.From, s.To}
	if len(s.Band) == 0 {
		return
	}
	d.Ticks = a.ticks()
	lines := grid(s, a)
	for _, t := range d.Ticks {
		lines = append([]mark{{Kind: lineMark, Class: "grid time", X: t.X, X2: t.X, Y: "0", Y2: "100%"}}, lines...)
	}
	band, phase := share(s, a), phases(s, a)
	band.Grid = grid(s, a)
	d.Band, d.Phases = &band, &phase
	for i := range s.Measures {
		d.Plots = append(d.Plots, failures(s, &s.Measures[i], a))
	}
	for _, e := range s.Judged {
		d.Plots = append(d.Plots, evidence(e, a))
	}
	d.Plots = append(d.Plots, ratios(s, a)...)
	d.Plots = append(d.Plots, queue(s, a)...)
	d.Plots = append(d.Plots, latency(s, a)...)
	if s.Rehearsed != nil && len(s.Rehearsed.Calls) > 0 {
		d.Plots = append(d.Plots, calls(s.Rehearsed, a))
	}
	for i := range d.Plots {
		d.Plots[i].Grid = lines
	}
	d.Lanes = lanes(s, a)
	for i := range d.Lanes {
		d.Lanes[i].Grid = lines
	}
}

func (d *doc) rehearsed(r *story.Rehearsed) {
	if r == nil {
		return
	}
	d.Scenario, d.Seed = r.Scenario, fmt.Sprint(r.Seed)
	d.Actions = r.Actions()
	d.Costs, d.Total, d.Prices = costRows(r)
}

func outcomeClass(outcome release.Outcome) string {
	switch outcome {
	case release.OutcomeReleased, release.OutcomeNothing:
		return "good"
	case release.OutcomeRolledBack, release.OutcomeDirty:
		return "bad"
	case release.OutcomeHeld, release.OutcomeRefused, release.OutcomeAbandoned:
		return "stopped"
	}
	return "open"
}

func sign(outcome release.Outcome) string {
	switch outcome {
	case release.OutcomeReleased:
		return "\u2714"
	case release.OutcomeRolledBack:
		return "\u21b6"
	case release.OutcomeDirty:
		return "!"
	case release.OutcomeHeld, release.OutcomeRefused, release.OutcomeAbandoned:
		return "\u2016"
	case release.OutcomeNothing:
		return "="
	}
	return "\u2026"
}

// facts answers what a reader asks first: what serves, what was tried, what it did to users, how long it took.
func facts(s *story.Story) []fact {
	r := &s.Release
	what := "tried"
	if s.Outcome == release.OutcomeReleased {
		what = "released"
	}
	list := []fact{{"serves now", s.Serves}, {what, r.Revision.String()}}
	if s.Outcome == release.OutcomeDirty && r.ID != "" {
		list = append(list, fact{"what to do", fmt.Sprintf("mend what stands in the way, then: serin recover %s --reason \"...\"", r.Target.Name)})
	}
	if r.Baseline.Serves != "" {
		list = append(list, fact{"baseline", story.Short(r.Baseline.Serves)})
	}
	list = append(list, fact{"started by", release.Person(cmp.Or(r.Request.StartedBy, "unknown"))})
	if r.Request.Reason != "" {
		list = append(list, fact{"because", r.Request.Reason})
	}
	if r.ID == "" {
		return list
	}
	took := "took"
	if !s.Over() {
		took = "so far"
	}
	list = append(list, fact{took, story.Length(s.Ended().Sub(r.Opened)) + ", " + span(r.Opened, s.Ended())})
	for i := range s.Measures {
		name := "on the canary"
		if len(s.Measures) > 1 {
			name += ", " + s.Measures[i].Name
		}
		list = append(list, fact{name, armText(s.Exposed(&s.Measures[i]), r.Target.Platform.Units())})
	}
	return list
}

// exactly names in full what the page shortens, for those who look it up elsewhere.
func exactly(r *release.Release) []fact {
	var list []fact
	for _, one := range []fact{
		{"release", string(r.ID)},
		{"image", r.Revision.Image},
		{"code", r.Revision.Code},
		{"digest", string(r.Revision.Digest)},
		{"task definition", r.Revision.TaskDefinition},
		{"version", r.Revision.Version},
		{"baseline", r.Baseline.Serves},
		{"baseline in full", r.Baseline.Summary},
		{"target's hash", r.TargetHash},
	} {
		if one.Value != "" {
			list = append(list, one)
		}
	}
	for i, execution := range r.Executions {
		list = append(list, fact{fmt.Sprintf("execution %d", i+1), string(execution)})
	}
	for _, made := range r.Made {
		list = append(list, fact{"made for " + made.For, made.ID})
	}
	return list
}

// span writes from when until when something took place, with its days.
func span(from, to time.Time) string {
	const day = "2 January 2006"
	first, last := from.UTC().Format(day), to.UTC().Format(day)
	if first == last {
		return fmt.Sprintf("%s, %s to %s UTC", first, story.Clock(from), story.Clock(to))
	}
	return fmt.Sprintf("%s, %s to %s, %s UTC", first, story.Clock(from), last, story.Clock(to))
}

func zone(from, to time.Time) string {
	first, last := from.UTC().Format("2 January 2006"), to.UTC().Format("2 January 2006")
	if first == last {
		return first + ", times in UTC"
	}
	return first + " to " + last + ", times in UTC"
}

func snapshot(target release.Target) string {
	text, err := json.MarshalIndent(target, "", "  ")
	if err != nil { // a Target holds nothing that JSON cannot
		return err.Error()
	}
	return string(text)
}
