package release

import (
	"slices"
	"time"
)

// Phase is where a release stands.
type Phase string

// The phases.
const (
	Preparing   Phase = "Preparing"   // the baseline and the locks are durable; nothing has been changed
	Shifting    Phase = "Shifting"    // the canary is being given the weight of the current step
	Baking      Phase = "Baking"      // the canary has its weight and is watched
	Promoting   Phase = "Promoting"   // all work is being moved to the new revision
	Settling    Phase = "Settling"    // all work is on the new revision and is watched; no baseline arm is left
	RollingBack Phase = "RollingBack" // the recorded baseline is being brought back
	Cleaning    Phase = "Cleaning"    // traffic and capacity are home; what serin made and nobody uses is removed
	Released    Phase = "Released"    // the new revision serves: final
	RolledBack  Phase = "RolledBack"  // the recorded baseline serves: final
	Dirty       Phase = "Dirty"       // neither could be brought about: a person is called, the lock stays: final
	Abandoned   Phase = "Abandoned"   // it was Dirty, and a person has given it up: what serves is what people left, the lock is free: final
)

// Final reports whether a release in this phase is over.
func (p Phase) Final() bool {
	return p == Released || p == RolledBack || p == Dirty || p == Abandoned
}

// HoldsLock reports whether a release in this phase keeps its resources locked.
func (p Phase) HoldsLock() bool { return p == Dirty || !p.Final() }

// legal holds every legal transition. home says that the release is on its way back to the baseline, which decides
// where Cleaning ends: a release never changes its outcome while it is cleaned up.
func legal(from, to Phase, home bool) bool {
	switch from {
	case Preparing:
		return to == Shifting || to == RollingBack
	case Shifting:
		return slices.Contains([]Phase{Baking, Promoting, RollingBack}, to)
	case Baking:
		return slices.Contains([]Phase{Shifting, Promoting, RollingBack}, to)
	case Promoting:
		return to == Settling || to == RollingBack
	case Settling:
		return to == Cleaning || to == RollingBack
	case RollingBack:
		return to == Cleaning || to == Dirty
	case Cleaning:
		return to == Released && !home || to == RolledBack && home
	case Dirty:
		return to == RollingBack || to == Abandoned // only a person leads out: by an execution with the intent rollback, or by giving it up
	}
	return false // Released, RolledBack and Abandoned are final
}

// Enter moves the release to another phase, or answers an Illegal error and changes nothing.
func (r *Release) Enter(to Phase, now time.Time) error {
	if !legal(r.Phase, to, r.Home) {
		return Errorf(Illegal, "release "+string(r.ID), "%s may not follow %s", to, r.Phase)
	}
	r.Home = r.Home || to == RollingBack
	r.Phase, r.Since = to, now
	return nil
}
