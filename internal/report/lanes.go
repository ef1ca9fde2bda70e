package report

import (
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

const (
	laneHeight  = 18
	phaseHeight = 22
)

// phases draws the phases of the release as one lane that stands over all plots.
func phases(s *story.Story, a axis) plot {
	p := plot{ID: "phases", Title: "Phases", Height: phaseHeight, Alt: "The phases of the release."}
	for _, span := range s.Phases {
		text := phaseText(span)
		p.box("phase "+phaseClass(span.Phase), a.x(span.Start), a.x(span.End), 1, phaseHeight-2, text)
		p.hit(a, span.Start, span.End, fmt.Sprintf("%s  %s, %s", story.Clock(span.Start), text, story.Length(span.End.Sub(span.Start))))
	}
	return p
}

func phaseText(span story.Span) string {
	if span.Phase == release.Baking || span.Phase == release.Shifting {
		return fmt.Sprintf("%s %d %%", span.Phase, span.Weight)
	}
	return string(span.Phase)
}

func phaseClass(phase release.Phase) string {
	switch phase {
	case release.Baking, release.Settling:
		return "watching"
	case release.RollingBack, release.Dirty:
		return "backwards"
	}
	return "moving-phase"
}

// grid returns the vertical lines that all plots share: where a phase begins, and the decision.
func grid(s *story.Story, a axis) []mark {
	var marks []mark
	at := func(class string, t time.Time) {
		x := percent(a.x(t))
		marks = append(marks, mark{Kind: lineMark, Class: class, X: x, X2: x, Y: "0", Y2: "100%"})
	}
	for _, span := range s.Phases {
		at("edge", span.Start)
	}
	if d := s.Release.Decision; !d.At.IsZero() {
		class := "decided back"
		if d.Next == release.NextPromote {
			class = "decided on"
		}
		at(class, d.At)
	}
	return marks
}

// lane is an alarm, or the judge, over time.
type lane struct {
	Name string
	plot
}

// lanes draws the verdict and every alarm.
func lanes(s *story.Story, a axis) []lane {
	var all []lane
	if len(s.Looks) > 0 {
		all = append(all, lane{"verdict of the judge", verdicts(s, a)})
	}
	for i, alarm := range s.Alarms {
		p := plot{ID: fmt.Sprintf("alarm-%d", i), Title: "Alarm " + alarm.Name, Height: laneHeight, Alt: laneAlt(alarm)}
		for _, state := range alarm.States {
			p.box("alarm "+alarmClass(state.State), a.x(state.Start), a.x(state.End), 1, laneHeight-2, string(state.State))
			p.hit(a, state.Start, state.End, fmt.Sprintf("%s  %s; %s", story.Clock(state.Start), state.State, state.Sentence))
		}
		all = append(all, lane{alarm.Name, p})
	}
	return all
}

func verdicts(s *story.Story, a axis) plot {
	p := plot{ID: "verdicts", Title: "Verdict of the judge", Height: laneHeight}
	for i := 0; i < len(s.Looks); {
		first, last := s.Looks[i], i
		for last+1 < len(s.Looks) && s.Looks[last+1].Judgement.Verdict == first.Judgement.Verdict && s.Looks[last+1].Alone() == first.Alone() {
			last++
		}
		end := s.Looks[last].At.Add(time.Minute)
		if last+1 < len(s.Looks) {
			end = s.Looks[last+1].At
		}
		word := lookWord(first)
		p.box("alarm "+verdictClass(first.Judgement.Verdict), a.x(first.At), a.x(end), 1, laneHeight-2, word)
		p.hit(a, first.At, end, fmt.Sprintf("%s  %s; %s", story.Clock(s.Looks[last].At), word, s.Looks[last].Judgement.Sentence))
		p.Alt += fmt.Sprintf("%s from %s. ", word, story.Clock(first.At))
		i = last + 1
	}
	return p
}

func alarmClass(state story.AlarmState) string {
	switch state {
	case story.AlarmOK:
		return "pass"
	case story.AlarmFired:
		return "fail"
	}
	return "nodata"
}

func laneAlt(alarm story.Lane) string {
	text := ""
	for _, state := range alarm.States {
		text += fmt.Sprintf("%s from %s. ", state.State, story.Clock(state.Start))
	}
	return text
}
