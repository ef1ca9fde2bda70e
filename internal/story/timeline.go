package story

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Span is a time that the release spent in one phase.
type Span struct {
	Phase  release.Phase
	Step   int // index into the plan's steps
	Start  time.Time
	End    time.Time // of an open phase: the end of the story
	Open   bool
	Weight release.Weight // of the step
}

// Look is a look of the judge with its time.
type Look struct {
	release.Look
	At    time.Time
	Phase release.Phase
	Step  int
}

// Alone reports whether a look compares nothing because there is no arm to compare with: that is as it must be.
func (l Look) Alone() bool {
	return l.Judgement.Verdict == release.NoData && l.Phase != release.Baking
}

// Lane is what an alarm did over time, as the judge saw it.
type Lane struct {
	Name   string
	States []LaneState // in order, without gaps
}

// LaneState is a time in which an alarm did not change.
type LaneState struct {
	Start, End time.Time
	State      AlarmState
	Sentence   string // of the judge
}

// AlarmState is what the judge makes of an alarm.
type AlarmState string

// The states.
const (
	AlarmOK      AlarmState = "OK"
	AlarmFired   AlarmState = "ALARM"       // in ALARM, or it was between two looks
	AlarmSilent  AlarmState = "no data"     // INSUFFICIENT_DATA
	AlarmNoData  AlarmState = "no evidence" // it had no data at times, or a person overrode it
	AlarmUnknown AlarmState = "unknown"     // could not be read
)

// Evidence is what the comparisons of one name said over time.
type Evidence struct {
	Name      string
	Threshold float64 // the e-value that rolls back
	Points    []EvidencePoint
}

// EvidencePoint is one look at a comparison.
type EvidencePoint struct {
	At     time.Time
	EValue float64
	Check  release.Check
}

// readEvents decodes the events into phases, looks, alarms and evidence.
func (s *Story) readEvents() {
	unreadable := 0
	for _, event := range s.Events {
		switch event.Kind {
		case release.EventOpened:
			s.enter(release.Preparing, event)
		case release.EventPhase:
			s.enter(event.Phase, event)
		case release.EventFinished:
			s.close(event.At)
		case release.EventLook:
			look := Look{At: event.At, Phase: event.Phase, Step: event.Step}
			if json.Unmarshal(event.Data, &look.Look) != nil {
				unreadable++
				continue
			}
			s.Looks = append(s.Looks, look)
		}
	}
	if unreadable > 0 {
		s.miss("%d looks of the judge cannot be decoded; a newer version of serin may have written them.", unreadable)
	}
	if len(s.Looks) == 0 && !s.Release.BakeSince.IsZero() {
		s.miss("The judge's looks have expired: evidence and alarms over time are not shown. The decision and its sentence are kept for good.")
	}
	s.closeOpen()
	s.readAlarms()
	s.readEvidence()
}

func (s *Story) enter(phase release.Phase, event release.Event) {
	if n := len(s.Phases); n > 0 && s.Phases[n-1].Open && s.Phases[n-1].Phase == phase && s.Phases[n-1].Step == event.Step {
		return
	}
	s.close(event.At)
	if phase.Final() {
		return
	}
	span := Span{Phase: phase, Step: event.Step, Start: event.At, End: event.At, Open: true}
	if event.Step >= 0 && event.Step < len(s.Release.Steps) {
		span.Weight = s.Release.Steps[event.Step].Weight
	}
	s.Phases = append(s.Phases, span)
}

func (s *Story) close(at time.Time) {
	if n := len(s.Phases); n > 0 && s.Phases[n-1].Open {
		s.Phases[n-1].End, s.Phases[n-1].Open = at, false
	}
}

// closeOpen gives the phase that the release is in an end to draw: that of the story.
func (s *Story) closeOpen() {
	n := len(s.Phases)
	if n == 0 || !s.Phases[n-1].Open {
		return
	}
	last := s.Release.Since
	if len(s.Events) > 0 {
		last = s.Events[len(s.Events)-1].At
	}
	s.Phases[n-1].End = last
	s.Phases[n-1].Open = !s.Release.Phase.Final()
}

func (s *Story) readAlarms() {
	lanes := map[string]*Lane{}
	for i, look := range s.Looks {
		end := s.lookEnd(i)
		for _, check := range look.Judgement.Checks {
			if check.Kind != release.CheckAlarm {
				continue
			}
			lane := lanes[check.Name]
			if lane == nil {
				lane = &Lane{Name: check.Name}
				lanes[check.Name] = lane
			}
			lane.extend(LaneState{Start: look.At, End: end, State: alarmState(check), Sentence: check.Sentence})
		}
	}
	for _, lane := range lanes {
		s.Alarms = append(s.Alarms, *lane)
	}
	slices.SortFunc(s.Alarms, func(a, b Lane) int { return strings.Compare(a.Name, b.Name) })
}

// lookEnd is until when a look is the latest: the next one, or a minute after the last.
func (s *Story) lookEnd(i int) time.Time {
	if i+1 < len(s.Looks) {
		return s.Looks[i+1].At
	}
	return s.Looks[i].At.Add(time.Minute)
}

func (l *Lane) extend(state LaneState) {
	if n := len(l.States); n > 0 && l.States[n-1].State == state.State {
		l.States[n-1].End = state.End
		l.States[n-1].Sentence = state.Sentence
		return
	}
	l.States = append(l.States, state)
}

func alarmState(check release.Check) AlarmState {
	switch verdict := check.Verdict; {
	case verdict == release.Fail:
		return AlarmFired
	case verdict == release.Pass:
		return AlarmOK
	case verdict == release.NoData && check.State == "INSUFFICIENT_DATA":
		return AlarmSilent
	case verdict == release.NoData || verdict == release.Inconclusive:
		return AlarmNoData
	}
	return AlarmUnknown
}

func (s *Story) readEvidence() {
	index := map[string]int{}
	for _, look := range s.Looks {
		for _, check := range look.Judgement.Checks {
			if check.Kind != release.CheckComparison || check.Threshold <= 1 {
				continue
			}
			i, known := index[check.Name]
			if !known {
				i = len(s.Judged)
				index[check.Name] = i
				s.Judged = append(s.Judged, Evidence{Name: check.Name, Threshold: check.Threshold})
			}
			s.Judged[i].Threshold = check.Threshold
			s.Judged[i].Points = append(s.Judged[i].Points, EvidencePoint{At: look.At, EValue: check.EValue, Check: check})
		}
	}
}

// LastLook returns the latest look, and false where there is none.
func (s *Story) LastLook() (Look, bool) {
	if len(s.Looks) == 0 {
		return Look{}, false
	}
	return s.Looks[len(s.Looks)-1], true
}
