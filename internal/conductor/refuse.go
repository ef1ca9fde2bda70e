package conductor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// refuse turns what is wrong with a request or a workload into an expected end; what may pass is tried again.
func (s *start) refuse(ctx context.Context, err error) (*release.Release, release.Answer, error) {
	if !refusal(err) {
		return nil, release.Answer{}, err
	}
	entry := s.declined(release.OutcomeRefused, err.Error())
	none, answer, failed := s.decline(ctx, entry)
	if _, stale := errors.AsType[knownError](err); failed == nil && !stale {
		tellRefused(ctx, s.Notifier, s.target, entry, s.in.Execution)
	}
	return none, answer, failed
}

// knownError refuses a revision that serin knows already. Events come twice, late and out of order: nobody is written to
// for that.
type knownError struct{ error }

func (e knownError) Unwrap() error { return e.error }

func known(revision release.Revision, format string, args ...any) error {
	return knownError{release.Errorf(release.Invalid, "revision "+revision.String(), format, args...)}
}

// refusal reports whether an error is a reason not to start, rather than something that may pass or a surprise.
func refusal(err error) bool {
	return slices.Contains([]release.Code{release.Invalid, release.Forbidden, release.NotFound, release.Unstable, release.Denied}, release.CodeOf(err))
}

// declined is what is recorded of a request that opens no release.
func (s *start) declined(outcome release.Outcome, sentence string) release.Entry {
	return release.Entry{
		Release: s.id, Target: s.target.Name, At: s.Now(), Request: s.request, Revision: s.place.Revision, Pushed: s.place.Pushed,
		Outcome: outcome, Sentence: sentence,
	}
}

// decline ends an execution without a release, and says why for good. It leaves the line afterwards: whoever crashes in
// between finds what was recorded.
func (s *start) decline(ctx context.Context, entry release.Entry) (*release.Release, release.Answer, error) {
	if err := s.History.Decline(ctx, entry); err != nil {
		return nil, release.Answer{}, err
	}
	if s.waiting {
		if err := s.Waiting.Leave(ctx, s.target.Name, s.id); err != nil {
			return nil, release.Answer{}, err
		}
	}
	return nil, endOf(entry), nil
}

// endOf is the answer that ends an execution whose request was declined.
func endOf(entry release.Entry) release.Answer {
	next := release.NextRefused
	if entry.Outcome == release.OutcomeNothing {
		next = release.NextNothing
	}
	return release.Answer{Release: entry.Release, Next: next, Note: entry.Sentence}
}

// unprepared explains a workload that cannot be released to; where another target's release is at work on the same
// resource, that is the reason.
func (s *start) unprepared(ctx context.Context, prepared release.Prepared, err error) (*release.Release, release.Answer, error) {
	if !refusal(err) || len(prepared.Resources) == 0 {
		return s.refuse(ctx, err)
	}
	if held, ok := errors.AsType[Held](s.Ledger.Free(ctx, prepared.Resources)); ok {
		return s.held(ctx, held)
	}
	return s.refuse(ctx, err)
}

// held goes on where another release holds a resource: behind one of the same target, which has been opened in between;
// another target's is a mistake in one of the two files.
func (s *start) held(ctx context.Context, held Held) (*release.Release, release.Answer, error) {
	resource, by := held.HeldBy()
	holder, err := s.Ledger.Load(ctx, by)
	if err != nil {
		return nil, release.Answer{}, err
	}
	if holder.Target.Name == s.target.Name {
		return s.behind(ctx, holder, nil)
	}
	return s.refuse(ctx, release.Errorf(release.Invalid, "target "+string(s.target.Name),
		"%s is held by release %s of target %s: two targets name the same resource; give each its own, or start again when that release is over (serin status %s)",
		resource, by, holder.Target.Name, holder.Target.Name))
}

// again is how a person starts a revision nevertheless.
func (s *start) again(revision release.Revision) string {
	return fmt.Sprintf("serin start %s %s --retry --reason \"...\"", s.target.Name, revision.Exactly().Flag())
}

// deliberate reports whether a person has given a reason to start what serin would not start by itself.
func (s *start) deliberate() bool { return s.request.Retry || s.request.Emergency }

// untried refuses a revision that was rolled back when it was released last. Where that says nothing against the revision
// it is refused to events only, which may be the old one once more.
func (s *start) untried(ctx context.Context, revision release.Revision) error {
	if s.deliberate() {
		return nil
	}
	trial, err := s.History.Tried(ctx, s.target.Name, revision)
	if err != nil || !trial.Failed() || !trial.Reason.Blames() && !s.request.Automatic {
		return err
	}
	fate := "rolled back"
	if trial.Outcome == release.OutcomeAbandoned {
		fate = "given up"
	}
	return known(revision,
		"was %s by release %s on %s (%s); it does not start again by itself: %s",
		fate, trial.Release, trial.At.Format("2 Jan 15:04 MST"), cut(trial.Sentence), s.again(revision))
}

// notBefore refuses an event's image that was pushed before another one: events come late and out of order. A person or a
// pipeline may go back.
func (s *start) notBefore(c release.Candidate, pushed time.Time, whose string) error {
	if !s.request.Automatic || c.Pushed.IsZero() || pushed.IsZero() || !c.Pushed.Before(pushed) {
		return nil
	}
	return known(c.Revision,
		"was pushed on %s, before %s (%s); to go back to it on purpose: %s",
		c.Pushed.UTC().Format("2 Jan 15:04:05 MST"), whose, pushed.UTC().Format("2 Jan 15:04:05 MST"), s.again(c.Revision))
}
