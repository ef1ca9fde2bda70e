package rehearsal

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/targetfile"
)

// hookedPlan is a plan of examples/orders-api with the hooks of its target-hooks.yaml.
func hookedPlan(t testing.TB, file string, change func(*release.Target, *scenario.Scenario)) *Plan {
	t.Helper()
	text, err := os.ReadFile("../../examples/orders-api/target-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	with, err := targetfile.Parse("target-hooks.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return planOf(t, "orders-api", file, func(target *release.Target, s *scenario.Scenario) {
		*target = with
		if change != nil {
			change(target, s)
		}
	})
}

func TestHookExamples(t *testing.T) {
	for file, want := range map[string]struct {
		outcome release.Outcome
		reason  release.Reason
	}{
		"good.yaml":       {release.OutcomeReleased, ""},
		"bad.yaml":        {release.OutcomeRolledBack, release.ReasonVerdict},
		"hook-waits.yaml": {release.OutcomeReleased, ""},
		"hook-fails.yaml": {release.OutcomeRolledBack, release.ReasonHook},
		"hook-hangs.yaml": {release.OutcomeRolledBack, release.ReasonHook},
	} {
		for seed := range uint64(3) {
			run, result := rehearsed(t, hookedPlan(t, file, nil), seed)
			opened, err := run.opened(context.Background())
			if err != nil || result.Outcome != want.outcome || opened.Decision.Reason != want.reason || len(result.Violations) > 0 {
				t.Errorf("%s, seed %d: %s for %s, %v %v", file, seed, result.Outcome, opened.Decision.Reason, result.Violations, err)
			}
			if file == "hook-hangs.yaml" && result.Units > 0 {
				t.Errorf("seed %d: %d invocations went past the hook", seed, result.Units)
			}
		}
	}
}

func TestHooksThatAreNotThere(t *testing.T) {
	missing := hookedPlan(t, "good.yaml", func(_ *release.Target, s *scenario.Scenario) {
		s.Hooks = map[string]scenario.Hook{"orders-announce": {Missing: true}}
	})
	run, result := rehearsed(t, missing, 1)
	if _, note := run.ending(); result.Outcome != release.OutcomeRefused || !strings.Contains(note, "check hooks in the target's file") {
		t.Error(result.Outcome, note)
	}
	_, err := NewPlan(missing.Target, scenario.Scenario{Hooks: map[string]scenario.Hook{"orders": {}}})
	if release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), "hooks.orders is no hook") {
		t.Error(err)
	}
}

// Hooks on every platform: the conductor asks them, and knows none.
func TestHooksOnEveryPlatform(t *testing.T) {
	for _, example := range []string{"orders-worker", "orders-api", "shop-web", "catalogue"} {
		for does, want := range map[scenario.HookDoes]release.Outcome{scenario.HookSucceeds: release.OutcomeReleased, scenario.HookFails: release.OutcomeRolledBack} {
			p := planOf(t, example, "good.yaml", func(target *release.Target, s *scenario.Scenario) {
				target.Hooks = []release.Hook{{
					Function: "arn:aws:lambda:eu-central-1:123456789012:function:one", Stages: release.HookStages(),
					Timeout: release.Duration(time.Hour), OnFailure: release.HookRollback,
				}}
				s.Hooks = map[string]scenario.Hook{"one": {Does: does, InProgress: release.Duration(time.Minute)}}
			})
			run, result := rehearsed(t, p, 1)
			if result.Outcome != want || len(result.Violations) > 0 {
				t.Errorf("%s, %s: %s %v", example, does, result.Outcome, result.Violations)
			}
			if does == scenario.HookFails && result.Units > 0 {
				t.Errorf("%s: %d units of work before the hook had agreed", example, result.Units)
			}
			if len(run.account.Hooks.Functions()[0].Executions) < 2 {
				t.Errorf("%s, %s: %d executions", example, does, len(run.account.Hooks.Functions()[0].Executions))
			}
		}
	}
}

// The same through the real SDK clients, where a call that is given up is an error of the HTTP client.
func TestHooksThroughTheSDK(t *testing.T) {
	for _, file := range []string{"hook-waits.yaml", "hook-hangs.yaml"} {
		if !bytes.Contains(sameThroughSDK(t, hookedPlan(t, file, nil), 7), []byte("lambda:InvokeFunction")) {
			t.Errorf("%s: nobody was asked", file)
		}
	}
}

// Whatever goes wrong with one call of a release, the calls of its hooks among them: it ends as it should, nothing is
// promoted past a hook, and a hook that is called again is given the same execution.
func TestOneThingGoesWrongWithHooks(t *testing.T) {
	stride := 29
	if testing.Short() {
		stride = 101
	}
	for file, want := range map[string]release.Outcome{"hook-waits.yaml": "", "hook-fails.yaml": release.OutcomeRolledBack} {
		for i, kind := range []faults.Kind{faults.Failing, faults.CrashBefore, faults.CrashAfter, faults.Unanswered, faults.LateCall} {
			p := hookedPlan(t, file, nil)
			_, undisturbed := rehearsed(t, p, 1)
			for n := 1 + i; n <= undisturbed.Calls; n += stride {
				p.Faults = only(faults.Fault{Kind: kind, Nth: n, For: faults.MaxLate - time.Second})
				run, result := rehearsed(t, p, 1)
				if len(result.Violations) > 0 || result.Outcome == release.OutcomeDirty || want != "" && result.Outcome != want {
					t.Errorf("%s, %s at call %d: %s %v", file, kind, n, result.Outcome, result.Violations)
				}
				for _, hook := range p.Target.Hooks {
					for _, stage := range hook.Stages {
						if got, most := run.account.asked(run.id, hook.Function, stage), max(1, hookRounds(&release.Release{Snapshot: release.Snapshot{Steps: p.Target.Plan.Steps}}, stage)); got > most {
							t.Errorf("%s, %s at call %d: %d executions of %s %s", file, kind, n, got, hook.Name(), stage)
						}
					}
				}
				run.Close()
			}
		}
	}
}

// A crash right after each call of a hook, and right before: it is called again.
func TestAHookIsCalledAgainWhereItsAnswerIsLost(t *testing.T) {
	p := hookedPlan(t, "good.yaml", nil)
	run, err := p.Start(1, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	run.Finish()
	crashes := 0
	for n, line := range slices.Collect(bytes.Lines(run.Trace())) {
		if !bytes.Contains(line, []byte("lambda:InvokeFunction")) {
			continue
		}
		for _, kind := range []faults.Kind{faults.CrashBefore, faults.CrashAfter} {
			p.Faults = only(faults.Fault{Kind: kind, Nth: n + 1})
			again, result := rehearsed(t, p, 1)
			if result.Outcome != release.OutcomeReleased || len(result.Violations) > 0 || len(again.account.trouble.happened) != 1 {
				t.Errorf("%s at call %d: %s %v %v", kind, n+1, result.Outcome, result.Violations, result.Faults)
			}
			crashes++
			again.Close()
		}
	}
	if crashes < 8 {
		t.Errorf("only %d crashes", crashes)
	}
}
