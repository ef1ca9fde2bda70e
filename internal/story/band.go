package story

import (
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Slice is who does the work of one minute. The shares are 0 to 1; what is left of 1 is the baseline's.
type Slice struct {
	At       time.Time
	New      float64
	Moving   float64         // of an arm that is being replaced: some of both versions
	Measured bool            // by the work done; else by the units that ran
	Verdict  release.Verdict // on the new version at that time
}

// band returns a slice for every minute of the story.
func band(s *Story) []Slice {
	if s.Release.ID == "" {
		return nil
	}
	m := momentsOf(s)
	minutes := s.minutes()
	slices := make([]Slice, 0, len(minutes))
	var seen seen
	for i, minute := range minutes {
		seen.until(s, minute.At)
		slice := Slice{At: minute.At, Verdict: s.verdictAt(minute.At, seen.verdict)}
		if work, ok := s.workAt(i); ok {
			slice.Measured = true
			slice.New, slice.Moving = work.New, work.Moving
		} else {
			slice.New, slice.Moving = unitsAt(minute.At, m, float64(seen.weight)/100)
		}
		slices = append(slices, slice)
	}
	return slices
}

// seen is what was known at a minute. It moves forward through the looks and the changes of units, once.
type seen struct {
	looks, shares int
	verdict       release.Verdict // of the latest look; the zero value before the first
	weight        release.Percent // the canary's effective weight: by who ran, else by the looks
}

// until takes in everything up to the end of the minute that begins at t.
func (n *seen) until(s *Story, t time.Time) {
	end := t.Add(time.Minute)
	for n.looks < len(s.Looks) && s.Looks[n.looks].At.Before(end) {
		n.verdict = s.Looks[n.looks].Judgement.Verdict
		if len(s.Release.Shares) == 0 {
			n.weight = s.Looks[n.looks].Weight
		}
		n.looks++
	}
	for n.shares < len(s.Release.Shares) && !s.Release.Shares[n.shares].At.After(t) {
		share := s.Release.Shares[n.shares]
		n.weight = release.Share(share.Canary, share.Primary)
		n.shares++
	}
}

// enough is how many units of work a minute must have for their shares to say more than the running units do.
const enough = 50

// workAt returns the shares of the work measured in the i-th minute, and false where there was too little of it.
func (s *Story) workAt(i int) (Slice, bool) {
	for _, measure := range s.Measures {
		if i >= len(measure.Minutes) {
			continue
		}
		at := measure.Minutes[i]
		if all := float64(at.New.Units + at.Moving.Units + at.Old.Units); at.primary && all >= enough {
			return Slice{New: float64(at.New.Units) / all, Moving: float64(at.Moving.Units) / all}, true
		}
	}
	return Slice{}, false
}

// unitsAt returns the shares as the running units of both arms explain them. canary is the canary's part, 0 to 1.
func unitsAt(t time.Time, m moments, canary float64) (fresh, moving float64) {
	add := func(version Version, share float64) {
		switch version {
		case New:
			fresh += share
		case Moving:
			moving += share
		}
	}
	add(m.canaryArm(t), canary)
	add(m.primaryArm(t), 1-canary)
	return fresh, moving
}

// verdictAt returns what was known of the new version at the end of the minute that begins at t. A decision to go back
// because of what the new version does is a verdict of its own, also when the judge was not asked; what a person, a hook or
// somebody else's deployment decides is none.
func (s *Story) verdictAt(t time.Time, looked release.Verdict) release.Verdict {
	end := t.Add(time.Minute)
	switch d := s.Release.Decision; {
	case d.Next == release.NextRollback && d.At.Before(end) && d.Reason == release.ReasonInconclusive:
		return release.Inconclusive
	case d.Next == release.NextRollback && d.At.Before(end) && (d.Reason == release.ReasonVerdict || d.Reason == release.ReasonCanary):
		return release.Fail
	case s.Release.Phase == release.Released && passed(s.Release.Since, end):
		return release.Pass
	case looked == release.Unknown:
		return release.NoData
	}
	return looked
}
