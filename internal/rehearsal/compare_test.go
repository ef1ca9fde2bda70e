package rehearsal

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/targetfile"
)

// comparing adds comparisons to the example's.
func comparing(comparisons ...release.Comparison) func(*release.Target, *scenario.Scenario) {
	return func(target *release.Target, _ *scenario.Scenario) {
		target.Checks.Compare = append(target.Checks.Compare, comparisons...)
	}
}

var service = release.ByDimension{Dimension: "Service", With: map[string]string{"Stage": "prod"}}

func latency(unit release.TimeUnit) release.Comparison {
	return release.Comparison{
		Name: "latency", Margin: 1.25, WarmUp: release.Duration(3 * time.Minute),
		Latency: &release.Latency{Namespace: "Orders", Metric: "Duration", By: service, Unit: unit},
	}
}

// decided runs a plan and returns how it ended, and the sentence that decided it.
func decided(t *testing.T, p *Plan, seed uint64) (release.Outcome, string) {
	t.Helper()
	run, result := rehearsed(t, p, seed)
	opened, err := run.opened(context.Background())
	if err != nil || opened == nil {
		t.Fatalf("%v, %v", opened, err)
	}
	return result.Outcome, opened.Decision.Sentence
}

// A version that only takes longer is rolled back by a comparison of latency, whatever unit it is in, and by nothing
// else; one that takes as long is promoted.
func TestSlownessIsFoundWhereItIsLookedFor(t *testing.T) {
	for _, unit := range []release.TimeUnit{release.InMilliseconds, release.InSeconds} {
		for seed := range uint64(3) {
			outcome, why := decided(t, plan(t, "slow.yaml", comparing(latency(unit))), seed)
			if outcome != release.OutcomeRolledBack || !strings.HasPrefix(why, "latency: ") {
				t.Errorf("slow, in %s, seed %d: %s: %s", unit, seed, outcome, why)
			}
			if outcome, why := decided(t, plan(t, "good.yaml", comparing(latency(unit))), seed); outcome != release.OutcomeReleased {
				t.Errorf("identical, in %s, seed %d: %s: %s", unit, seed, outcome, why)
			}
		}
	}
	if outcome, why := decided(t, plan(t, "slow.yaml", nil), 1); outcome != release.OutcomeReleased {
		t.Errorf("nobody looks at latency: %s: %s", outcome, why)
	}
}

// While there is more work than both versions can do, a slow worker does less.
func TestASlowWorkerDoesLess(t *testing.T) {
	done := release.Comparison{
		Name: "done", Margin: 1.25,
		Throughput: &release.Throughput{Namespace: "Orders", Metric: "Done", By: service},
	}
	busy := func(target *release.Target, s *scenario.Scenario) {
		comparing(done)(target, s)
		target.Checks.Alarms = nil // of the backlog, which is on purpose
		s.World.Scaling, s.World.Concurrency = nil, 1
	}
	if outcome, why := decided(t, plan(t, "slow.yaml", busy), 1); outcome != release.OutcomeRolledBack || !strings.HasPrefix(why, "done: ") {
		t.Errorf("slow: %s: %s", outcome, why)
	}
	if outcome, why := decided(t, plan(t, "good.yaml", busy), 1); outcome != release.OutcomeReleased {
		t.Errorf("identical: %s: %s", outcome, why)
	}
}

// A metric that nobody publishes never promotes: the story says so before the canary starts, and every look names it.
func TestAMistypedMetricIsNamed(t *testing.T) {
	for name, row := range map[string]struct {
		mistype func(*release.Checks)
		note    string // of the story
		held    string
	}{
		"latency": {
			func(c *release.Checks) { c.Compare[1].Latency.By.Dimension = "Servce" },
			"no data of Orders/Duration{Servce=orders-worker,Stage=prod}", "Orders/Duration{Servce=orders-worker,Stage=prod}",
		},
		"total": {
			func(c *release.Checks) { c.Compare[0].Proportion.Total = "Worked" },
			"no data of Orders/Worked{Service=orders-worker}", "no canary metric Orders/Worked{Service=orders-worker-canary} since",
		},
	} {
		p := plan(t, "good.yaml", comparing(latency(release.InMilliseconds)))
		run, err := p.Start(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		typo := p.Target
		typo.Checks.Compare = nil
		for _, c := range p.Target.Checks.Compare { // the workers publish what they always did
			proportion, latency := c.Proportion, c.Latency
			if proportion != nil {
				c.Proportion = new(*proportion)
			}
			if latency != nil {
				c.Latency = new(*latency)
			}
			typo.Checks.Compare = append(typo.Checks.Compare, c)
		}
		row.mistype(&typo.Checks)
		text, err := targetfile.Marshal(typo)
		if err != nil {
			t.Fatal(err)
		}
		run.account.SSM.Set(assembly.TargetParameter(typo.Name), string(text))
		run.Finish()
		result, err := run.Outcome(context.Background())
		if err != nil || result.Outcome != release.OutcomeHeld {
			t.Fatalf("%s: %+v, %v", name, result, err)
		}
		told, err := run.Story(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if why := told.Release.Decision.Sentence; !strings.Contains(why, row.held) {
			t.Errorf("%s: held because %s", name, why)
		}
		if !slices.ContainsFunc(told.Events, func(e release.Event) bool { return strings.HasPrefix(e.Text, row.note) }) {
			t.Errorf("%s: the story has no note %q", name, row.note)
		}
	}
}
