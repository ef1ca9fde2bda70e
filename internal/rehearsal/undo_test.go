package rehearsal

import (
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// A release is undone by the task definition that was recorded, and that undo is undone, again and again over three days
// of sweeps: what a release left in service is kept for good, so nothing that is wanted is swept.
func TestAnUndoCanBeUndoneAtAnyTime(t *testing.T) {
	atOnce := func(target *release.Target, _ *scenario.Scenario) { // the scenario's messages end before the days do
		target.Plan.Preset, target.Plan.Steps = "", []release.Step{{Weight: 100}}
	}
	run, last := released(t, atOnce)
	until := 3 * time.Hour
	for n := range 5 {
		run.swept(until)
		run.account.give(operate.Input{Verb: release.OrderStart, Who: anna, Target: "orders-worker", Undo: last.ID, Why: "slow"}, func(result asl.Result) {
			if result.Error != "" {
				t.Errorf("undo %d: %s", n, result.Cause)
			}
		})
		until += []time.Duration{20 * time.Hour, 3 * time.Hour, 30 * time.Hour, 2 * time.Hour, 25 * time.Hour}[n]
		run.swept(until)
		before := last
		var err error
		if last, err = run.ledger.Current(t.Context(), "orders-worker"); err != nil {
			t.Fatal(err)
		}
		if last == nil {
			page, err := run.ledger.Releases(t.Context(), "orders-worker", 1, "")
			if err != nil {
				t.Fatal(err)
			}
			if last, err = run.ledger.Load(t.Context(), page.Entries[0].Release); err != nil {
				t.Fatal(err)
			}
		}
		if last.ID == before.ID || last.Phase != release.Released || last.Revision.Digest != release.Digest(before.Baseline.Serves) || last.Request.StartedBy != anna {
			declined, _ := run.ledger.Declined(t.Context(), "orders-worker", 1, "")
			t.Fatalf("undo %d of %s: %s %s (%s), declined %+v", n, before.ID, last.ID, last.Phase, last.Decision.Sentence, declined.Entries)
		}
	}
}

// released is an account with one release that has ended.
func released(t *testing.T, change func(*release.Target, *scenario.Scenario)) (*Run, *release.Release) {
	t.Helper()
	run, err := plan(t, "good.yaml", change).Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Close)
	run.Finish()
	last, err := run.opened(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return run, last
}
