package conductor

import (
	"context"

	"github.com/serin-aws/serin/internal/release"
)

// Promote moves all work to the new revision, and cleans up once that has settled.
type Promote struct {
	Decode   Decode
	Ledger   Finisher
	Platform For[PromoterCleaner]
	Notifier Notifier
	Runtime
}

// PromoterCleaner is what promote asks of a platform.
type PromoterCleaner interface {
	Promote(ctx context.Context, r *release.Release) (release.Progress, error)
	cleaner
}

type cleaner interface {
	Cleanup(ctx context.Context, r *release.Release) (release.Progress, error)
}

// Handle answers wait, settle when all work is on the new revision, done when the release is over, rollback when
// promotion fails.
func (p *Promote) Handle(ctx context.Context, in Input) (release.Answer, error) {
	request, err := p.Decode(in.Trigger)
	if err != nil {
		return release.Answer{}, err
	}
	r, err := p.Ledger.Load(ctx, in.id(request))
	if err != nil {
		return release.Answer{}, err
	}
	t := &turn{ledger: p.Ledger, runtime: p.Runtime, r: r}
	if answer, astray := t.astray(in, release.NextPromote, release.NextSettle); astray {
		return answer, nil
	}
	if r.Phase == release.Released {
		return t.answer(release.NextDone, r.Decision.Sentence), nil
	}
	platform, err := p.Platform(ctx, r.Target, r.ID)
	if err != nil {
		return release.Answer{}, err
	}
	if r.Phase == release.Cleaning {
		return p.clean(ctx, t, platform)
	}
	if answer, home, err := t.orderedHome(ctx); home {
		return answer, err
	}
	return p.promote(ctx, t, platform)
}

func (p *Promote) promote(ctx context.Context, t *turn, platform PromoterCleaner) (release.Answer, error) {
	if d := t.r.Decision; d.Next != release.NextPromote || d.Epoch != t.r.Epoch {
		return release.Answer{}, release.Errorf(release.Illegal, "promote "+string(t.r.ID),
			"the ledger holds no decision to promote for epoch %d of this release", t.r.Epoch)
	}
	progress, err := t.mutate(ctx, release.VerbPromote, false, platform, platform.Promote)
	if err != nil {
		return release.Answer{}, err
	}
	if progress.State == release.Reached {
		t.r.Served = release.Served{At: p.Now(), How: progress.Stays}
	}
	return t.carryOn(ctx, progress, outcome{to: release.Settling, next: release.NextSettle, failed: release.ReasonPromotion})
}

func (p *Promote) clean(ctx context.Context, t *turn, platform cleaner) (release.Answer, error) {
	progress, err := t.clean(ctx, platform)
	if err != nil {
		return release.Answer{}, err
	}
	if progress.State == release.Working {
		return t.wait(progress.Wait, progress.Note), t.record(ctx)
	}
	if err := t.finish(ctx, p.Ledger, release.Released, t.r.Revision.String()+" serves"); err != nil {
		return release.Answer{}, err
	}
	tell(ctx, p.Notifier, t.r, release.Notice{Kind: release.NoticeReleased})
	return t.answer(release.NextDone, t.r.Decision.Sentence), nil
}

// clean removes what serin made and nobody uses. It never fails a release: what cannot be removed is noted. It is
// Reached only once no effect of the release can land any more, because the lock passes on then.
func (t *turn) clean(ctx context.Context, platform cleaner) (release.Progress, error) {
	if progress, loud := t.untilQuiet(); loud && t.cleaned() {
		return progress, nil
	}
	if t.r.CleanupPending != "" { // given up at an earlier call; nothing more is asked for
		return release.Progress{State: release.Reached, Note: t.r.CleanupPending}, nil
	}
	progress, err := t.mutate(ctx, release.VerbCleanup, false, platform, platform.Cleanup)
	early := t.runtime.Now().Sub(t.r.Since) < release.LongestCleanup
	switch {
	case err != nil && early:
		return progress, err
	case err != nil:
		t.r.CleanupPending, t.moved = err.Error(), true
	case progress.State == release.Working && early:
		return progress, nil
	case progress.State != release.Reached:
		t.r.CleanupPending, t.moved = progress.Note, true
	}
	if progress, loud := t.untilQuiet(); loud {
		return progress, nil
	}
	t.retained = progress.Retained
	return release.Progress{State: release.Reached, Note: progress.Note}, nil
}

// untilQuiet answers that a late effect of the release may still land, and until when.
func (t *turn) untilQuiet() (release.Progress, bool) {
	left := t.r.QuietAt("").Sub(t.runtime.Now())
	return release.Progress{State: release.Working, Wait: left, Note: "waiting until no effect of an earlier call can land any more"}, left > 0
}

// cleaned reports whether a cleanup of this release has been tried.
func (t *turn) cleaned() bool {
	for _, lease := range t.r.Leases {
		if lease.Verb == release.VerbCleanup {
			return true
		}
	}
	return false
}

// finish ends the release and frees its locks in one write.
func (t *turn) finish(ctx context.Context, ledger Finisher, phase release.Phase, text string) error {
	if err := t.enter(phase, text); err != nil {
		return err
	}
	t.r.Leases = nil
	t.leave()
	t.tell(release.EventFinished, text, t.r.Outcome())
	err := ledger.Finish(ctx, t.r, t.events...)
	if err == nil {
		t.events = nil
	}
	return err
}
