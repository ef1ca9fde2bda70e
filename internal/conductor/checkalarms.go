package conductor

import (
	"context"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// CheckAlarms looks at the canary and says what happens next.
type CheckAlarms struct {
	Decode   Decode
	Ledger   Ledger
	Lines    Lines
	Platform For[Inspector]
	Watcher  For[Watcher]
	Hooks    For[Hooks]
	Notifier Notifier
	Runtime
}

// Inspector is what check-alarms asks of a platform.
type Inspector interface {
	Inspect(ctx context.Context, r *release.Release) (release.Sighting, error)
}

// Handle answers wait, shift, promote or rollback.
func (c *CheckAlarms) Handle(ctx context.Context, in Input) (release.Answer, error) {
	request, err := c.Decode(in.Trigger)
	if err != nil {
		return release.Answer{}, err
	}
	r, err := c.Ledger.Load(ctx, in.id(request))
	if err != nil {
		return release.Answer{}, err
	}
	t := &turn{ledger: c.Ledger, runtime: c.Runtime, r: r}
	// A plan without a canary step comes here straight from Shifting.
	atOnce := r.Phase == release.Shifting && r.Current().AtOnce()
	if answer, astray := t.astray(in, release.NextCheck, ""); astray && (!atOnce || answer.Next == release.NextRollback) {
		return answer, nil
	}
	if answer, home, err := t.orderedHome(ctx); home {
		return answer, err
	}
	if answer, home, err := t.superseded(ctx, c.Lines); home {
		return answer, err
	}
	sighting, judgement, err := c.look(ctx, r)
	if err != nil {
		return release.Answer{}, err
	}
	return c.act(ctx, t, sighting, judgement)
}

// look sees the workload as it is and judges it.
func (c *CheckAlarms) look(ctx context.Context, r *release.Release) (release.Sighting, release.Judgement, error) {
	platform, err := c.Platform(ctx, r.Target, r.ID)
	if err != nil {
		return release.Sighting{}, release.Judgement{}, err
	}
	sighting, err := platform.Inspect(ctx, r)
	if err != nil {
		return sighting, release.Judgement{}, err
	}
	if r.CanarySince.IsZero() {
		r.CanarySince = sighting.CanaryStarted
	}
	if sighting.Measured.Value != "" {
		r.Measured = sighting.Measured
	}
	r.SeeShares(sighting, c.Now())
	watcher, err := c.Watcher(ctx, r.Target, r.ID)
	if err != nil {
		return sighting, release.Judgement{}, err
	}
	judgement, err := watcher.Look(ctx, r, sighting)
	return sighting, alarmsOnly(r, judgement), err
}

// act records the look and what was decided on it.
func (c *CheckAlarms) act(ctx context.Context, t *turn, s release.Sighting, j release.Judgement) (release.Answer, error) {
	now := c.Now()
	if order, ok := t.r.Approval(); ok && !t.r.Approved {
		t.r.Approved = true
		t.tell(release.EventProgress, fmt.Sprintf("step %d goes on: %s", t.r.Step+1, order), nil)
	}
	t.tellStopped(s)
	d := decide(t.r, s, j, now)
	if d.hooks != "" {
		said, err := t.ask(ctx, c.Hooks, d.hooks)
		if err != nil {
			return release.Answer{}, err
		}
		if now, d = c.Now(), said.decision(j); said.over && said.veto == "" {
			d = decide(t.r, s, j, now)
		}
	}
	t.r.Judgement = release.Judgement{Verdict: j.Verdict, Sentence: j.Sentence} // the checks stand in the look
	t.r.Pause(d.paused, now)
	if d.asks && t.r.AskedSince.IsZero() {
		t.r.AskedSince = now
	}
	look := release.Look{Judgement: j, Weight: s.Weight, Canary: s.Canary, Primary: s.Primary}
	if d.next == release.NextWait {
		look.NextLook = now.Add(d.wait)
	}
	t.tell(release.EventLook, d.sentence, look)
	if d.call != "" && t.r.Called != d.call { // the evidence changes at every look, what the person is called for does not
		t.r.Called = d.call
		t.tell(release.EventCalled, d.call, nil)
		tell(ctx, c.Notifier, t.r, release.Notice{Kind: release.NoticeWaiting, Text: d.call})
	}
	if err := t.follow(d); err != nil {
		return release.Answer{}, err
	}
	if d.next == release.NextWait {
		return t.wait(d.wait, d.sentence), t.save(ctx)
	}
	return t.answer(d.next, d.sentence), t.save(ctx)
}

// follow moves the release where the decision sends it.
func (t *turn) follow(d decision) error {
	switch {
	case d.next == release.NextRollback:
		t.giveUp(d.reason, d.sentence)
	case d.next == release.NextShift:
		t.r.Step++
		t.r.Approved, t.r.AskedSince = false, time.Time{}
		return t.enter(release.Shifting, fmt.Sprintf("canary to %d %%: %s", t.r.Current().Weight, d.sentence))
	case d.next == release.NextPromote && t.r.Phase == release.Settling:
		return t.enter(release.Cleaning, d.sentence)
	case d.next == release.NextPromote:
		t.r.Decision = release.Decision{Next: release.NextPromote, At: t.runtime.Now(), Epoch: t.r.Epoch, Sentence: d.sentence, By: d.by}
		t.tell(release.EventDecision, d.sentence, t.r.Decision)
		return t.enter(release.Promoting, "all work to "+t.r.Revision.String())
	}
	return nil
}
