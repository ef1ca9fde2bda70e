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

// codeSource is a way in which the code of a function is released.
type codeSource struct {
	source  release.Source
	foreign release.Revision // of another place
	missing release.Revision
	serves  release.Revision // what the version that serves was made of
}

// ofAllCode runs a test for container images and for zip files.
func ofAllCode(t *testing.T, test func(*testing.T, codeSource)) {
	for name, c := range map[string]codeSource{
		"image": {
			release.Source{ECR: &release.ECRSource{Repository: "orders-api"}},
			release.Revision{Image: "shop:release-42"},
			release.Revision{Image: "orders-api:release-43"},
			release.Revision{Image: "orders-api:release-41"},
		},
		"zip file": {
			release.Source{S3: &release.S3Source{Bucket: "orders-code", Prefix: "orders-api/"}},
			release.Revision{Code: "s3://orders-code/shop/release-42.zip"},
			release.Revision{Code: "s3://orders-code/orders-api/release-43.zip"},
			release.Revision{Code: "s3://orders-code/orders-api/release-41.zip"},
		},
	} {
		t.Run(name, func(t *testing.T) { test(t, c) })
	}
}

// plan is a plan of examples/orders-api whose function is released so.
func (c codeSource) plan(t testing.TB, file string, change func(*release.Target, *scenario.Scenario)) *Plan {
	t.Helper()
	return aliasPlan(t, file, func(target *release.Target, s *scenario.Scenario) {
		target.Source = c.source
		if change != nil {
			change(target, s)
		}
	})
}

func TestCodeIsPublishedAndReleased(t *testing.T) {
	ofAllCode(t, func(t *testing.T, c codeSource) {
		for file, want := range map[string]struct {
			outcome release.Outcome
			serves  string
		}{"good.yaml": {release.OutcomeReleased, "8"}, "bad.yaml": {release.OutcomeRolledBack, "7"}, "quiet.yaml": {release.OutcomeHeld, "7"}} {
			run, result := rehearsed(t, c.plan(t, file, nil), 1)
			if a := alias(run).Alias; result.Outcome != want.outcome || len(result.Violations) > 0 || a.Version != want.serves || len(a.Weights) > 0 {
				t.Errorf("%s: %s %v, the alias points to %s with %v", file, result.Outcome, result.Violations, a.Version, a.Weights)
			}
		}
	})
}

// A plan without a canary step publishes, too, and waits until the version can be invoked.
func TestCodeIsReleasedAtOnce(t *testing.T) {
	ofAllCode(t, func(t *testing.T, c codeSource) {
		run, result := rehearsed(t, c.plan(t, "good.yaml", atOnce), 1)
		if result.Outcome != release.OutcomeReleased || len(result.Violations) > 0 || alias(run).Alias.Version != "8" {
			t.Errorf("%s %v, the alias points to %s", result.Outcome, result.Violations, alias(run).Alias.Version)
		}
		run, result = rehearsed(t, c.plan(t, "good.yaml", func(target *release.Target, s *scenario.Scenario) {
			atOnce(target, s)
			s.Canary.CrashLoop = true
		}), 1)
		if result.Outcome != release.OutcomeRolledBack || len(result.Violations) > 0 || alias(run).Alias.Version != "7" {
			t.Errorf("it cannot be started: %s %v, the alias points to %s", result.Outcome, result.Violations, alias(run).Alias.Version)
		}
	})
}

// What cannot be published is refused, or taken back, before the alias is touched.
func TestCodeThatIsNotReleased(t *testing.T) {
	ofAllCode(t, func(t *testing.T, c codeSource) {
		asking := func(revision release.Revision) func(*release.Target, *scenario.Scenario) {
			return func(_ *release.Target, s *scenario.Scenario) { s.Revision = revision }
		}
		for name, want := range map[string]struct {
			change  func(*release.Target, *scenario.Scenario)
			outcome release.Outcome
			says    string
		}{
			"another place":     {asking(c.foreign), release.OutcomeRefused, " only, not "},
			"nothing there":     {asking(c.missing), release.OutcomeRefused, "no such"},
			"what serves":       {asking(c.serves), release.OutcomeNothing, "serves already"},
			"cannot be started": {func(_ *release.Target, s *scenario.Scenario) { s.Canary.CrashLoop = true }, release.OutcomeRolledBack, ""},
		} {
			run, result := rehearsed(t, c.plan(t, "good.yaml", want.change), 1)
			note := ""
			if result.Outcome != release.OutcomeRolledBack {
				_, note = run.ending()
			}
			if result.Outcome != want.outcome || !strings.Contains(note, want.says) || len(result.Violations) > 0 || alias(run).Alias.Version != "7" {
				t.Errorf("%s: %s %q %v", name, result.Outcome, note, result.Violations)
			}
			for _, m := range run.account.mutations {
				if m.Action == "lambda:UpdateAlias" {
					t.Errorf("%s: the alias was changed", name)
				}
			}
		}
	})
}

// Whatever goes wrong with a call around the publishing: one version is published of the code, and it is released.
func TestCodeIsPublishedOnce(t *testing.T) {
	ofAllCode(t, func(t *testing.T, c codeSource) {
		p := c.plan(t, "good.yaml", nil)
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
	})
}

func TestCodeThroughTheSDK(t *testing.T) {
	ofAllCode(t, func(t *testing.T, c codeSource) {
		if !bytes.Contains(sameThroughSDK(t, c.plan(t, "bad.yaml", nil), 3), []byte("PublishVersion")) {
			t.Error("nothing was published")
		}
	})
}
