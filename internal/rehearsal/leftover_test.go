package rehearsal

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// undisposed runs a release while nothing can be deregistered until a time after its beginning.
func undisposed(t *testing.T, file string, until time.Duration) *Run {
	t.Helper()
	run, err := plan(t, file, nil).Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Close)
	a := run.account
	a.refuse = func(action string) error {
		if action == "ecs:DeregisterTaskDefinition" && a.loop.Now().Before(epoch.Add(until)) {
			return errFailing
		}
		return nil
	}
	run.Finish()
	return run
}

// swept lets the sweep run until a time after the beginning, and executions that it has started come to their end.
func (r *Run) swept(until time.Duration) {
	if !r.account.sweeps {
		r.account.sweeps = true
		r.account.sweep()
	}
	r.account.loop.AdvanceTo(epoch.Add(until))
	for r.underWay() && r.account.loop.Step() {
	}
}

// Something cannot be removed when a release ends: the release ends all the same, with its lock free, says what is left, and
// the sweep removes it as soon as it can be removed.
func TestACleanupThatIsPendingIsFinishedByTheSweep(t *testing.T) {
	for file, want := range map[string]release.Phase{"bad.yaml": release.RolledBack, "good.yaml": release.Released} {
		run := undisposed(t, file, 3*time.Hour)
		result, err := run.Outcome(context.Background())
		if err != nil || len(result.Violations) > 0 {
			t.Errorf("%s: %v, %v", file, result.Violations, err)
		}
		r, err := run.opened(t.Context())
		if err != nil || r.Phase != want {
			t.Fatalf("%s: %+v, %v", file, r, err)
		}
		if want == release.RolledBack && r.CleanupPending == "" {
			t.Errorf("%s: nothing is pending although nothing could be removed", file)
		}
		run.swept(40 * time.Hour)
		r, err = run.opened(t.Context())
		if err != nil || r.CleanupPending != "" || r.Leaves() || r.Cleanups == 0 {
			t.Errorf("%s: pending %q, due %s after %d attempts, %v", file, r.CleanupPending, r.CleanupDue, r.Cleanups, err)
		}
		if left := run.registered(); len(left) > 0 {
			t.Errorf("%s: left over: %v", file, left)
		}
		run.wantFree(t, r)
		result, err = run.Outcome(context.Background())
		if err != nil || len(result.Violations) > 0 {
			t.Errorf("%s, after it: %v, %v", file, result.Violations, err)
		}
	}
}

// registered are the definitions of the release that are active and that nobody uses, those that served at its end left
// out: later releases may bring them back.
func (r *Run) registered() []string {
	used := map[string]bool{}
	for _, state := range queue(r).ECS.Snapshot() {
		used[state.TaskDefinition] = true
	}
	var left []string
	for _, d := range queue(r).ECS.Definitions() {
		if d.Active && d.Tags[release.TagRelease] == string(r.id) && !used[d.ARN] {
			left = append(left, d.ARN)
		}
	}
	return left
}

func (r *Run) wantFree(t *testing.T, opened *release.Release) {
	t.Helper()
	if err := r.ledger.Free(t.Context(), opened.Resources); err != nil {
		t.Error(err)
	}
}

// The function that cleans up after the end is broken for half a day: nobody is woken, and it is cleaned up when the
// function works again.
func TestACleanupThatPanicsWakesNobody(t *testing.T) {
	run := undisposed(t, "bad.yaml", time.Hour)
	told, panics := len(run.account.SNS.Messages()), 0
	for resource, f := range run.account.functions {
		if f.name != "rollback" {
			continue
		}
		works := f.handler
		f.handler = func(ctx context.Context, event json.RawMessage) (any, error) {
			if run.account.loop.Now().Before(epoch.Add(13 * time.Hour)) {
				panics++
				return nil, messages.InvokeResponse_Error{Type: string(release.Panicked), Message: "a nil map"}
			}
			return works(ctx, event)
		}
		run.account.functions[resource] = f
	}
	run.swept(100 * time.Hour)
	r, err := run.opened(t.Context())
	if err != nil || r.Phase != release.RolledBack || r.Leaves() || panics < 30 {
		t.Errorf("%s, pending %q after %d panics, %v", r.Phase, r.CleanupPending, panics, err)
	}
	if now := len(run.account.SNS.Messages()); now != told || run.account.dirtyCounted {
		t.Errorf("%d messages after %d, dirty %t", now, told, run.account.dirtyCounted)
	}
	run.wantFree(t, r)
}

// It never can be removed: the attempts end, nobody is called, the lock is free and the ledger says what is left.
func TestACleanupThatNeverWorksIsLeftToAPerson(t *testing.T) {
	run := undisposed(t, "bad.yaml", 1000*time.Hour)
	told := len(run.account.SNS.Messages())
	run.swept(200 * time.Hour)
	r, err := run.opened(t.Context())
	if err != nil || r.Phase != release.RolledBack || r.CleanupPending == "" || r.Cleanups != release.MostCleanups || !r.CleanupDue.IsZero() {
		t.Errorf("%s, pending %q, due %s after %d attempts, %v", r.Phase, r.CleanupPending, r.CleanupDue, r.Cleanups, err)
	}
	run.wantFree(t, r)
	if now := len(run.account.SNS.Messages()); now != told || run.account.dirtyCounted {
		t.Errorf("%d messages after %d, dirty %t", now, told, run.account.dirtyCounted)
	}
	run.account.refuse = nil // a person mends it, and says serin recover
	run.account.start("by-hand-later", []byte(`{"intent":"cleanup","target":"orders-worker","release":"`+string(run.id)+`"}`))
	run.swept(210 * time.Hour)
	if r, err = run.opened(t.Context()); err != nil || r.Leaves() || len(run.registered()) > 0 {
		t.Errorf("after a person's attempt: pending %q, due %s, registered %v, %v", r.CleanupPending, r.CleanupDue, run.registered(), err)
	}
	run.wantFree(t, r)
	events, err := run.ledger.Events(t.Context(), run.id)
	if err != nil {
		t.Fatal(err)
	}
	if broken, ok := release.VerifyChain(events, r.Hash); !ok {
		t.Errorf("the story breaks at %d", broken)
	}
}

// The next release does not wait for a cleanup of the one before, and a cleanup waits for the release: what the next one
// may bring back is not touched.
func TestACleanupAndTheNextRelease(t *testing.T) {
	s := several(t, 1, release.Queue, func(target *release.Target, _ *scenario.Scenario) {
		target.RollbackWindow = release.Duration(time.Hour)
	})
	s.account.sweeps = true
	s.account.loop.After(sweepEvery, s.account.sweep)
	for i, name := range []string{"a", "b", "c"} {
		s.push(0, orders, name)
		s.Start(time.Duration(i)*50*time.Minute, orders, name, byHand(orders, name)) // the copies of a's baseline fall due while b or c is at work
	}
	s.Advance(101 * time.Minute)
	s.wantEnds(t, 12*time.Hour, map[string]string{"a": "Released", "b": "Released", "c": "Released"})
	s.Advance(24 * time.Hour)
	active := map[string]int{}
	for _, d := range s.queue(orders).ECS.Definitions() {
		if d.Active {
			active[d.Tags[release.TagRelease]+" "+d.Tags[release.TagFor]]++
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		id := string(release.NewID(orders, executionARN(name)))
		r, err := s.Ledger.Load(t.Context(), release.ID(id))
		if err != nil || r.Leaves() {
			t.Errorf("%s leaves %q, due %s, %v", name, r.CleanupPending, r.CleanupDue, err)
		}
		if active[id+" canary"] != 1 || active[id+" primary"] != 1 || active[id+" canary-baseline"]+active[id+" primary-baseline"] > 0 {
			t.Errorf("of %s there is active: %v", name, active)
		}
	}
	if live := s.live(orders); !slices.Equal(live, []string{ecr.Digest("orders-worker c")}) {
		t.Errorf("%v serves", live)
	}
}
