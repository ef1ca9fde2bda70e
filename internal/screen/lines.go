package screen

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Lines returns what is new in a story since another reading of it, a line each: what a log or a pipe gets. The zero
// Story stands for nothing read yet. Looks that say nothing new are left out but for one every five minutes.
func Lines(previous, now story.Story) []string {
	var lines []string
	declined := now.Release.ID == "" && now.Over() && (previous.Outcome == "" || !previous.Over())
	if opened := now.Release.ID != "" && previous.Release.ID == ""; opened || declined {
		lines = append(lines, opening(&now))
	}
	var since int64
	if n := len(previous.Events); n > 0 {
		since = previous.Events[n-1].Seq
	}
	day := now.Release.Opened.UTC().Format(time.DateOnly)
	for _, line := range told(&now) {
		if date := line.at.UTC().Format(time.DateOnly); date != day {
			if day = date; line.seq > since {
				lines = append(lines, date+" UTC")
			}
		}
		if line.seq > since {
			lines = append(lines, fmt.Sprintf("%s  %s %-12s %s", line.at.UTC().Format("15:04:05"), line.sign, line.phase, story.Short(story.Plain(line.text()))))
		}
	}
	if declined {
		lines = append(lines, story.Plain(story.Headline(now.Outcome)+": "+now.Sentence))
	}
	return lines
}

func opening(s *story.Story) string {
	r := &s.Release
	text := string(r.Target.Name)
	if r.ID != "" {
		text += "  " + string(r.ID) + "  " + r.Baseline.Serves + " -> " + r.Revision.String()
	} else {
		text += "  " + r.Revision.String()
	}
	return story.Plain(story.Short(fmt.Sprintf("%s  started %s by %s", text, r.Opened.UTC().Format("2006-01-02 15:04 UTC"), release.Person(cmp.Or(r.Request.StartedBy, "unknown")))))
}

// line is one event as it is told.
type line struct {
	seq       int64
	at        time.Time
	sign      string
	phase     string
	what      string
	why       string // the evidence, where it stands in no line before
	look      bool
	important bool
	decision  bool
}

func (l line) text() string {
	if l.why == "" {
		return l.what
	}
	return l.what + ": " + l.why
}

// short leaves the evidence out: the view shows it already.
func (l line) short() string {
	if l.decision {
		return "decided: " + l.what
	}
	return story.Short(l.what)
}

// How often a look is told that says the same as the one before, with other numbers or word for word.
const (
	lookEvery = 5 * time.Minute
	sameEvery = 30 * time.Minute
)

// told returns the events that are worth telling. Evidence is told once: not again with the decision that it led to, nor
// with what was done because of it.
func told(s *story.Story) []line {
	var lines []line
	looks, held, said, waiting := 0, false, "", ""
	for _, event := range s.Events {
		if event.Kind == release.EventPhase && event.Phase.Final() {
			continue // the event that follows says the same
		}
		one := line{at: event.At, sign: "\u25b8", phase: string(event.Phase)}
		one.what, one.why = split(event, s, looks)
		switch event.Kind {
		case release.EventLook:
			i := looks
			if i >= len(s.Looks) || !s.Looks[i].At.Equal(event.At) {
				continue // one that could not be decoded
			}
			looks++
			now := waits(event, s.Looks[i])
			changed := now != waiting && now != ""
			if waiting = now; !changed && !newsworthy(s.Looks, i, held || waiting != "") {
				continue
			}
			one = lookLine(s.Looks[i], waiting)
		case release.EventDecision:
			one.sign, one.important, one.decision = "\u25c6", true, true
			one.what, one.why = decided(s), event.Text
		case release.EventCalled:
			one.sign, one.important, held = "!", true, true
		case release.EventFinished:
			outcome := s.Outcome
			if event.Phase == release.Dirty { // which may not have been the last word
				outcome = release.OutcomeDirty
			}
			one.sign, _ = palette{}.outcome(outcome)
			one.important = true
		case release.EventProgress:
			one.sign = "\u00b7"
		}
		if n := len(lines); !one.look && (one.why == said || n > 0 && one.why == lines[n-1].what) {
			one.why = ""
		}
		said = cmp.Or(one.why, said)
		one.seq = event.Seq
		lines = append(lines, one)
	}
	return lines
}

// split takes the evidence off the text of a phase: what the latest look said, or the decision.
func split(event release.Event, s *story.Story, looks int) (what, why string) {
	evidence := []string{s.Release.Decision.Sentence}
	if looks > 0 {
		evidence = append(evidence, s.Looks[looks-1].Judgement.Sentence)
	}
	for _, why := range evidence {
		if what, found := strings.CutSuffix(event.Text, ": "+why); found && why != "" {
			return what, why
		}
	}
	return event.Text, ""
}

func decided(s *story.Story) string {
	if s.Release.Decision.Next == release.NextPromote {
		return "promote"
	}
	return "roll back"
}

// waits returns what a release waited for at a look, besides evidence: a freeze window or a person.
func waits(event release.Event, look story.Look) string {
	if look.NextLook.IsZero() || strings.HasSuffix(event.Text, look.Judgement.Sentence) { // nothing but the evidence
		return ""
	}
	return event.Text
}

func lookLine(look story.Look, waiting string) line {
	sign, word, _ := palette{}.verdict(look.Judgement.Verdict)
	if look.Alone() {
		word = "watching"
	}
	if look.Phase != release.Settling {
		word += " at " + story.Percent(float64(look.Weight)/100)
	}
	if waiting != "" {
		word += ", " + waiting
	}
	return line{at: look.At, sign: sign, phase: string(look.Phase), what: word, why: look.Judgement.Sentence, look: true}
}

// newsworthy reports whether a look says something that the one before it did not, or a while has passed: a longer one when
// the release is held, or waits for a person.
func newsworthy(looks []story.Look, i int, held bool) bool {
	if i == 0 {
		return true
	}
	before, now := looks[i-1], looks[i]
	every := lookEvery
	if held || before.Judgement.Sentence == now.Judgement.Sentence {
		every = sameEvery
	}
	return before.Judgement.Verdict != now.Judgement.Verdict || before.Phase != now.Phase || alarmsChanged(before, now) ||
		!before.At.Truncate(every).Equal(now.At.Truncate(every))
}

func alarmsChanged(before, now story.Look) bool {
	states := map[string]release.Verdict{}
	for _, check := range before.Judgement.Checks {
		if check.Kind == release.CheckAlarm {
			states[check.Name] = check.Verdict
		}
	}
	for _, check := range now.Judgement.Checks {
		if verdict, known := states[check.Name]; check.Kind == release.CheckAlarm && (!known || verdict != check.Verdict) {
			return true
		}
	}
	return false
}
