package conductor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// DeployCanary starts a release and gives its canary the weight of the current step.
type DeployCanary struct {
	Decode   Decode
	Targets  Targets
	Ledger   Opener
	Platform For[PreparerShifter]
	Watcher  For[Watcher]
	Notifier Notifier
	Runtime
}

// PreparerShifter is what deploy-canary asks of a platform.
type PreparerShifter interface {
	Prepare(ctx context.Context, target release.Target, revision release.Revision) (release.Prepared, error)
	Shift(ctx context.Context, r *release.Release, weight release.Weight) (release.Progress, error)
}

// Handle answers wait while the canary comes up, check when it has its weight, rollback when it does not come up,
// and nothing or refused when nothing was started.
func (d *DeployCanary) Handle(ctx context.Context, in Input) (release.Answer, error) {
	request, err := d.Decode(in.Trigger)
	if err != nil {
		_, answer, err := refuse("", err)
		return answer, err
	}
	id := in.id(request)
	r, err := d.Ledger.Load(ctx, id)
	if release.CodeOf(err) == release.NotFound && err != nil {
		var answer release.Answer
		if r, answer, err = d.open(ctx, in, id, request); r == nil {
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
	return d.shift(ctx, t)
}

// open prepares, locks and records. Without a release it answers why there is none.
func (d *DeployCanary) open(ctx context.Context, in Input, id release.ID, request release.Request) (*release.Release, release.Answer, error) {
	target, hash, err := d.Targets.Target(ctx, request.Target)
	if err != nil {
		return refuse(id, err)
	}
	prepared, reference, err := d.prepare(ctx, target, id, request)
	if err != nil {
		return refuse(id, err)
	}
	if prepared.Live {
		note := fmt.Sprintf("%s serves already; there is nothing to release", prepared.Revision)
		return nil, release.Answer{Release: id, Next: release.NextNothing, Note: note}, nil
	}
	steps, err := target.Plan.Resolved()
	if err != nil {
		return refuse(id, err)
	}
	now := d.Now()
	fresh := release.Release{
		Snapshot: release.Snapshot{
			Schema: release.Schema, ID: id, Target: target, TargetHash: hash, Request: request,
			Revision: prepared.Revision, Baseline: prepared.Baseline, Steps: steps,
			Resources: prepared.Resources, Metrics: prepared.Metrics, Reference: reference, Opened: now,
		},
		State: release.State{Phase: release.Preparing, Since: now, Epoch: 1, Executions: []release.ExecutionARN{in.Execution}},
	}
	text := "baseline recorded: " + prepared.Baseline.Summary
	r, err := d.Ledger.Open(ctx, fresh, release.Event{At: now, Kind: release.EventOpened, Phase: release.Preparing, Epoch: 1, Text: text})
	if held, ok := errors.AsType[Held](err); ok {
		resource, by := held.HeldBy()
		note := fmt.Sprintf("release %s holds %s; wait for it to end (serin status %s) and start again", by, resource, target.Name)
		return nil, release.Answer{Release: id, Next: release.NextRefused, Note: note}, nil
	}
	return r, release.Answer{}, err
}

// prepare asks the platform, and then CloudWatch: a release does not start while an alarm is firing, and what is normal
// is read before anything changes.
func (d *DeployCanary) prepare(ctx context.Context, target release.Target, id release.ID, request release.Request) (p release.Prepared, normal release.Reference, err error) {
	if frozen, until := target.Frozen(d.Now()); frozen {
		return p, normal, release.Errorf(release.Unstable, "target "+string(target.Name),
			"is frozen until %s; start again then", until.Format(time.RFC1123))
	}
	platform, err := d.Platform(ctx, target, id)
	if err != nil {
		return p, normal, err
	}
	p, err = platform.Prepare(ctx, target, request.Revision)
	if err != nil || p.Live {
		return p, normal, err
	}
	watcher, err := d.Watcher(ctx, target, id)
	if err != nil {
		return p, normal, err
	}
	firing, err := watcher.Firing(ctx, target)
	if err != nil {
		return p, normal, err
	}
	if len(firing) > 0 {
		return p, normal, release.Errorf(release.Unstable, "alarms of "+string(target.Name),
			"%s in ALARM before the release; a release does not start on a failing workload: repair it, or correct the alarm", list(firing))
	}
	normal, err = watcher.Reference(ctx, target, p.Metrics)
	return p, normal, err
}

// shift gives the canary the weight of the current step.
func (d *DeployCanary) shift(ctx context.Context, t *turn) (release.Answer, error) {
	step := t.r.Current()
	if t.r.Phase == release.Preparing {
		for _, note := range t.r.Reference.Notes {
			t.tell(release.EventProgress, note, nil)
		}
		text := fmt.Sprintf("canary to %d %%", step.Weight)
		if step.Weight >= 100 {
			text = "the plan has no canary step: all at once"
		}
		if err := t.enter(release.Shifting, text); err != nil {
			return release.Answer{}, err
		}
	}
	if step.Weight >= 100 { // all at once: nothing is shifted, check-alarms asks the alarms and sends on to promote
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
	progress, err := t.mutate(ctx, release.VerbShift, false, func(ctx context.Context, r *release.Release) (release.Progress, error) {
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

// refuse turns what is wrong with a request or a workload into an expected end; what may pass is tried again.
func refuse(id release.ID, err error) (*release.Release, release.Answer, error) {
	switch release.CodeOf(err) {
	case release.Invalid, release.Forbidden, release.NotFound, release.Unstable, release.Denied:
		return nil, release.Answer{Release: id, Next: release.NextRefused, Note: err.Error()}, nil
	}
	return nil, release.Answer{}, err
}
