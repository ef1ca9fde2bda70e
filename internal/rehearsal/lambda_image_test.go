package rehearsal

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// imagePlan is a plan of examples/orders-api whose function is made of container images.
func imagePlan(t testing.TB, file string, change func(*release.Target, *scenario.Scenario)) *Plan {
	t.Helper()
	return aliasPlan(t, file, func(target *release.Target, s *scenario.Scenario) {
		target.Source.ECR = &release.ECRSource{Repository: "orders-api"}
		if change != nil {
			change(target, s)
		}
	})
}

func TestAnImageIsPublishedAndReleased(t *testing.T) {
	for file, c := range map[string]struct {
		want   release.Outcome
		serves string
	}{"good.yaml": {release.OutcomeReleased, "8"}, "bad.yaml": {release.OutcomeRolledBack, "7"}, "quiet.yaml": {release.OutcomeHeld, "7"}} {
		run, result := rehearsed(t, imagePlan(t, file, nil), 1)
		if a := alias(run).Alias; result.Outcome != c.want || len(result.Violations) > 0 || a.Version != c.serves || len(a.Weights) > 0 {
			t.Errorf("%s: %s %v, the alias points to %s with %v", file, result.Outcome, result.Violations, a.Version, a.Weights)
		}
	}
}

// What cannot be published is refused, or taken back, before the alias is touched.
func TestImagesThatAreNotReleased(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*release.Target, *scenario.Scenario)
		outcome release.Outcome
		says    string
	}{
		"another repository": {func(_ *release.Target, s *scenario.Scenario) { s.Revision.Image = "shop:release-42" }, release.OutcomeRefused, "releases images of"},
		"no such image":      {func(_ *release.Target, s *scenario.Scenario) { s.Revision.Image = "orders-api:release-43" }, release.OutcomeRefused, "no such image"},
		"what serves":        {func(_ *release.Target, s *scenario.Scenario) { s.Revision.Image = "orders-api:release-41" }, release.OutcomeNothing, "serves already"},
		"cannot be started":  {func(_ *release.Target, s *scenario.Scenario) { s.Canary.CrashLoop = true }, release.OutcomeRolledBack, ""},
	} {
		run, result := rehearsed(t, imagePlan(t, "good.yaml", c.change), 1)
		note := ""
		if result.Outcome != release.OutcomeRolledBack {
			_, note = run.ending()
		}
		if result.Outcome != c.outcome || !strings.Contains(note, c.says) || len(result.Violations) > 0 || alias(run).Alias.Version != "7" {
			t.Errorf("%s: %s %q %v", name, result.Outcome, note, result.Violations)
		}
		for _, m := range run.account.mutations {
			if m.Action == "lambda:UpdateAlias" {
				t.Errorf("%s: the alias was changed", name)
			}
		}
	}
}

// Whatever goes wrong with a call around the publishing: one version is published of the image, and it is released.
func TestAnImageIsPublishedOnce(t *testing.T) {
	p := imagePlan(t, "good.yaml", nil)
	run, err := p.Start(1, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	run.Finish()
	calls, tried := slices.Collect(bytes.Lines(run.Trace())), 0
	run.Close()
	for n, line := range calls {
		if !bytes.Contains(line, []byte("UpdateFunctionCode")) && !bytes.Contains(line, []byte("PublishVersion")) {
			continue
		}
		for _, kind := range []faults.Kind{faults.Failing, faults.CrashBefore, faults.CrashAfter, faults.Unanswered, faults.LateCall} {
			for _, nth := range []int{n, n + 1, n + 2} {
				p.Faults = only(faults.Fault{Kind: kind, Nth: nth, For: faults.MaxLate - time.Second})
				run, result := rehearsed(t, p, 1)
				if versions := alias(run).Versions(); result.Outcome != release.OutcomeReleased || len(result.Violations) > 0 || versions != 3 {
					t.Errorf("%s at call %d: %s %v, %d versions", kind, nth, result.Outcome, result.Violations, versions)
				}
				tried++
				run.Close()
			}
		}
	}
	if tried != 30 {
		t.Errorf("tried %d faults: it is published in other calls than one UpdateFunctionCode and one PublishVersion", tried)
	}
}

func TestAnImageThroughTheSDK(t *testing.T) {
	if !bytes.Contains(sameThroughSDK(t, imagePlan(t, "bad.yaml", nil), 3), []byte("PublishVersion")) {
		t.Error("nothing was published")
	}
}
