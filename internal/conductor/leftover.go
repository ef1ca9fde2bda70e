package conductor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// leave notes at the end of a release, or of an attempt to clean up after it, when the next attempt is made: what is kept
// on purpose goes then, and what could not be removed.
func (t *turn) leave() {
	switch {
	case t.r.CleanupPending != "" && t.r.Cleanups < release.MostCleanups:
		t.r.CleanupDue = t.runtime.Now().Add(release.CleanupAgain(t.r.Cleanups))
	case t.retained > 0:
		t.r.CleanupDue = t.r.Since.Add(t.retained)
	default:
		t.r.CleanupDue = time.Time{}
	}
}

// removeLeftover is one attempt at removing what a release left that is over. It holds the locks meanwhile, so that no
// release begins in between. What is left still is noted and tried again: nobody is called for it.
func (b *Rollback) removeLeftover(ctx context.Context, t *turn, platform cleaner) (release.Answer, error) {
	if err := b.Ledger.Retake(ctx, t.r, t.events...); err != nil {
		if held, ok := errors.AsType[Held](err); ok {
			resource, by := held.HeldBy()
			return t.answer(release.NextRecovered, fmt.Sprintf("%s is held by release %s; what is left is removed later", resource, by)), nil
		}
		return release.Answer{}, err
	}
	t.events = nil
	spent := t.runtime.Now().Sub(t.r.RecoveryAt)
	left := cmp.Or(t.r.CleanupPending, "something changed at every call")
	if spent < 2*release.LongestCleanup || !t.cleaned() { // later, only the end of late effects is waited for
		progress, err := t.mutate(ctx, release.VerbCleanup, false, platform, platform.Cleanup)
		switch {
		case err != nil && spent < release.LongestCleanup:
			return release.Answer{}, err
		case err != nil:
			left = err.Error()
		case progress.State == release.Working && spent < release.LongestCleanup:
			return t.wait(progress.Wait, progress.Note), t.record(ctx)
		case progress.State != release.Reached:
			left = progress.Note
		default:
			left, t.retained = "", progress.Retained
		}
	}
	if progress, loud := t.untilQuiet(); loud {
		return t.wait(progress.Wait, progress.Note), t.record(ctx)
	}
	return b.left(ctx, t, left)
}

// left ends an attempt and frees the locks.
func (b *Rollback) left(ctx context.Context, t *turn, what string) (release.Answer, error) {
	text := "what the release had left is removed"
	if what != "" {
		text = "cleanup is left: " + what
	}
	t.r.CleanupPending, t.r.Leases = what, nil
	t.leave()
	t.tell(release.EventProgress, text, nil)
	return t.answer(release.NextRecovered, text), b.Ledger.Finish(ctx, t.r, t.events...)
}
