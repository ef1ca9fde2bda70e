package recovery

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// calling says whether a person has still to be called.
type calling bool

const (
	call   calling = true
	called calling = false // the state machine has done it
)

// giveUp ends a release that cannot be brought home as Dirty: its lock stays, and a person is called. Where the work is
// home already and only the cleanup was left, it ends with the cleanup pending, and its lock is free.
func (v *Recovery) giveUp(ctx context.Context, r *release.Release, why string, calling calling) (string, error) {
	if r.Phase == release.Cleaning {
		return v.leave(ctx, r, why)
	}
	var events []release.Event
	if r.Phase != release.RollingBack {
		if r.Decision.Next != release.NextRollback { // why it was to go home is what a person asks first
			r.Decision = release.Decision{Next: release.NextRollback, At: v.Now(), Epoch: r.Epoch, Reason: release.ReasonStopped, Sentence: why}
		}
		if err := v.enter(r, release.RollingBack, why, &events); err != nil {
			return "", err
		}
	}
	if err := v.enter(r, release.Dirty, "cannot bring the baseline back: "+why, &events); err != nil {
		return "", err
	}
	if calling == call {
		r.Uncalled = why
	}
	if err := v.Ledger.Save(ctx, r, append(events, r.Finished(why))...); err != nil {
		return "", err
	}
	if calling == call {
		if err := v.callPerson(ctx, r); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s is Dirty: %s", r.ID, why), nil
}

// callPerson calls a person for a Dirty release and writes that down. Whoever dies in between is followed by a sweep, which
// calls again.
func (v *Recovery) callPerson(ctx context.Context, r *release.Release) error {
	_ = v.Notifier.Notify(ctx, r, release.Notice{Kind: release.NoticeDirty, Text: r.Uncalled}) // it logs its own failures
	r.Uncalled = ""
	return v.Ledger.Save(ctx, r)
}

// leave ends a release whose cleanup nobody could finish.
func (v *Recovery) leave(ctx context.Context, r *release.Release, why string) (string, error) {
	if v.Now().Before(r.QuietAt("")) {
		return fmt.Sprintf("%s: an effect may still land; looked at again", r.ID), nil
	}
	to, kind := release.Released, release.NoticeReleased
	if r.Home {
		to, kind = release.RolledBack, release.NoticeRolledBack
	}
	r.CleanupPending, r.Leases = why, nil
	var events []release.Event
	if err := v.enter(r, to, "cleanup is left: "+why, &events); err != nil {
		return "", err
	}
	if err := v.Ledger.Finish(ctx, r, append(events, r.Finished(why))...); err != nil {
		return "", err
	}
	_ = v.Notifier.Notify(ctx, r, release.Notice{Kind: kind}) // it logs its own failures
	return fmt.Sprintf("%s is %s, and its cleanup is left", r.ID, to), nil
}

func (v *Recovery) enter(r *release.Release, to release.Phase, text string, events *[]release.Event) error {
	if err := r.Enter(to, v.Now()); err != nil {
		return err
	}
	*events = append(*events, release.Event{
		At: v.Now(), Kind: release.EventPhase, Phase: to, Step: r.Step, Epoch: r.Epoch, Text: text,
	})
	return nil
}
