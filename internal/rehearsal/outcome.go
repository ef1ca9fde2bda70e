package rehearsal

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/price"
	"github.com/serin-aws/serin/internal/rehearsal/ecs"
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
	out := story.Run{Transitions: r.execution.run.Transitions(), Calls: r.account.callCount, USD: price.Of(r.used()).USD}
	end := invariant.Ending{
		Ended: r.execution.end != nil, Took: r.execution.done.Sub(epoch), Bound: r.bound(), Release: opened,
		Before: r.before, After: r.account.arms(r.plan.Target), Revision: r.account.versions.fresh,
		Alarmed: r.account.dirtyCounted, Mutations: r.account.mutations,
	}
	out.Outcome, _ = r.ending()
	if opened != nil {
		if end.Events, err = r.ledger.Events(ctx, r.id); err != nil {
			return out, err
		}
		if end.Holders, err = r.holders(ctx, opened); err != nil {
			return out, err
		}
		out.Outcome = opened.Outcome()
		end.Finished = finished(opened)
		end.LeftOver = r.account.leftOver(opened)
		r.expose(&out, end.Events)
	}
	end.Outcome = out.Outcome
	for _, violation := range invariant.Check(end) {
		out.Violations = append(out.Violations, violation.String())
	}
	return out, nil
}

// expose says how much the new version did, and how long a failure of it went unnoticed.
func (r *Run) expose(out *story.Run, events []release.Event) {
	digest := string(r.account.versions.fresh)
	exposed := r.execution.exposed
	if !r.execution.promoted {
		exposed = r.account.exposure()
	}
	out.Units, out.Failures = exposed.units, exposed.failures
	first, ran := r.account.ECS.FirstRunning(digest)
	if !ran {
		return
	}
	onset := first.Add(r.plan.Scenario.Canary.From.Std())
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

// exposure counts what the new version has done so far.
func (a *Account) exposure() exposure {
	var e exposure
	for _, total := range a.Workload.Totals() {
		if total.Digest == string(a.versions.fresh) {
			e.units += total.Received
			e.failures += total.Failed
		}
	}
	return e
}

func (r *Run) holders(ctx context.Context, opened *release.Release) (map[release.Resource]release.ID, error) {
	holders := map[release.Resource]release.ID{}
	for _, resource := range opened.Resources {
		lock, err := r.ledger.Lock(ctx, resource)
		if err != nil {
			return nil, err
		}
		holders[resource] = lock.Holder
	}
	return holders, nil
}

// finished is when the lock passed on.
func finished(r *release.Release) time.Time {
	if r.Phase.HoldsLock() {
		return time.Time{}
	}
	return r.Since
}

// arms returns the two services of a target as they are.
func (a *Account) arms(target release.Target) []invariant.Arm {
	arms := []invariant.Arm{{Service: target.ECSQueue.CanaryService}, {Service: target.ECSQueue.PrimaryService, Primary: true}}
	for i := range arms {
		arm := &arms[i]
		arm.Running, arm.App = map[string]int{}, map[string]int{}
		if bounds, scaled := a.Scaling.Bounds(nameOf(target.ECSQueue.Cluster) + "/" + arm.Service); scaled {
			arm.Min, arm.Max = bounds.Min, bounds.Max
		}
		for _, state := range a.ECS.Snapshot() {
			if state.Service != arm.Service || !state.Active {
				continue
			}
			arm.Desired = state.Desired
			for _, running := range state.Running {
				count(arm, running, target.ECSQueue.Container)
			}
		}
	}
	return arms
}

// count adds tasks that run the same images to an arm.
func count(arm *invariant.Arm, running ecs.Running, container string) {
	var all []string
	for _, image := range running.Images {
		all = append(all, image.Container+"="+image.Digest)
		if image.Container == container {
			arm.App[image.Digest] += running.Tasks
		}
	}
	arm.Running[strings.Join(all, " ")] += running.Tasks
}

// leftOver are the task definitions that serin registered for a release and that no service uses. After a promotion
// the pinned copies of the baseline are kept, so that the release can be undone.
func (a *Account) leftOver(r *release.Release) []string {
	used := map[string]bool{}
	for _, state := range a.ECS.Snapshot() {
		used[state.TaskDefinition] = true
	}
	var left []string
	for _, d := range a.ECS.Definitions() {
		kept := r.Phase == release.Released && strings.HasSuffix(d.Tags[release.TagFor], "-baseline")
		if d.Active && d.Tags[release.TagRelease] == string(r.ID) && !used[d.ARN] && !kept {
			left = append(left, nameOf(d.ARN))
		}
	}
	return left
}
