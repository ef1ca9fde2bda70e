package conductor

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// DeployCanary starts a release and gives its canary the weight of the current step.
type DeployCanary struct {
	Decode   Decode
	Targets  Targets
	Starts   Starts
	Ledger   Opener
	History  History
	Waiting  WaitingRoom
	Platform For[PreparerShifter]
	Watcher  For[Watcher]
	Gate     For[Gate]
	Hooks    For[Hooks]
	Notifier Notifier
	Runtime
}

// PreparerShifter is what deploy-canary asks of a platform.
type PreparerShifter interface {
	Prepare(ctx context.Context, target release.Target, revision release.Revision) (release.Prepared, error)
	// Pin finds out which revision is meant, also while the workload is being changed.
	Pin(ctx context.Context, target release.Target, revision release.Revision) (release.Candidate, error)
	Shift(ctx context.Context, r *release.Release, weight release.Weight) (release.Progress, error)
}

// Handle answers wait until the release's turn has come and while the canary comes up, check when it has its weight, rollback when it does not come up,
// and nothing or refused when nothing was started.
func (d *DeployCanary) Handle(ctx context.Context, in Input) (release.Answer, error) {
	request, err := d.Decode(in.Trigger)
	if err != nil {
		if refusal(err) {
			return release.Answer{Next: release.NextRefused, Note: err.Error()}, nil
		}
		return release.Answer{}, err
	}
	id := in.id(request)
	r, err := d.Ledger.Load(ctx, id)
	if release.CodeOf(err) == release.NotFound && err != nil {
		var answer release.Answer
		if r, answer, err = (&start{DeployCanary: d, in: in, id: id, request: request}).open(ctx); r == nil {
			return answer, err
		}
	}
	if err != nil {
		return release.Answer{}, err
	}
	t := &turn{ledger: d.Ledger, runtime: d.Runtime, r: r}
	if answer, astray := t.astray(in, release.NextShift, release.NextCheck); astray {
		return answer, nil
	}
	if answer, home, err := t.orderedHome(ctx); home {
		return answer, err
	}
	if answer, home, err := t.superseded(ctx, d.Waiting); home {
		return answer, err
	}
	return d.shift(ctx, t)
}

// shift gives the canary the weight of the current step.
func (d *DeployCanary) shift(ctx context.Context, t *turn) (release.Answer, error) {
	step := t.r.Current()
	if t.r.Phase == release.Preparing {
		for _, note := range t.r.Reference.Notes {
			t.tell(release.EventProgress, note, nil)
		}
		text := fmt.Sprintf("canary to %d %%", step.Weight)
		if step.AtOnce() {
			text = "the plan has no canary step: all at once"
		}
		if err := t.enter(release.Shifting, text); err != nil {
			return release.Answer{}, err
		}
	}
	asks := t.r.Step == 0 && t.r.HooksPending(release.BeforeTraffic)
	if step.AtOnce() && !asks { // all at once: nothing is shifted, check-alarms asks the alarms and sends on to promote
		return t.answer(release.NextCheck, "all at once"), t.save(ctx)
	}
	if late(t.r, d.Now()) {
		t.giveUp(release.ReasonDeadline, deadlineSentence(t.r))
		return t.answer(release.NextRollback, t.r.Decision.Sentence), t.save(ctx)
	}
	platform, err := d.Platform(ctx, t.r.Target, t.r.ID)
	if err != nil {
		return release.Answer{}, err
	}
	if answer, done, err := d.beforeTraffic(ctx, t, platform); done {
		return answer, err
	}
	if step.AtOnce() {
		return t.answer(release.NextCheck, "all at once"), t.save(ctx)
	}
	progress, err := t.mutate(ctx, release.VerbShift, false, platform, func(ctx context.Context, r *release.Release) (release.Progress, error) {
		return platform.Shift(ctx, r, step.Weight)
	})
	if err != nil {
		return release.Answer{}, err
	}
	if progress.State == release.Reached {
		t.r.BakeSince = d.Now()
	}
	return t.carryOn(ctx, progress, outcome{to: release.Baking, next: release.NextCheck, failed: release.ReasonCanary})
}
