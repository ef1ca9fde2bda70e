package conductor

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// turn is one invocation's turn at one release.
type turn struct {
	ledger  Ledger
	runtime Runtime
	r       *release.Release
	events  []release.Event
	moved   bool // the release is not as it was loaded, also where nothing was told

	retained time.Duration // how long the cleanup keeps something on purpose
}

// id returns the release that an invocation is about.
func (in Input) id(request release.Request) release.ID {
	if request.Release != "" {
		return request.Release
	}
	return release.NewID(request.Target, in.Execution)
}

// tell adds a line to the story; it is written with the next save. data may be nil.
func (t *turn) tell(kind release.EventKind, text string, data any) {
	event := release.Event{
		At: t.runtime.Now(), Kind: kind, Phase: t.r.Phase, Step: t.r.Step, Epoch: t.r.Epoch, Text: text,
	}
	if data != nil {
		raw, err := json.Marshal(data)
		if err != nil { // only our own types get here
			panic(err)
		}
		event.Data = raw
	}
	t.events = append(t.events, event)
}

// enter moves the release to another phase and tells so.
func (t *turn) enter(to release.Phase, text string) error {
	if err := t.r.Enter(to, t.runtime.Now()); err != nil {
		return err
	}
	t.tell(release.EventPhase, text, nil)
	return nil
}

// save writes the release and the lines told since the last save.
func (t *turn) save(ctx context.Context) error {
	err := t.ledger.Save(ctx, t.r, t.events...)
	if err == nil {
		t.events = nil
	}
	return err
}

// answer is the answer that goes with the release.
func (t *turn) answer(next release.Next, note string) release.Answer {
	return release.Answer{Release: t.r.ID, Next: next, Note: note}
}

// wait is the answer that asks to be called again.
func (t *turn) wait(d time.Duration, note string) release.Answer {
	return release.Answer{Release: t.r.ID, Next: release.NextWait, Wait: release.WaitOf(d), Note: note}
}

// Announcer is a platform that calls release.AnnounceChange before each of its changes. A call of it that finds nothing to
// change needs no lease, and most calls are such: they wait for AWS.
type Announcer interface {
	// AnnouncesChanges does nothing: that a platform has it says that it keeps to this.
	AnnouncesChanges()
}

// mutate lets a platform change the workload under a lease, and records what it made.
//
// Before anything is changed the lease is durable: until then a call of this invocation may still have an effect, and
// others reckon with it. Where another invocation has announced a change, this one waits it out, unless it preempts.
// The lease of an Announcer is written when it is about to change something. It looked before that, and nobody can have
// announced anything in between: the write is conditional on the version of the release that was loaded.
func (t *turn) mutate(ctx context.Context, verb release.Verb, preempt bool, platform any,
	change func(context.Context, *release.Release) (release.Progress, error),
) (release.Progress, error) {
	now, request := t.runtime.Now(), t.runtime.Request(ctx)
	if busy := t.r.BusyUntil(request, now); !preempt && !busy.IsZero() {
		note := fmt.Sprintf("an earlier call may still change the workload until %s UTC; waiting for that", busy.UTC().Format(time.TimeOnly))
		return release.Progress{State: release.Working, Wait: busy.Sub(now), Note: note}, nil
	}
	until, ok := ctx.Deadline()
	if !ok {
		return release.Progress{}, release.Errorf(release.Unexpected, string(verb), "the invocation has no deadline, so its lease would have no end")
	}
	announced := false
	announce := func(ctx context.Context) error {
		if announced {
			return nil
		}
		t.r.Announce(verb, request, until, t.runtime.Now())
		err := t.save(ctx)
		announced = err == nil
		return err
	}
	if _, itself := platform.(Announcer); itself && len(t.events) == 0 { // what was told is durable before it is done
		ctx = release.WithAnnouncement(ctx, announce)
	} else if err := announce(ctx); err != nil {
		return release.Progress{}, err
	}
	before := len(t.r.Made)
	progress, err := change(ctx, t.r)
	t.r.Record(progress.Made...)
	if err != nil {
		return progress, err // the lease stays: what the call did is not known
	}
	t.r.Withdraw(request, progress.Changed, t.runtime.Now())
	t.moved = announced || len(t.r.Made) != before
	return progress, nil
}

// record writes what a look at a change that goes on has brought, if that is anything.
func (t *turn) record(ctx context.Context) error {
	if !t.moved && len(t.events) == 0 {
		return nil
	}
	return t.save(ctx)
}

// outcome says where a change of the workload leads: to a phase and a function when it has come about, and to a
// rollback for a reason when it will not.
type outcome struct {
	to     release.Phase
	next   release.Next
	failed release.Reason
}

// carryOn answers what a change of the workload has come to.
func (t *turn) carryOn(ctx context.Context, progress release.Progress, o outcome) (release.Answer, error) {
	switch progress.State {
	case release.Working:
		return t.wait(progress.Wait, progress.Note), t.record(ctx)
	case release.Reached:
		if err := t.enter(o.to, progress.Note); err != nil {
			return release.Answer{}, err
		}
		return t.answer(o.next, progress.Note), t.save(ctx)
	case release.Failed:
		t.giveUp(o.failed, progress.Note)
		return t.answer(release.NextRollback, progress.Note), t.save(ctx)
	}
	return release.Answer{}, unexplained("on the way to "+string(o.to), progress)
}

func unexplained(op string, progress release.Progress) error {
	return release.Errorf(release.Unexpected, op, "the platform answered no state (%d): %s", progress.State, progress.Note)
}

// astray answers an invocation that has no business with the release: a later execution owns it, or it is to go home
// already, or it stands where another function goes on. own is the calling function's place; onward is where it sends the state machine for
// every other place that is not home.
func (t *turn) astray(in Input, own, onward release.Next) (release.Answer, bool) {
	if t.r.Owner() != in.Execution {
		return t.answer(release.NextRollback, "a later execution has taken this release over: "+string(t.r.Owner())), true
	}
	if d := t.r.Decision; d.Next == release.NextRollback { // its answer was lost: what was decided stays decided
		return t.answer(release.NextRollback, d.Sentence), true
	}
	switch place := route(t.r.Phase, t.r.Home); place {
	case own:
		return release.Answer{}, false
	case release.NextRollback:
		return t.answer(place, fmt.Sprintf("the release is %s already", t.r.Phase)), true
	default:
		if onward == "" {
			onward = place
		}
		return t.answer(onward, fmt.Sprintf("the release is %s already", t.r.Phase)), true
	}
}

// route says which function goes on with a release of this phase: shift is deploy-canary, check is check-alarms.
func route(phase release.Phase, home bool) release.Next {
	switch phase {
	case release.Preparing, release.Shifting:
		return release.NextShift
	case release.Baking, release.Settling:
		return release.NextCheck
	case release.Promoting, release.Released:
		return release.NextPromote
	case release.Cleaning:
		if !home {
			return release.NextPromote
		}
	}
	return release.NextRollback
}

// tellStopped keeps what failed of the new revision, before AWS forgets it and the cleanup removes what names its logs.
func (t *turn) tellStopped(s release.Sighting) {
	for _, stopped := range t.r.SeeStopped(s.Stopped) {
		t.tell(release.EventProgress, fmt.Sprintf("task %s of %s failed: %s", stopped.Task, stopped.Service, stopped.Why), stopped)
	}
}

// orderedHome decides that the release goes home where a person has asked for it, before anything else is looked at:
// an order must hold also while nothing can be measured.
func (t *turn) orderedHome(ctx context.Context) (release.Answer, bool, error) {
	order, ok := t.r.OrderedHome()
	if !ok {
		return release.Answer{}, false, nil
	}
	t.giveUp(release.ReasonPerson, order.String())
	return t.answer(release.NextRollback, t.r.Decision.Sentence), true, t.save(ctx)
}

// giveUp decides that the release goes home.
func (t *turn) giveUp(reason release.Reason, sentence string) {
	t.r.Decision = release.Decision{
		Next: release.NextRollback, At: t.runtime.Now(), Epoch: t.r.Epoch, Reason: reason, Sentence: sentence,
	}
	if order, ok := t.r.OrderedHome(); ok && reason == release.ReasonPerson {
		t.r.Decision.By = order.Who
	}
	t.tell(release.EventDecision, sentence, t.r.Decision)
}
