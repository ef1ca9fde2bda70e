package conductor

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// behind waits for a release that is at work, or for others who came first; or ends where waiting is not what the target
// wants, or has no sense.
func (s *start) behind(ctx context.Context, running *release.Release, before []release.Waiting) (*release.Release, release.Answer, error) {
	note := "waits for its turn"
	switch {
	case running != nil && running.Phase == release.Dirty:
		return s.refuse(ctx, release.Errorf(release.Unstable, "target "+string(s.target.Name),
			"release %s is Dirty and keeps its lock; bring it home first: serin recover %s; where it can never come home: serin abandon %s --reason \"...\"", running.ID, running.ID, running.ID))
	case running != nil:
		note = fmt.Sprintf("waits for release %s of %s, which is %s", running.ID, running.Revision, running.Phase)
	case len(before) > 0:
		note = fmt.Sprintf("waits for release %s of %s, which came first", before[0].Release, before[0].Revision)
	}
	if s.waiting {
		return s.wait(ctx, s.place, note)
	}
	place, err := s.arrive(ctx, running)
	if err != nil {
		return s.refuse(ctx, err)
	}
	return s.wait(ctx, place, note)
}

// arrive pins what an execution asks for, and refuses what would not be released anyway: then it need not wait.
func (s *start) arrive(ctx context.Context, running *release.Release) (release.Waiting, error) {
	now := s.Now()
	place := release.Waiting{Release: s.id, Execution: s.in.Execution, Request: s.request, Way: s.target.Concurrency, Since: now}
	platform, err := s.Platform(ctx, s.target, s.id)
	if err != nil {
		return place, err
	}
	candidate, err := platform.Pin(ctx, s.target, s.request.Revision)
	if err != nil {
		return place, err
	}
	place.Revision, place.Pushed = candidate.Revision, candidate.Pushed
	if err := s.duplicate(candidate, running); err != nil {
		return place, err
	}
	if running != nil {
		if err := s.notBefore(candidate, running.Pushed, running.Revision.String()+", which release "+string(running.ID)+" releases"); err != nil {
			return place, err
		}
	}
	if newest, waits := s.line.Newest(now); waits {
		if err := s.notBefore(candidate, newest.Pushed, newest.Revision.String()+", for which release "+string(newest.Release)+" waits"); err != nil {
			return place, err
		}
	}
	if err := s.untried(ctx, candidate.Revision); err != nil {
		return place, err
	}
	return place, s.mayWait(running)
}

// duplicate refuses what is being released already, or waits to be.
func (s *start) duplicate(c release.Candidate, running *release.Release) error {
	if running != nil && running.Revision.Key() == c.Revision.Key() && (!running.Home || !s.deliberate()) {
		return known(c.Revision, "is in flight already: release %s of it is %s; nothing to do: serin watch %s", running.ID, running.Phase, running.ID)
	}
	if other, waits := s.line.Same(s.id, c.Revision, s.Now()); waits {
		return known(c.Revision, "is what release %s waits to release; nothing to do: serin status %s", other.Release, s.target.Name)
	}
	return nil
}

// mayWait refuses under reject, but for an emergency.
func (s *start) mayWait(running *release.Release) error {
	if s.target.Concurrency != release.Reject || s.request.Emergency {
		return nil
	}
	busy := "others wait for it"
	if running != nil {
		busy = fmt.Sprintf("release %s of %s is %s", running.ID, running.Revision, running.Phase)
	}
	return release.Errorf(release.Unstable, "target "+string(s.target.Name), "is busy: %s; start again when that is over (serin status %s)", busy, s.target.Name)
}

// wait keeps the execution's place in the line until it looks again.
func (s *start) wait(ctx context.Context, place release.Waiting, note string) (*release.Release, release.Answer, error) {
	now := s.Now()
	waited := now.Sub(place.Since)
	if waited >= release.LongestWait {
		return s.refuse(ctx, release.Errorf(release.Unstable, "release "+string(s.id),
			"has waited %s for its turn, which is as long as it may; start it again when target %s is free (serin status %s)", release.Duration(release.LongestWait), s.target.Name, s.target.Name))
	}
	look := release.NextLook(waited)
	place.Due = now.Add(look)
	if _, err := s.Waiting.Wait(ctx, place); err != nil {
		return s.refuse(ctx, err)
	}
	return nil, release.Answer{Release: s.id, Next: release.NextWait, Wait: release.WaitOf(look), Note: note}, nil
}

// superseded decides that a running release gives way to a newer one that waits. It is looked at before anything else:
// a newer release must not wait for what cannot be measured.
func (t *turn) superseded(ctx context.Context, lines Lines) (release.Answer, bool, error) {
	if !t.r.GivesWay() {
		return release.Answer{}, false, nil
	}
	line, err := lines.Line(ctx, t.r.Target.Name)
	if err != nil {
		return release.Answer{}, true, err
	}
	newer, waits := line.Superseder(t.r, t.runtime.Now())
	if !waits {
		return release.Answer{}, false, nil
	}
	sentence := fmt.Sprintf("superseded by the newer release %s of %s", newer.Release, newer.Revision)
	if newer.Request.Emergency && !t.r.Request.Emergency {
		sentence = fmt.Sprintf("gives way to the emergency release %s of %s", newer.Release, newer.Revision)
	}
	t.giveUp(release.ReasonSuperseded, sentence)
	return t.answer(release.NextRollback, sentence), true, t.save(ctx)
}
