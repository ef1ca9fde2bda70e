package release

import (
	"slices"
	"time"
)

// Entry is one line of a target's history: a release from its opening on, or a request that opened none.
type Entry struct {
	Release  ID         `json:"release"`
	Target   TargetName `json:"target"`
	At       time.Time  `json:"at"` // when it was opened, or declined
	Request  Request    `json:"request"`
	Revision Revision   `json:"revision,omitzero"` // pinned, as far as it is known
	Pushed   time.Time  `json:"pushed,omitzero"`   // when the image was pushed, where that is known
	Baseline string     `json:"baseline,omitempty"`
	Outcome  Outcome    `json:"outcome"`
	Reason   Reason     `json:"reason,omitempty"`   // why it was rolled back
	Sentence string     `json:"sentence,omitempty"` // the evidence, or why it was declined
	Promoted time.Time  `json:"promoted,omitzero"`  // when the promotion was decided
	Ended    time.Time  `json:"ended,omitzero"`
}

// Entry returns the release's line in the history of its target, as the release stands.
func (r *Release) Entry() Entry {
	e := Entry{
		Release: r.ID, Target: r.Target.Name, At: r.Opened, Request: r.Request, Revision: r.Revision, Pushed: r.Pushed,
		Baseline: r.Baseline.Serves, Outcome: r.Outcome(), Reason: r.Decision.Reason, Sentence: r.Decision.Sentence,
	}
	if r.Phase.Final() {
		e.Ended = r.Since
	}
	if r.Decision.Next == NextPromote {
		e.Promoted = r.Decision.At
	}
	return e
}

// Trial is what came of a revision when it was released last.
type Trial struct {
	Revision Revision  `json:"revision"`
	Release  ID        `json:"release"`
	Outcome  Outcome   `json:"outcome"`
	Reason   Reason    `json:"reason,omitempty"`
	Sentence string    `json:"sentence,omitempty"`
	At       time.Time `json:"at"` // when that release ended
}

// Trial returns what a release that is over says of its revision.
func (r *Release) Trial() Trial {
	return Trial{
		Revision: r.Revision, Release: r.ID, Outcome: r.Outcome(), Reason: r.Decision.Reason, Sentence: r.Decision.Sentence, At: r.Since,
	}
}

// Failed reports whether the revision was taken back. A revision that nobody has tried has not failed.
func (t Trial) Failed() bool {
	return slices.Contains([]Outcome{OutcomeRolledBack, OutcomeHeld, OutcomeDirty, OutcomeAbandoned}, t.Outcome)
}

// Blames reports whether a rollback for this reason speaks against the revision. One that gave way, was stopped from
// outside, or met somebody else's change or a broken function says nothing of it: a person or a pipeline may start it
// again as it is. An event may not, because it may be the old one, delivered late.
func (r Reason) Blames() bool {
	switch r {
	case ReasonSuperseded, ReasonStopped, ReasonForeign, ReasonError:
		return false
	}
	return true
}
