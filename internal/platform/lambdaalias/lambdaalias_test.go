package lambdaalias_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/platform/lambdaalias"
	"github.com/serin-aws/serin/internal/release"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func target() release.Target {
	return release.Target{Name: "orders", Platform: release.PlatformLambdaAlias, LambdaAlias: &release.LambdaAlias{Function: "orders", Alias: "live"}}
}

func platform(f *function) *lambdaalias.Platform {
	return lambdaalias.New(lambdaalias.Clients{Lambda: f, SSM: f}, func() time.Time { return noon })
}

// opened returns a release of version 8 as it stands after it was recorded.
func opened(t interface {
	Helper()
	Fatal(args ...any)
}, f *function,
) *release.Release {
	t.Helper()
	prepared, err := platform(f).Prepare(context.Background(), target(), release.Revision{Version: "8"})
	if err != nil {
		t.Fatal(err)
	}
	return &release.Release{
		Snapshot: release.Snapshot{
			ID: "r-0123456789ab", Target: target(), Revision: prepared.Revision, Baseline: prepared.Baseline, Resources: prepared.Resources,
			Steps: []release.Step{{Weight: 10, Bake: release.Duration(time.Minute)}, {Weight: 50, Bake: release.Duration(time.Minute)}},
		},
		State: release.State{Phase: release.Shifting, Since: noon},
	}
}

// until calls a change until it has come about or failed.
func until(t interface {
	Helper()
	Fatal(args ...any)
}, change func() (release.Progress, error),
) release.Progress {
	t.Helper()
	for range 10 {
		progress, err := change()
		if err != nil {
			t.Fatal(err)
		}
		if progress.State != release.Working {
			return progress
		}
		if progress.Wait < time.Second {
			t.Fatal("a wait below a second", progress)
		}
	}
	t.Fatal("never comes about")
	return release.Progress{}
}

func shift(f *function, r *release.Release, w release.Weight) func() (release.Progress, error) {
	return func() (release.Progress, error) { return platform(f).Shift(context.Background(), r, w) }
}

func promote(f *function, r *release.Release) func() (release.Progress, error) {
	return func() (release.Progress, error) { return platform(f).Promote(context.Background(), r) }
}

func rollback(f *function, r *release.Release) func() (release.Progress, error) {
	return func() (release.Progress, error) { return platform(f).Rollback(context.Background(), r) }
}

func TestOneReleaseForward(t *testing.T) {
	f := newFunction()
	r := opened(t, f)
	for step, want := range []string{"7map[8:0.1]", "7map[8:0.5]"} {
		r.Step = step
		if p := until(t, shift(f, r, r.Current().Weight)); p.State != release.Reached || f.text() != want {
			t.Fatalf("step %d: %+v, alias %s", step, p, f.text())
		}
		r.Phase, r.BakeSince = release.Baking, noon
		s, err := platform(f).Inspect(context.Background(), r)
		if err != nil || s.Foreign != "" || s.Weight != release.Percent(r.Current().Weight) || !s.CanaryStarted.Equal(noon) {
			t.Fatalf("step %d: %+v %v", step, s, err)
		}
	}
	r.Phase = release.Promoting
	if p := until(t, promote(f, r)); p.State != release.Reached || f.text() != "8" {
		t.Fatalf("%+v, alias %s", p, f.text())
	}
	if w := f.last.RoutingConfig; w == nil || w.AdditionalVersionWeights == nil {
		t.Error("the weights must be removed with an empty map that is not nil")
	}
	r.Phase = release.Settling
	if s, err := platform(f).Inspect(context.Background(), r); err != nil || s.Foreign != "" || s.Serving != "version 8" {
		t.Errorf("%+v %v", s, err)
	}
	r.Phase = release.Cleaning
	for range 2 { // the second finds that it says so already
		if p, err := platform(f).Cleanup(context.Background(), r); err != nil || p.State != release.Reached || f.serves != "8" {
			t.Errorf("%+v %v, %s serves", p, err, f.serves)
		}
	}
}

func TestRollbackFromEverywhere(t *testing.T) {
	for name, forward := range map[string]func(*testing.T, *function, *release.Release){
		"untouched": func(*testing.T, *function, *release.Release) {},
		"weighted":  func(t *testing.T, f *function, r *release.Release) { until(t, shift(f, r, 10)) },
		"promoted": func(t *testing.T, f *function, r *release.Release) {
			until(t, shift(f, r, 10))
			until(t, promote(f, r))
		},
	} {
		f := newFunction()
		r := opened(t, f)
		forward(t, f, r)
		r.Phase, r.Home = release.RollingBack, true
		if p := until(t, rollback(f, r)); p.State != release.Reached || f.text() != "7" {
			t.Errorf("%s: %+v, alias %s", name, p, f.text())
		}
	}
}

// What somebody else made of the alias stays as it is, and is said.
func TestSomebodyElse(t *testing.T) {
	for name, c := range map[string]struct {
		version string
		weights map[string]float64
		left    string // after a rollback
	}{
		"another version":           {"9", nil, "9"},
		"another version is shared": {"7", map[string]float64{"9": .2}, "7map[9:0.2]"},
		"a weight of no step":       {"7", map[string]float64{"8": .33}, "7"},
		"the weights are gone":      {"7", nil, "7"},
		"the new one under another": {"9", map[string]float64{"8": .1}, "7"},
	} {
		f := newFunction()
		r := opened(t, f)
		until(t, shift(f, r, 10))
		r.Phase, r.BakeSince, r.CanarySince = release.Baking, noon, noon
		f.set(c.version, c.weights)
		if s, err := platform(f).Inspect(context.Background(), r); err != nil || !strings.Contains(s.Foreign, "somebody else set alias live of orders to ") {
			t.Errorf("%s: %+v %v", name, s, err)
		}
		if p, err := platform(f).Promote(context.Background(), r); err != nil || p.State != release.Failed {
			t.Errorf("%s: promoted: %+v %v", name, p, err)
		}
		r.Phase, r.Home = release.RollingBack, true
		if p := until(t, rollback(f, r)); p.State != release.Reached || f.text() != c.left {
			t.Errorf("%s: %+v, alias %s", name, p, f.text())
		}
	}
}

// Somebody who changes the alias between our read and our write is never overwritten unseen.
func TestNobodyIsOverwritten(t *testing.T) {
	f := newFunction()
	r := opened(t, f)
	f.before = func() { f.set("9", nil) }
	if p := until(t, shift(f, r, 10)); p.State != release.Failed || f.text() != "9" {
		t.Errorf("%+v, alias %s", p, f.text())
	}
}

func TestLostAnswer(t *testing.T) {
	f := newFunction()
	r := opened(t, f)
	f.fail, f.effect = errors.New("connection reset"), true
	p, err := platform(f).Shift(context.Background(), r, 10)
	if release.CodeOf(err) != release.Unavailable || !p.Changed {
		t.Fatalf("%+v %v", p, err)
	}
	if p := until(t, shift(f, r, 10)); p.State != release.Reached || f.text() != "7map[8:0.1]" || f.changes != 2 {
		t.Errorf("%+v, alias %s after %d changes", p, f.text(), f.changes)
	}
}

func TestPrepareRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		version string
		spoil   func(*function)
		code    release.Code
		says    string
	}{
		"$LATEST":          {"$LATEST", func(*function) {}, release.Invalid, `"$LATEST" is not a published version`},
		"no such version":  {"12", func(*function) {}, release.NotFound, "there is no such version"},
		"no version":       {"", func(*function) {}, release.Invalid, "releases a published version"},
		"no alias":         {"8", func(f *function) { f.alias = nil }, release.NotFound, "create it on the version that shall serve first"},
		"alias on $LATEST": {"8", func(f *function) { f.set("$LATEST", nil) }, release.Invalid, "points to $LATEST"},
		"foreign weights":  {"8", func(f *function) { f.set("7", map[string]float64{"6": .07}) }, release.Unstable, "routes 7 % to version 6"},
		"another role":     {"8", func(f *function) { f.versions["8"].Role = aws.String("arn:aws:iam::123456789012:role/admin") }, release.Forbidden, "execution role is arn:aws:iam::123456789012:role/admin"},
		"another dead letters": {"8", func(f *function) {
			f.versions["8"].DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String("arn:q")}
		}, release.Forbidden, "dead-letter queue is arn:q, but version 7, which serves, has none"},
		"failed":   {"8", func(f *function) { f.versions["8"].State = types.StateFailed }, release.Unstable, "version 8 is Failed"},
		"inactive": {"8", func(f *function) { f.versions["8"].State = types.StateInactive }, release.Unstable, "invoke it once"},
		"provisioning": {"8", func(f *function) {
			f.ready = &lambda.GetProvisionedConcurrencyConfigOutput{Status: types.ProvisionedConcurrencyStatusEnumInProgress}
		}, release.Unstable, "still being prepared"},
	} {
		f := newFunction()
		c.spoil(f)
		_, err := platform(f).Prepare(context.Background(), target(), release.Revision{Version: c.version})
		if release.CodeOf(err) != c.code || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v (%s)", name, err, release.CodeOf(err))
		}
	}
}

func TestNothingToRelease(t *testing.T) {
	prepared, err := platform(newFunction()).Prepare(context.Background(), target(), release.Revision{Version: "7"})
	if err != nil || !prepared.Live {
		t.Errorf("%+v %v", prepared, err)
	}
}

// The record names versions, and nothing of a function's environment.
func TestRecordHoldsNoSecret(t *testing.T) {
	r := opened(t, newFunction())
	if text := string(r.Baseline.Detail) + r.Baseline.Summary; strings.Contains(text, "SECRET") || !strings.Contains(text, `"version":"7"`) {
		t.Error(text)
	}
}

func TestSnapStart(t *testing.T) {
	f := newFunction()
	f.versions["8"].State = types.StatePending
	r := opened(t, f)
	p, err := platform(f).Shift(context.Background(), r, 10)
	if err != nil || p.State != release.Working || p.Changed || f.text() != "7" {
		t.Fatalf("%+v %v", p, err)
	}
	r.Since = noon.Add(-21 * time.Minute)
	if p, err = platform(f).Shift(context.Background(), r, 10); err != nil || p.State != release.Failed {
		t.Errorf("%+v %v", p, err)
	}
	r.Since, f.versions["8"].State = noon, types.StateActive
	if p := until(t, shift(f, r, 10)); p.State != release.Reached {
		t.Errorf("%+v", p)
	}
}

// Whatever happens on the way, a rollback ends with the new version out of the alias, and never touches what is
// somebody else's.
func TestRollbackAlwaysComesHome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFunction()
		r := opened(t, f)
		foreign := false
		for range rapid.IntRange(0, 12).Draw(t, "calls") {
			f.fail, f.effect = nil, rapid.Bool().Draw(t, "effect")
			if rapid.IntRange(0, 3).Draw(t, "failing") == 0 {
				f.fail = errors.New("no answer")
			}
			switch rapid.SampledFrom([]string{"shift", "rise", "promote", "else"}).Draw(t, "does") {
			case "shift":
				_, _ = platform(f).Shift(context.Background(), r, r.Current().Weight)
			case "rise":
				r.Step = min(r.Step+1, 1)
			case "promote":
				_, _ = platform(f).Promote(context.Background(), r)
			case "else":
				f.set("9", nil)
				foreign = true
			}
		}
		f.fail = nil
		r.Phase, r.Home = release.RollingBack, true
		until(t, rollback(f, r))
		if got := f.text(); got != "7" && (got != "9" || !foreign) {
			t.Fatalf("alias is %s", got)
		}
	})
}
