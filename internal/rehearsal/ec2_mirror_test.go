package rehearsal

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/serin-aws/serin/internal/rehearsal/world/mirror"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

func mirrorPlan(t testing.TB, file string, change func(*release.Target, *scenario.Scenario)) *Plan {
	t.Helper()
	return planOf(t, "catalogue", file, change)
}

func mirrored(run *Run) *mirror.World { return run.account.world.(*mirror.World) }

// home reports what is not as a release must leave it: the live stack behind nginx, mirroring nothing.
func home(w *mirror.World) string {
	s := w.CloudFormation.Find("catalogue")
	if s.Values["ProxyMode"] != "nginx" || s.Values["MirrorHost"] != "" || s.Values["MirrorPercent"] != "0" || strings.HasSuffix(string(s.Status), "_IN_PROGRESS") {
		return string(s.Status) + " " + s.Values["ProxyMode"] + " " + s.Values["MirrorHost"]
	}
	return ""
}

func TestMirrorExamples(t *testing.T) {
	for file, want := range map[string]struct {
		outcome release.Outcome
		why     string
	}{
		"good.yaml": {release.OutcomeReleased, ""}, "bad.yaml": {release.OutcomeRolledBack, "errors: canary fails"},
		"slow.yaml": {release.OutcomeRolledBack, "latency: "}, "hang.yaml": {release.OutcomeRolledBack, "errors: canary fails"},
		"quiet.yaml": {release.OutcomeHeld, "more"}, "crash-loop.yaml": {release.OutcomeRolledBack, "did not come up"},
	} {
		for seed := range uint64(3) {
			run, result := rehearsed(t, mirrorPlan(t, file, nil), seed)
			_, note := run.ending()
			if result.Outcome != want.outcome || len(result.Violations) > 0 || !strings.Contains(note, want.why) {
				t.Errorf("%s, seed %d: %s %s %v", file, seed, result.Outcome, note, result.Violations)
			}
			w := mirrored(run)
			image := w.CloudFormation.Find("catalogue").Values["ImageUri"]
			if strings.HasSuffix(image, w.Fresh()) != (want.outcome == release.OutcomeReleased) || home(w) != "" || w.CloudFormation.Find("catalogue-canary") != nil {
				t.Errorf("%s, seed %d: %s serves, %s", file, seed, image, home(w))
			}
			for _, s := range w.Users.Served() {
				if s.Version == w.Fresh() && want.outcome != release.OutcomeReleased {
					t.Errorf("%s, seed %d: users got %d answers of it", file, seed, s.Requests)
				}
			}
		}
	}
}

// Whichever operation of CloudFormation fails, once or with what takes it back, the live stack ends with the recorded
// parameters or those of the new version, and the temporary stack is gone, or its cleanup is pending and alarmed.
func TestMirrorFailuresOfCloudFormation(t *testing.T) {
	plan := mirrorPlan(t, "good.yaml", nil)
	for _, name := range []string{"creation", "taken back", "and taking it back too", "deletion"} {
		for at := time.Duration(0); at < 45*time.Minute; at += 3 * time.Minute {
			run, err := plan.Start(1, false, nil)
			if err != nil {
				t.Fatal(err)
			}
			run.Advance(at)
			for _, accident := range run.account.world.Accidents() {
				if !accident.Foreign && strings.HasSuffix(accident.Name, name) || strings.Contains(accident.Name, "next "+name) {
					accident.Happen()
				}
			}
			run.Finish()
			result, err := run.Outcome(context.Background())
			if err != nil || len(result.Violations) > 0 || result.Outcome == release.OutcomeDirty || home(mirrored(run)) != "" {
				t.Errorf("%s at %v: %v %s %v, %s", name, at, err, result.Outcome, result.Violations, home(mirrored(run)))
			}
			if left := mirrored(run).CloudFormation.Find("catalogue-canary"); left != nil {
				t.Errorf("%s at %v: the temporary stack is %s", name, at, left.Status)
			}
			run.Close()
		}
	}
}

// A temporary stack that cannot be deleted is no reason to keep the lock: the release ends, its cleanup is pending, and a
// person is called.
func TestMirrorCleanupThatStays(t *testing.T) {
	run, err := mirrorPlan(t, "bad.yaml", nil).Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	run.Advance(time.Minute)
	for range 100_000 {
		run.account.world.Accidents()[3].Happen()
	}
	run.Finish()
	result, err := run.Outcome(context.Background())
	if err != nil || result.Outcome != release.OutcomeRolledBack || len(result.Violations) > 0 {
		t.Errorf("%s %v %v", result.Outcome, result.Violations, err)
	}
	if left := mirrored(run).CloudFormation.Find("catalogue-canary"); left == nil || left.Status != types.StackStatusDeleteFailed {
		t.Errorf("the temporary stack: %+v", left)
	}
	rel, err := run.ledger.Load(context.Background(), run.id)
	if err != nil || rel.CleanupPending == "" {
		t.Errorf("cleanup pending: %+v %v", rel, err)
	}
}

// Somebody who changes the stacks in the middle is seen, and what they made stays.
func TestMirrorChangedBySomebodyElse(t *testing.T) {
	plan := mirrorPlan(t, "good.yaml", nil)
	for i := range 11 {
		run, err := plan.Start(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		run.Advance(5 * time.Minute)
		accident := run.account.world.Accidents()[i]
		accident.Happen()
		run.Finish()
		result, err := run.Outcome(context.Background())
		if err != nil || accident.Foreign && result.Outcome != release.OutcomeRolledBack || !accident.Foreign && len(result.Violations) > 0 {
			t.Errorf("%s: %s %v %v", accident.Name, result.Outcome, result.Violations, err)
		}
		run.Close()
	}
}

// A service that does not say that its reads are idempotent is refused, and told why.
func TestMirrorRefusals(t *testing.T) {
	for want, change := range map[string]func(*release.Target, *scenario.Scenario){
		"does not say idempotent: true": func(t *release.Target, _ *scenario.Scenario) { t.EC2Mirror.Idempotent = false },
		"is not in the target's reposi": func(_ *release.Target, s *scenario.Scenario) { s.Revision.Image = "elsewhere:1" },
		"releases an image":             func(_ *release.Target, s *scenario.Scenario) { s.Revision = release.Revision{Version: "3"} },
	} {
		run, result := rehearsed(t, mirrorPlan(t, "good.yaml", change), 1)
		if _, note := run.ending(); result.Outcome != release.OutcomeRefused || !strings.Contains(note, want) || len(run.account.mutations) > 0 {
			t.Errorf("%s: %s %s, %v", want, result.Outcome, note, run.account.mutations)
		}
	}
}

func TestMirrorThroughTheSDKTheTraceIsTheSame(t *testing.T) {
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		for seed := range uint64(3) {
			sameThroughSDK(t, mirrorPlan(t, file, nil), seed)
		}
	}
}
