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
	slices := make([]Slice, 0, len(s.minutes()))
	for i, minute := range s.minutes() {
		slice := Slice{At: minute.At, Verdict: s.verdictAt(minute.At)}
		if work, ok := s.workAt(i); ok {
			slice.Measured = true
			slice.New, slice.Moving = work.New, work.Moving
		} else {
			slice.New, slice.Moving = s.unitsAt(minute.At, m)
		}
		slices = append(slices, slice)
	}
	return slices
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
		if all := float64(at.New.Units + at.Moving.Units + at.Old.Units); all >= enough {
			return Slice{New: float64(at.New.Units) / all, Moving: float64(at.Moving.Units) / all}, true
		}
	}
	return Slice{}, false
}

// unitsAt returns the shares as the running units of both arms explain them.
func (s *Story) unitsAt(t time.Time, m moments) (fresh, moving float64) {
	canary := float64(s.weightAt(t)) / 100
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

// weightAt returns the canary's effective weight at t, from who ran when, else from the looks.
func (s *Story) weightAt(t time.Time) release.Percent {
	var weight release.Percent
	for _, share := range s.Release.Shares {
		if share.At.After(t) {
			break
		}
		weight = release.Share(share.Canary, share.Primary)
	}
	if len(s.Release.Shares) > 0 {
		return weight
	}
	for _, look := range s.Looks {
		if look.At.After(t) {
			break
		}
		weight = look.Weight
	}
	return weight
}

// verdictAt returns what was known of the new version at the end of the minute that begins at t. A decision to go
// back is a verdict of its own, also when the judge was not asked.
func (s *Story) verdictAt(t time.Time) release.Verdict {
	end := t.Add(time.Minute)
	if d := s.Release.Decision; d.Next == release.NextRollback && d.At.Before(end) {
		if d.Reason == release.ReasonInconclusive {
			return release.Inconclusive
		}
		return release.Fail
	}
	verdict := release.NoData
	for _, look := range s.Looks {
		if !look.At.Before(end) {
			break
		}
		verdict = look.Judgement.Verdict
	}
	if s.Release.Phase == release.Released && passed(s.Release.Since, end) {
		return release.Pass
	}
	return verdict
}
