package rehearsal

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/world/lambdaalias"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

func aliasPlan(t testing.TB, file string, change func(*release.Target, *scenario.Scenario)) *Plan {
	t.Helper()
	return planOf(t, "orders-api", file, change)
}

func alias(run *Run) *lambdaalias.World { return run.account.world.(*lambdaalias.World) }

func TestAliasExamples(t *testing.T) {
	for file, want := range map[string]release.Outcome{
		"good.yaml": release.OutcomeReleased, "bad.yaml": release.OutcomeRolledBack,
		"slow.yaml": release.OutcomeRolledBack, "quiet.yaml": release.OutcomeHeld, "cold.yaml": release.OutcomeReleased,
	} {
		for seed := range uint64(5) {
			run, result := rehearsed(t, aliasPlan(t, file, nil), seed)
			if result.Outcome != want || len(result.Violations) > 0 {
				t.Errorf("%s, seed %d: %s %v", file, seed, result.Outcome, result.Violations)
			}
			if n := alias(run).Requests.ColdStarts("sha256-of-8"); file == "cold.yaml" && n < 10 {
				t.Errorf("seed %d: %d cold starts", seed, n)
			}
			serves := "7"
			if want == release.OutcomeReleased {
				serves = "8"
			}
			if a := alias(run).Alias; a.Version != serves || len(a.Weights) > 0 {
				t.Errorf("%s, seed %d: the alias points to %s with %v", file, seed, a.Version, a.Weights)
			}
		}
	}
}

// A version that cannot be invoked, a role that differs: refused before anything is changed.
func TestAliasRefusals(t *testing.T) {
	for want, change := range map[string]func(*release.Target, *scenario.Scenario){
		"is Failed":                    func(_ *release.Target, s *scenario.Scenario) { s.Canary.CrashLoop = true },
		"there is no such version":     func(_ *release.Target, s *scenario.Scenario) { s.Revision.Version = "12" },
		"must name a published one":    func(_ *release.Target, s *scenario.Scenario) { s.Revision.Version = "$LATEST" },
		"releases an image only where": func(_ *release.Target, s *scenario.Scenario) { s.Revision = release.Revision{Image: "orders:1"} },
	} {
		run, result := rehearsed(t, aliasPlan(t, "good.yaml", change), 1)
		if _, note := run.ending(); result.Outcome != release.OutcomeRefused || !strings.Contains(note, want) || len(run.account.mutations) > 0 {
			t.Errorf("%s: %s %s, %v", want, result.Outcome, note, run.account.mutations)
		}
	}
	_, result := rehearsed(t, aliasPlan(t, "good.yaml", func(_ *release.Target, s *scenario.Scenario) { s.Revision.Version = "7" }), 1)
	if result.Outcome != release.OutcomeNothing {
		t.Error("the version that serves:", result.Outcome)
	}
}

// Somebody who changes the alias in the middle is seen, and what they made stays.
func TestAliasChangedBySomebodyElse(t *testing.T) {
	for i := range 4 {
		run, err := aliasPlan(t, "good.yaml", nil).Start(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		run.Advance(5 * time.Minute)
		accident := run.account.world.Accidents()[i]
		accident.Happen()
		run.Finish()
		result, err := run.Outcome(context.Background())
		if err != nil || result.Outcome != release.OutcomeRolledBack {
			t.Errorf("%s: %s %v", accident.Name, result.Outcome, err)
		}
	}
}

func TestAliasThroughTheSDKTheTraceIsTheSame(t *testing.T) {
	for seed := range uint64(10) {
		sameThroughSDK(t, aliasPlan(t, "bad.yaml", nil), seed)
	}
}

// A person who is called for one thing is called once, however the evidence changes.
func TestOneCallForOneHold(t *testing.T) {
	run, _ := rehearsed(t, aliasPlan(t, "quiet.yaml", nil), 1)
	events, err := run.ledger.Events(context.Background(), run.id)
	if err != nil {
		t.Fatal(err)
	}
	called := 0
	for _, event := range events {
		if event.Kind == release.EventCalled {
			called++
		}
	}
	if called != 1 {
		t.Errorf("called %d times", called)
	}
}

// A version with SnapStart is waited for; one that somebody deletes meanwhile is given up before the alias is touched.
func TestAPendingVersionIsWaitedFor(t *testing.T) {
	pending := func(_ *release.Target, s *scenario.Scenario) {
		s.World.Function = &scenario.Function{Versions: map[string]scenario.Version{"8": {Pending: release.Duration(4 * time.Minute)}}}
	}
	run, result := rehearsed(t, aliasPlan(t, "good.yaml", pending), 1)
	if first, ran := run.account.world.FirstRan(); result.Outcome != release.OutcomeReleased || len(result.Violations) > 0 || !ran || first.Sub(epoch) < 4*time.Minute {
		t.Errorf("%s %v, first invoked at %s", result.Outcome, result.Violations, first)
	}
	run, err := aliasPlan(t, "good.yaml", pending).Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	run.Advance(2 * time.Minute)
	alias(run).Delete("8")
	run.Finish()
	result, err = run.Outcome(context.Background())
	if err != nil || result.Outcome != release.OutcomeRolledBack || len(result.Violations) > 0 || alias(run).Alias.Version != "7" {
		t.Errorf("%s %v %v", result.Outcome, result.Violations, err)
	}
	if _, ran := run.account.world.FirstRan(); ran {
		t.Error("it was invoked")
	}
}
