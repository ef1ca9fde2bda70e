package story

import (
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Version is one of the two versions that a release is about.
type Version int

// The versions. Moving says that an arm is being replaced and runs some of both.
const (
	Old Version = iota // the baseline
	New                // the revision that is released
	Moving
)

// moments are the times between which the arms of a workload change what they run. The zero time means: not yet.
type moments struct {
	shift   time.Time // the canary's place is being given the new revision
	canary  time.Time // the first unit of the canary ran
	promote time.Time // the primary's place is being given the new revision
	settled time.Time // all of it runs the new revision
	back    time.Time // the baseline is being brought back
	home    time.Time // it is back
}

func momentsOf(s *Story) moments {
	m := moments{canary: s.Release.CanarySince}
	for _, span := range s.Phases {
		switch span.Phase {
		case release.Shifting:
			first(&m.shift, span.Start)
		case release.Promoting:
			first(&m.promote, span.Start)
		case release.Settling:
			first(&m.settled, span.Start)
		case release.RollingBack:
			first(&m.back, span.Start)
		case release.Cleaning:
			if s.Release.Home {
				first(&m.home, span.Start)
			} else {
				first(&m.settled, span.Start)
			}
		}
	}
	if s.Release.Phase == release.RolledBack {
		first(&m.home, s.Release.Since)
	}
	return m
}

// first sets a moment that is not set yet.
func first(moment *time.Time, at time.Time) {
	if moment.IsZero() {
		*moment = at
	}
}

// passed reports whether a moment has come at t.
func passed(moment, t time.Time) bool { return !moment.IsZero() && !t.Before(moment) }

// canaryArm returns what runs in the canary's place during the minute that begins at t.
func (m moments) canaryArm(t time.Time) Version {
	end := t.Add(time.Minute)
	switch {
	case passed(m.home, t):
		return Old
	case passed(m.back, t):
		return Moving
	case passed(m.canary, t):
		return New
	case passed(m.shift, end) || passed(m.canary, end):
		return Moving
	}
	return Old
}

// primaryArm returns what runs in the primary's place during the minute that begins at t.
func (m moments) primaryArm(t time.Time) Version {
	end := t.Add(time.Minute)
	switch {
	case passed(m.home, t):
		return Old
	case passed(m.back, t):
		if m.promote.IsZero() {
			return Old
		}
		return Moving
	case passed(m.settled, t):
		return New
	case passed(m.promote, end):
		return Moving
	}
	return Old
}
