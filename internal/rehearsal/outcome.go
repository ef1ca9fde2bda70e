package rehearsal

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/price"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Outcome says what came of a finished run, and which invariants it broke.
func (r *Run) Outcome(ctx context.Context) (story.Run, error) {
	opened, err := r.opened(ctx)
	if err != nil {
		return story.Run{}, err
	}
	out := story.Run{Faults: r.account.trouble.kinds(), Transitions: r.account.transitions(), Calls: r.account.callCount, USD: price.Of(r.account.used()).USD}
	end := invariant.Ending{
		Ended: r.ended(), Took: r.took, Bound: r.limit(), Release: opened,
		Releases: 1, Before: r.before, After: r.account.world.Arms(), Fresh: r.account.world.Fresh(),
		Alarmed: r.account.dirtyCounted, Mutations: r.account.mutations,
	}
	if t := r.account.trouble; t != nil {
		end.Deleted = t.deleted
		end.Foreign, end.Skew, end.Worked = t.foreign, faults.MaxSkew, r.plan.FaultsFor > 0 && t.siege.Kind == ""
		end.Stale, end.Short = t.stale, t.short
	}
	end.Settled, end.Tries = r.execution.settled, r.tries(opened)
	out.Outcome, _ = r.ending()
	if opened != nil {
		if end.Events, err = r.ledger.Events(ctx, r.id); err != nil {
			return out, err
		}
		if end.Holders, err = holders(ctx, r.ledger, opened); err != nil {
			return out, err
		}
		out.Outcome, end.Tries = opened.Outcome(), end.Tries-opened.Cleanups
		end.LeftOver = r.account.world.LeftOver(opened)
		r.expose(&out, end.Events)
	}
	end.Outcome = out.Outcome
	for _, violation := range invariant.Check(end) {
		out.Violations = append(out.Violations, violation.String())
	}
	for _, broken := range r.account.world.Broken(end) {
		out.Violations = append(out.Violations, string(r.plan.Target.Platform)+": "+broken)
	}
	for _, broken := range r.account.brokenHooks(end) {
		out.Violations = append(out.Violations, "hooks: "+broken)
	}
	return out, nil
}

// tries counts the executions for the release; one that is redriven is none of its own. With one that a person starts
// the count begins anew: they have mended what stood in the way. A recovery may begin in the same moment, and own the
// release before that one does.
func (r *Run) tries(opened *release.Release) int {
	var before []release.ExecutionARN
	if opened != nil {
		before = opened.Executions[:max(0, slices.Index(opened.Executions, executionARN(personsOwn)))]
	}
	known, tries := map[string]bool{}, 0
	for _, e := range r.account.executions {
		if known[e.name] || slices.Contains(before, e.arn) {
			continue
		}
		if known[e.name] = true; e.name == personsOwn {
			tries = 0
		}
		tries++
	}
	return tries
}

// expose says how much the new version did, and how long a failure of it went unnoticed.
func (r *Run) expose(out *story.Run, events []release.Event) {
	exposed := r.execution.exposed
	if !r.execution.promoted {
		exposed = r.account.world.Exposed()
	}
	out.Units, out.Failures = exposed.Units, exposed.Failures
	onset, ran := r.onset()
	if !ran {
		return
	}
	for _, event := range events {
		var decision release.Decision
		if event.Kind != release.EventDecision || json.Unmarshal(event.Data, &decision) != nil || decision.Next != release.NextRollback {
			continue
		}
		if decision.Reason == release.ReasonVerdict || decision.Reason == release.ReasonCanary {
			out.Detected, out.Detection = true, max(0, event.At.Sub(onset))
			return
		}
	}
}

// onset returns when the new version begins to behave as the scenario says of it; false where it never ran.
func (r *Run) onset() (time.Time, bool) {
	first, ran := r.account.world.FirstRan()
	return first.Add(r.plan.Scenario.Canary.From.Std()), ran
}

// holders says who holds what a release has locked.
func holders(ctx context.Context, l *ledger.Ledger, opened *release.Release) (map[release.Resource]release.ID, error) {
	held := map[release.Resource]release.ID{}
	for _, resource := range opened.Resources {
		lock, err := l.Lock(ctx, resource)
		if err != nil {
			return nil, err
		}
		held[resource] = lock.Holder
	}
	return held, nil
}
