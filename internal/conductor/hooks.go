package conductor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Hooks calls the functions that a target names.
type Hooks interface {
	// Check answers an error where a function does not exist or may not be called. It does not run it.
	Check(ctx context.Context, function string) error
	// Ask calls a function once. Throttled and Unavailable say that it may answer at another time; every other error is
	// the hook's failure.
	Ask(ctx context.Context, function string, event release.HookEvent) (release.HookAnswer, error)
}

// Readier is a platform on which a new revision can stand without getting any work.
type Readier interface {
	// Ready brings the new revision to where the first step can give it work. It is Reached when it stands, and Failed
	// when it does not come up.
	Ready(ctx context.Context, r *release.Release) (release.Progress, error)
}

const (
	hookRoom  = 45 * time.Second // what one call may take, and some: it is not begun where less is left of the invocation
	hookSoon  = 30 * time.Second // when a hook is asked again that does not say when: as ECS does
	hookLater = poll             // no sooner than that once a stage has taken eager
	eager     = 5 * time.Minute
)

// heard is what the hooks of a stage have come to.
type heard struct {
	over bool          // all have spoken
	veto string        // not empty: one of them does not let the release go on, and why
	wait time.Duration // where they have not spoken: when the next is asked
	note string        // who is waited for
}

// ask calls those hooks of a stage that are due, as far as the invocation has time for it. Before a hook is called for
// the first time that is durable, so that its time runs out even if every call of it takes the invocation with it; what
// it says is durable with the caller's next save. Between the two it may be called again: it knows the execution's id.
func (t *turn) ask(ctx context.Context, hooks For[Hooks], stage release.HookStage) (heard, error) {
	round := t.r.HookRound(stage)
	for i := range round.Calls {
		call := &round.Calls[i]
		t.expire(call)
		if call.Over() || t.runtime.Now().Before(call.Due) || !t.roomForHook(ctx) {
			continue
		}
		if call.Since.IsZero() {
			call.Since = t.runtime.Now()
			if err := t.save(ctx); err != nil {
				return heard{}, err
			}
		}
		t.call(ctx, hooks, call)
	}
	return t.hear(), nil
}

// expire ends a hook that was given all the time that it may take.
func (t *turn) expire(call *release.HookCall) {
	patience := t.r.HookPatience(*call)
	if call.Over() || call.Since.IsZero() || t.runtime.Now().Sub(call.Since) < patience.Std() {
		return
	}
	call.Note = fmt.Sprintf("did not say SUCCEEDED within %s; last: %s", patience, lastSaid(*call))
	call.Status, call.Details = release.HookFailed, nil
	t.tellHook(*call)
}

// roomForHook reports whether the invocation lives long enough for one more call.
func (t *turn) roomForHook(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return !limited || deadline.Sub(t.runtime.Now()) >= hookRoom
}

// call asks one hook once and notes what it says.
func (t *turn) call(ctx context.Context, hooks For[Hooks], call *release.HookCall) {
	hook, before := t.r.Target.Hooks[call.Hook], call.Status
	call.Times++
	t.moved = true
	answer, err := t.answerOf(ctx, hooks, hook.Function, t.r.HookEvent(*call))
	switch {
	case err != nil && release.ClassOf(release.CodeOf(err)) == release.ClassRetry:
		call.Status, call.Note = release.HookInProgress, "no answer yet: "+reasonOf(err)
		answer.Delay = t.runtime.Now().Sub(call.Since) // it may be at work still: asked at growing distances
	case err != nil:
		call.Status, call.Note = release.HookFailed, reasonOf(err)
	default:
		call.Status, call.Note = answer.Status, ""
		if answer.Details != nil {
			call.Details = answer.Details
		}
	}
	now := t.runtime.Now()
	least := hookSoon
	if now.Sub(call.Since) > eager {
		least = hookLater
	}
	call.Due = now.Add(max(answer.Delay, least))
	if end := call.Since.Add(t.r.HookPatience(*call).Std()); call.Due.After(end) {
		call.Due = end
	}
	if call.Over() {
		call.Details = nil
	}
	if call.Status != before {
		t.tellHook(*call)
	}
}

func (t *turn) answerOf(ctx context.Context, hooks For[Hooks], function string, event release.HookEvent) (release.HookAnswer, error) {
	caller, err := hooks(ctx, t.r.Target, t.r.ID)
	if err != nil {
		return release.HookAnswer{}, err
	}
	return caller.Ask(ctx, function, event)
}

func (t *turn) tellHook(call release.HookCall) {
	text := t.r.HookSentence(call)
	if call.Status == release.HookSucceeded && call.Times > 1 {
		text += fmt.Sprintf(" after %d calls in %s", call.Times, since(call, t.runtime.Now()))
	}
	if call.Status == release.HookFailed && t.continues(call) {
		text += "; " + t.regardless()
	}
	t.moved = true
	t.tell(release.EventProgress, text, call)
}

// continues reports whether the release goes on whatever the hook says.
func (t *turn) continues(call release.HookCall) bool {
	return t.r.Hooks.Stage == release.AfterRollback || t.r.Target.Hooks[call.Hook].OnFailure == release.HookContinue
}

// regardless says what goes on although a hook failed.
func (t *turn) regardless() string {
	if t.r.Hooks.Stage == release.AfterRollback {
		return "the rollback stands"
	}
	return "the release goes on, as onFailure says"
}

// hear sums up what the hooks of the present stage have said.
func (t *turn) hear() heard {
	h := heard{over: true}
	now := t.runtime.Now()
	for _, call := range t.r.Hooks.Calls {
		switch {
		case call.Status == release.HookFailed && !t.continues(call) && h.veto == "":
			h.veto = t.r.HookSentence(call)
		case !call.Over():
			if wait := max(time.Second, call.Due.Sub(now)); h.over || wait < h.wait {
				h.wait, h.note = wait, t.r.HookSentence(call)
			}
			h.over = false
		}
	}
	h.wait = min(h.wait, poll)
	return h
}

// decision is what follows of a look at which not all hooks have agreed.
func (h heard) decision(j release.Judgement) decision {
	if h.veto != "" {
		return rollback(release.ReasonHook, h.veto)
	}
	return decision{next: release.NextWait, wait: h.wait, sentence: h.note + "; at this look: " + j.Sentence}
}

func since(call release.HookCall, now time.Time) release.Duration {
	return release.Duration(now.Sub(call.Since).Truncate(time.Second))
}

// reasonOf says why a call failed; which hook it was is said beside it.
func reasonOf(err error) string {
	if known, ok := errors.AsType[*release.Error](err); ok && known.Err != nil {
		err = known.Err
	}
	return cut(err.Error())
}

func lastSaid(call release.HookCall) string {
	switch {
	case call.Note != "":
		return call.Note
	case call.Status != "":
		return string(call.Status)
	}
	return "nothing"
}

// hooks refuses a release whose hooks cannot be called: found later, that would take back a version that nobody has
// anything against.
func (s *start) hooks(ctx context.Context) error {
	if len(s.target.Hooks) == 0 {
		return nil
	}
	hooks, err := s.Hooks(ctx, s.target, s.id)
	if err != nil {
		return err
	}
	for _, hook := range s.target.Hooks {
		if err := hooks.Check(ctx, hook.Function); err != nil {
			return err
		}
	}
	return nil
}

// beforeTraffic asks the hooks that must agree before the new revision gets any work, once it stands. done is false
// where they have agreed, or there are none.
func (d *DeployCanary) beforeTraffic(ctx context.Context, t *turn, platform PreparerShifter) (answer release.Answer, done bool, err error) {
	if t.r.Step > 0 || !t.r.HooksPending(release.BeforeTraffic) {
		return release.Answer{}, false, nil
	}
	if ready, stands := platform.(Readier); stands {
		progress, err := t.mutate(ctx, release.VerbShift, false, platform, ready.Ready)
		if err != nil || progress.State != release.Reached {
			answer, err = t.carryOnUnless(ctx, progress, err)
			return answer, true, err
		}
	}
	said, err := t.ask(ctx, d.Hooks, release.BeforeTraffic)
	switch {
	case err != nil:
		return release.Answer{}, true, err
	case said.veto != "":
		t.giveUp(release.ReasonHook, said.veto)
		return t.answer(release.NextRollback, said.veto), true, t.save(ctx)
	case !said.over:
		return t.wait(said.wait, said.note), true, t.record(ctx)
	}
	return release.Answer{}, false, nil
}

// carryOnUnless answers a change that has not come about.
func (t *turn) carryOnUnless(ctx context.Context, progress release.Progress, err error) (release.Answer, error) {
	if err != nil {
		return release.Answer{}, err
	}
	return t.carryOn(ctx, progress, outcome{failed: release.ReasonCanary})
}
