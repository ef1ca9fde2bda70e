package conductor

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Rollback brings the recorded baseline back, from wherever the release stands.
type Rollback struct {
	Decode   Decode
	Ledger   Retaker
	Declined Decliner
	Platform For[Restorer]
	Hooks    For[Hooks]
	Notifier Notifier
	Runtime
}

// Restorer is what rollback asks of a platform.
type Restorer interface {
	Inspector
	Rollback(ctx context.Context, r *release.Release) (release.Progress, error)
	cleaner
}

// Handle answers wait while things are brought home, done when they are, recovered when it took the release over from
// another execution, dirty when it cannot.
//
// The answers of a cleanup carry its intent, so that the state machine knows it also when a later call fails.
func (b *Rollback) Handle(ctx context.Context, in Input) (release.Answer, error) {
	request, err := b.Decode(in.Trigger)
	if err != nil {
		return release.Answer{Next: release.NextDone, Note: "nothing was started: " + err.Error()}, nil //nolint:nilerr // such an execution opened no release
	}
	r, err := b.Ledger.Load(ctx, in.id(request))
	if err != nil && release.CodeOf(err) == release.NotFound {
		return b.neverOpened(ctx, in, request)
	}
	if err != nil {
		return release.Answer{}, err
	}
	t := &turn{ledger: b.Ledger, runtime: b.Runtime, r: r}
	if answer, over := b.over(t, in, request); over {
		return answer, nil
	}
	t.takeOver(in, request)
	platform, err := b.Platform(ctx, r.Target, r.ID)
	if err != nil {
		return release.Answer{}, err
	}
	if r.Leaves() {
		answer, err := b.removeLeftover(ctx, t, platform)
		answer.Intent = release.IntentCleanup
		return answer, err
	}
	if answer, hold, err := b.begin(ctx, t, in, request, platform); hold || err != nil {
		return answer, err
	}
	if r.Phase == release.Cleaning {
		return b.clean(ctx, t, platform, request)
	}
	return b.restore(ctx, t, platform)
}

// neverOpened ends an execution that has nothing to restore. Where a function failed for good before its release was
// opened, it writes down why: otherwise what was pushed would be lost without a word, and others would wait for it.
func (b *Rollback) neverOpened(ctx context.Context, in Input, request release.Request) (release.Answer, error) {
	const nothing = "nothing to restore: no baseline was recorded, so nothing was changed"
	answer := release.Answer{Release: in.id(request), Next: end(request), Note: nothing}
	if request.Release != "" || in.Data.Error == nil { // an execution for a release that another one was to open; or one that was declined
		return answer, nil
	}
	answer.Note = fmt.Sprintf("not started, %s; nothing was changed, start it again", failedForGood(in))
	entry := release.Entry{
		Release: answer.Release, Target: request.Target, At: b.Now(), Request: request, Revision: request.Revision,
		Outcome: release.OutcomeRefused, Sentence: answer.Note,
	}
	if err := b.Declined.Decline(ctx, entry); err != nil {
		return release.Answer{}, err
	}
	tellRefused(ctx, b.Notifier, release.Target{Name: request.Target}, entry, in.Execution)
	return answer, b.Declined.Leave(ctx, request.Target, answer.Release)
}

// failedForGood says which error led to Rollback.
func failedForGood(in Input) string {
	return fmt.Sprintf("a function failed for good: %s: %s", in.Data.Error.Error, cut(in.Data.Error.Cause))
}

// end is how an execution ends that has nothing more to do: a recovery that brought things home is a success.
func end(request release.Request) release.Next {
	if request.Intent == "" || request.Intent == release.IntentRelease {
		return release.NextDone
	}
	return release.NextRecovered
}

// over answers for a release that needs nothing from this execution.
func (b *Rollback) over(t *turn, in Input, request release.Request) (release.Answer, bool) {
	recovery := end(request) == release.NextRecovered
	given, abandoned := t.r.Abandonment()
	switch {
	case !recovery && t.r.Owner() != in.Execution:
		return t.answer(release.NextDone, "a later execution has taken this release over: "+string(t.r.Owner())), true
	case recovery && t.r.Owner() != in.Execution && t.r.Knows(in.Execution):
		return t.answer(release.NextRecovered, "a later recovery has taken this release over: "+string(t.r.Owner())), true
	case request.Intent == release.IntentCleanup && t.r.Leaves(): // see leftover.go; nobody else does that: a late call of the recovery that ended it would take the locks, and might die with them
		return release.Answer{}, false
	case request.Intent == release.IntentCleanup:
		return t.answer(release.NextRecovered, fmt.Sprintf("nothing is left to be removed: the release is %s", t.r.Phase)), true
	case t.r.Phase == release.Released:
		return t.answer(release.NextRecovered, "the release had ended well: "+t.r.Decision.Sentence), true
	case t.r.Phase == release.RolledBack:
		return t.answer(end(request), t.r.Decision.Sentence), true
	case abandoned && recovery:
		return t.answer(release.NextRecovered, "nothing is brought home: "+given.String()), true
	case abandoned: // it had ended Dirty before, and that is this execution's end
		return t.answer(release.NextDirty, "nothing is to be done any more: "+given.String()), true
	case t.r.Phase == release.Dirty && request.Intent != release.IntentRollback:
		return t.answer(release.NextDirty, fmt.Sprintf("the release is Dirty; a person brings it home: serin recover %s", t.r.Target.Name)), true
	}
	return release.Answer{}, false
}

// takeOver makes a recovery the owner of the release. Whatever an older execution still does is stale from then on.
func (t *turn) takeOver(in Input, request release.Request) {
	if end(request) != release.NextRecovered || t.r.Owner() == in.Execution {
		return
	}
	t.r.Executions = append(t.r.Executions, in.Execution)
	t.r.Epoch++
	if t.r.Leaves() {
		t.r.RecoveryAt = t.runtime.Now()
	}
	if request.Intent == release.IntentRollback { // a person has mended what stood in the way
		t.r.Recoveries, t.r.Uncalled = 0, ""
	}
	text := fmt.Sprintf("execution %s took over as epoch %d", in.Execution.Name(), t.r.Epoch)
	if request.Reason != "" && t.r.Decision.Next == release.NextRollback { // nobody asks again why it goes home
		text += ": " + request.Reason
	}
	t.tell(release.EventProgress, text, nil)
}

// begin makes sure that the release is on its way home, and holds where going home would move all work onto a broken
// baseline.
func (b *Rollback) begin(ctx context.Context, t *turn, in Input, request release.Request, platform Restorer) (release.Answer, bool, error) {
	if t.r.Phase == release.RollingBack || t.r.Phase == release.Cleaning {
		return release.Answer{}, false, nil
	}
	if t.r.Decision.Next != release.NextRollback {
		reason, sentence := whyHome(t.r, in, request)
		t.giveUp(reason, sentence)
	}
	if answer, hold, err := b.hold(ctx, t, platform); hold || err != nil {
		return answer, hold, err
	}
	return release.Answer{}, false, t.enter(release.RollingBack, "bringing back "+t.r.Baseline.Name()+": "+t.r.Decision.Sentence)
}

// hold keeps a canary that is the only healthy copy, and calls a person: the baseline it would go back to is broken.
// A canary that the judge has failed is no healthy copy.
func (b *Rollback) hold(ctx context.Context, t *turn, platform Inspector) (release.Answer, bool, error) {
	s, err := platform.Inspect(ctx, t.r)
	if err != nil {
		return release.Answer{}, false, nil //nolint:nilerr // a rollback never waits for a look that may not come
	}
	t.tellStopped(s)
	broken := s.Primary.Desired > 0 && s.Primary.Running == 0
	healthy := s.Canary.Healthy > 0 && t.r.Judgement.Verdict != release.Fail
	if !broken || !healthy || t.runtime.Now().Sub(t.r.Decision.At) > release.LongestRollback {
		return release.Answer{}, false, nil
	}
	latest := t.r.Decision.At.Add(release.LongestRollback)
	call := fmt.Sprintf("%s is not rolled back yet: nothing of the primary runs, and the canary is all that works. "+
		"Repair the primary: once it runs the rollback goes on by itself, and at %s in any case.", t.r.Target.Name, release.When(latest.UTC()))
	if t.r.Called != call {
		t.r.Called = call
		t.tell(release.EventCalled, call, nil)
		tell(ctx, b.Notifier, t.r, release.Notice{Kind: release.NoticeWaiting, Text: call})
	}
	counts := fmt.Sprintf(" Wanted of the primary: %d; healthy of the canary: %d.", s.Primary.Desired, s.Canary.Healthy)
	return t.wait(patience, call+counts), true, t.save(ctx)
}

// whyHome reads from a person's orders and the state machine's data why Rollback was called without a decision.
func whyHome(r *release.Release, in Input, request release.Request) (release.Reason, string) {
	if order, ok := r.OrderedHome(); ok {
		return release.ReasonPerson, order.String()
	}
	if in.Data.Error != nil {
		return release.ReasonError, failedForGood(in)
	}
	if request.Intent == release.IntentRollback {
		return release.ReasonPerson, "a person asked for the baseline: " + cmp.Or(request.Reason, "no reason given")
	}
	if request.Reason != "" {
		return release.ReasonStopped, request.Reason
	}
	return release.ReasonStopped, "the execution ended from outside before the release was over"
}

// restore brings traffic and then capacity home.
func (b *Rollback) restore(ctx context.Context, t *turn, platform Restorer) (release.Answer, error) {
	began := t.runtime.Now()
	quiet := t.r.QuietAt(t.runtime.Request(ctx))
	progress, err := t.mutate(ctx, release.VerbRollback, true, platform, platform.Rollback)
	overdue := began.Sub(t.r.Since) > release.LongestRollback
	switch {
	case err != nil && !overdue:
		return release.Answer{}, err
	case err != nil:
		return b.dirty(ctx, t, tooLong(err.Error()))
	case overdue && progress.State != release.Reached:
		return b.dirty(ctx, t, tooLong(progress.Note))
	case progress.State == release.Working:
		return t.wait(progress.Wait, progress.Note), t.record(ctx)
	case progress.State == release.Failed:
		return b.dirty(ctx, t, progress.Note)
	case progress.State != release.Reached:
		return release.Answer{}, unexplained("rollback", progress)
	case progress.Changed || began.Before(quiet):
		return b.readAgain(ctx, t, progress)
	}
	t.r.Served = release.Served{At: t.runtime.Now(), How: progress.Stays}
	if err := t.enter(release.Cleaning, progress.Note); err != nil {
		return release.Answer{}, err
	}
	return t.wait(time.Second, progress.Note), t.save(ctx)
}

// tooLong says how far a rollback came that takes longer than it may.
func tooLong(last string) string {
	return fmt.Sprintf("not home after %s of trying; at the last try: %s", release.Duration(release.LongestRollback), last)
}

// readAgain asks for one more look after the last moment at which an effect of an earlier call can land: only then is
// what was read the truth for good.
func (b *Rollback) readAgain(ctx context.Context, t *turn, progress release.Progress) (release.Answer, error) {
	left := max(time.Second, t.r.QuietAt("").Sub(t.runtime.Now()))
	return t.wait(left, progress.Note+"; looking once more when no effect of an earlier call can land any more"), t.record(ctx)
}

func (b *Rollback) clean(ctx context.Context, t *turn, platform cleaner, request release.Request) (release.Answer, error) {
	progress, err := t.clean(ctx, platform)
	if err != nil {
		return release.Answer{}, err
	}
	if progress.State == release.Working {
		return t.wait(progress.Wait, progress.Note), t.record(ctx)
	}
	if !t.r.Home { // a recovery found a promoted release that only had to be cleaned up
		if err := t.finish(ctx, b.Ledger, release.Released, t.r.Revision.String()+" serves"); err != nil {
			return release.Answer{}, err
		}
		tell(ctx, b.Notifier, t.r, release.Notice{Kind: release.NoticeReleased})
		return t.answer(release.NextRecovered, t.r.Decision.Sentence), nil
	}
	if t.r.HooksPending(release.AfterRollback) {
		said, err := t.ask(ctx, b.Hooks, release.AfterRollback)
		if err != nil {
			return release.Answer{}, err
		}
		if !said.over {
			return t.wait(said.wait, said.note), t.record(ctx)
		}
	}
	if err := t.finish(ctx, b.Ledger, release.RolledBack, t.r.Baseline.Name()+" serves again"); err != nil {
		return release.Answer{}, err
	}
	tell(ctx, b.Notifier, t.r, release.Notice{Kind: release.NoticeRolledBack})
	return t.answer(end(request), t.r.Decision.Sentence), nil
}

// dirty gives up: the lock stays, and a person is called with what is wrong and what to do. Who dies before that is written
// as done leaves it to a sweep.
func (b *Rollback) dirty(ctx context.Context, t *turn, why string) (release.Answer, error) {
	if err := t.enter(release.Dirty, "cannot bring the baseline back: "+why); err != nil {
		return release.Answer{}, err
	}
	t.tell(release.EventFinished, why, t.r.Outcome())
	t.r.Uncalled = why
	if err := t.save(ctx); err != nil {
		return release.Answer{}, err
	}
	tell(ctx, b.Notifier, t.r, release.Notice{Kind: release.NoticeDirty, Text: why})
	t.r.Uncalled = ""
	return t.answer(release.NextDirty, why), t.save(ctx)
}
