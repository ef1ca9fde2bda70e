package story

import (
	"cmp"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Headline names an outcome in two or three words.
func Headline(outcome release.Outcome) string {
	switch outcome {
	case release.OutcomeReleased:
		return "Released"
	case release.OutcomeRolledBack:
		return "Rolled back"
	case release.OutcomeHeld:
		return "Held, then rolled back"
	case release.OutcomeRefused:
		return "Not started"
	case release.OutcomeNothing:
		return "Nothing to release"
	case release.OutcomeDirty:
		return "Dirty: a person is needed"
	case release.OutcomeAbandoned:
		return "Abandoned"
	}
	return "In progress"
}

// Clock writes a time of day: 14:02, in UTC.
func Clock(t time.Time) string { return t.UTC().Format("15:04") }

// On writes a time for a reader at now: the time of day, and before it the day where that is another one. In UTC.
func On(t, now time.Time) string {
	if t.UTC().Truncate(24 * time.Hour).Equal(now.UTC().Truncate(24 * time.Hour)) {
		return Clock(t)
	}
	return t.UTC().Format("Mon 2 Jan 15:04")
}

// sentence says how it stands with the release and why.
func sentence(s *Story) string {
	name, why := s.Release.Target.Name, reason(s)
	switch s.Outcome {
	case release.OutcomeReleased:
		return fmt.Sprintf("%s serves %s since %s UTC: %s", name, s.Release.Revision, Clock(promotedAt(s)), why)
	case release.OutcomeRolledBack, release.OutcomeHeld:
		return fmt.Sprintf("%s serves %s again since %s UTC: %s", name, s.Release.Baseline.Serves, Clock(homeAt(s)), why)
	case release.OutcomeDirty:
		return fmt.Sprintf("%s could not be brought home and the lock is kept: %s", name, cmp.Or(s.Release.Called, lastText(s), why))
	case release.OutcomeAbandoned:
		order, _ := s.Release.Abandonment()
		return fmt.Sprintf("%s serves what people have left there; its lock is free: %s", name, order)
	}
	return fmt.Sprintf("%s is %s: %s", name, standing(&s.Release), why)
}

// standing says where an unfinished release is.
func standing(r *release.Release) string {
	switch r.Phase {
	case release.Preparing:
		return "being prepared"
	case release.Shifting:
		return fmt.Sprintf("giving the canary %d %% of the work", Step(r).Weight)
	case release.Baking:
		return fmt.Sprintf("watching the canary at step %d of %d", r.Step+1, len(r.Steps))
	case release.Promoting:
		return "moving all work to the new revision"
	case release.Settling:
		return "watching the new revision after promotion"
	case release.RollingBack:
		return "being rolled back"
	}
	return "cleaning up"
}

// Step returns the step that a release is at, and none of a release without steps.
func Step(r *release.Release) release.Step {
	if r.Step < 0 || r.Step >= len(r.Steps) {
		return release.Step{}
	}
	return r.Steps[r.Step]
}

// reason says why it came to this, as it was decided, or as it stands.
func reason(s *Story) string {
	if text := s.Release.Decision.Sentence; text != "" {
		return text
	}
	if text := reasonText(s.Release.Decision.Reason); text != "" {
		return text
	}
	return cmp.Or(s.Release.Judgement.Sentence, lastText(s), "nothing has been judged yet")
}

func reasonText(reason release.Reason) string {
	switch reason {
	case release.ReasonVerdict:
		return "the judge said fail"
	case release.ReasonCanary:
		return "the canary did not come up, or did not stay up"
	case release.ReasonHook:
		return "a hook did not let it pass"
	case release.ReasonInconclusive:
		return "there was not enough work to tell the canary from the baseline"
	case release.ReasonDeadline:
		return "the deadline passed"
	case release.ReasonForeign:
		return "somebody else changed the workload"
	case release.ReasonPromotion:
		return "the promotion failed"
	case release.ReasonError:
		return "a function failed for good"
	case release.ReasonStopped:
		return "the execution was stopped from outside"
	case release.ReasonPerson:
		return "a person asked for it"
	case release.ReasonSuperseded:
		return "it gave way to a newer release"
	}
	return ""
}

func lastText(s *Story) string {
	for i := len(s.Events) - 1; i >= 0; i-- {
		if text := s.Events[i].Text; text != "" {
			return text
		}
	}
	return ""
}

func promotedAt(s *Story) time.Time {
	if m := momentsOf(s); !m.settled.IsZero() {
		return m.settled
	}
	return s.Release.Since
}

func homeAt(s *Story) time.Time {
	if m := momentsOf(s); !m.home.IsZero() {
		return m.home
	}
	return s.Release.Since
}

// serves says what serves now, for people.
func serves(s *Story) string {
	r := &s.Release
	fresh, old := r.Revision.String(), r.Baseline.Serves
	m := momentsOf(s)
	switch {
	case r.Phase == release.Released || !m.settled.IsZero() && m.back.IsZero():
		return fresh
	case r.Phase == release.Dirty:
		return "unknown: " + old + " or " + fresh + ", look before you act"
	case r.Phase == release.Abandoned:
		return "what people have left there"
	case !m.home.IsZero() || m.canary.IsZero():
		return old
	case !m.back.IsZero():
		return old + ", the rest of " + fresh + " is going"
	case !m.promote.IsZero():
		return fresh + " and " + old + " while the work moves"
	}
	if look, ok := s.LastLook(); ok {
		return fmt.Sprintf("%s, and %s with %s of the work", old, fresh, Percent(float64(look.Weight)/100))
	}
	return old + ", and " + fresh + " as canary"
}
