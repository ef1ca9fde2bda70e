package power

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

func span(d time.Duration) release.Duration { return release.Duration(d) }

// target is a plan of two steps that compares failures.
func target() release.Target {
	return release.Target{
		Plan: release.Plan{
			Steps:   []release.Step{{Weight: 10, Bake: span(10 * time.Minute)}, {Weight: 25, Bake: span(10 * time.Minute)}},
			MaxBake: span(30 * time.Minute), Deadline: span(3 * time.Hour),
		},
		Checks: release.Checks{
			Compare:       []release.Comparison{{Name: "failures", Proportion: &release.Proportion{}, Margin: 1.25}},
			FalseRollback: .01, MinimumSample: 300, Inconclusive: release.InconclusiveHold,
		},
	}
}

func ask(t *testing.T, target release.Target, traffic Traffic) Answer {
	t.Helper()
	a, err := Of(target, traffic, 200, 1)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEnoughTrafficIsEnough(t *testing.T) {
	a := ask(t, target(), Traffic{100, .002})
	if a.Same.Promoted < .97 || a.Same.RolledBack > .01 || len(a.Advice) != 0 {
		t.Errorf("a version that is no worse: %+v, %v", a.Same, a.Advice)
	}
	if x10 := a.Worse[3]; x10.RolledBack < .99 || x10.Median > 7*time.Minute || x10.Median < 4*time.Minute || x10.Failed < 20 || x10.Failed > 200 {
		t.Errorf("x10: %+v", x10)
	}
	for i := 1; i < len(a.Worse); i++ {
		if a.Worse[i].RolledBack < a.Worse[i-1].RolledBack {
			t.Errorf("x%g is caught less often than x%g", a.Worse[i].Ratio, a.Worse[i-1].Ratio)
		}
	}
}

func TestTooLittleTrafficIsCalledOut(t *testing.T) {
	a := ask(t, target(), Traffic{10, .002})
	if len(a.Advice) != 1 || !strings.Contains(a.Advice[0].String(), "no worse is promoted in") || !strings.Contains(a.Advice[0].Change, "maxBake: ") {
		t.Errorf("%v", a.Advice)
	}
	a = ask(t, target(), Traffic{.01, .002})
	if len(a.Advice) != 2 || !strings.Contains(a.Advice[0].Problem, "10 times as often is caught in 0 %") || !strings.Contains(a.Advice[1].Change, "too few failures") {
		t.Errorf("%v", a.Advice)
	}
}

// What is suggested must do what it says.
func TestSuggestedMaxBakeHelps(t *testing.T) {
	patient := target()
	patient.Plan.MaxBake, patient.Plan.Deadline = span(2*time.Hour), span(10*time.Hour)
	if a := ask(t, patient, Traffic{10, .002}); a.Same.Promoted < Enough {
		t.Errorf("%+v", a.Same)
	}
}

func TestPoliciesForTheInconclusive(t *testing.T) {
	few := Traffic{1, .002}
	for policy, of := range map[release.InconclusivePolicy]func(Chances) float64{
		release.InconclusiveHold:     func(c Chances) float64 { return c.Held },
		release.InconclusiveRollback: func(c Chances) float64 { return c.RolledBack },
		release.InconclusivePromote:  func(c Chances) float64 { return c.Promoted },
	} {
		plan := target()
		plan.Checks.Inconclusive = policy
		if a := ask(t, plan, few); of(a.Same) < .95 {
			t.Errorf("%s: %+v", policy, a.Same)
		}
	}
}

// A step that is all of the work is judged too, by what served before it, and for no longer than the old tasks stand by.
func TestAllOfTheWorkIsAsked(t *testing.T) {
	full, then := target(), target()
	full.Plan.Steps = []release.Step{{Weight: 100, Bake: span(10 * time.Minute)}}
	then.Plan.Steps = []release.Step{{Weight: 10, Bake: span(10 * time.Minute)}, full.Plan.Steps[0]}
	for name, plan := range map[string]release.Target{"full": full, "a step, then full": then} {
		a := ask(t, plan, Traffic{100, .002})
		if x10 := a.Worse[3]; x10.RolledBack < .99 || a.Same.Promoted < .95 || len(a.Advice) != 0 {
			t.Errorf("%s: x10 %+v, no worse %+v, %v", name, x10, a.Same, a.Advice)
		}
		if a := ask(t, plan, Traffic{.1, .002}); a.Same.Promoted > .02 {
			t.Errorf("%s: %+v promoted on hardly anything", name, a.Same)
		}
	}
	p, err := planOf(full)
	if err != nil || p.longest(p.steps[0]) != 15 || p.patient(8).longest(p.steps[0]) != 15 {
		t.Errorf("a full bake may be extended to %d minutes, %v", p.longest(p.steps[0]), err)
	}
}

func TestPlansWithoutAQuestion(t *testing.T) {
	atOnce := target()
	atOnce.Plan.Steps = []release.Step{{Weight: 100}}
	alarms := target()
	alarms.Checks.Compare = nil
	for name, c := range map[string]struct {
		target  release.Target
		traffic Traffic
		want    string
	}{
		"all at once":     {atOnce, Traffic{10, .01}, "no canary to compare"},
		"alarms alone":    {alarms, Traffic{10, .01}, "add a comparison"},
		"nothing failing": {target(), Traffic{100, 0}, "nothing fails today"},
	} {
		a := ask(t, c.target, c.traffic)
		if len(a.Advice) != 1 || !strings.Contains(a.Advice[0].String(), c.want) {
			t.Errorf("%s: %v", name, a.Advice)
		}
	}
}

// Without a failure, the rule for error-free services needs 299 canary units, and the minimum sample its own.
func TestErrorFreeServicesPass(t *testing.T) {
	if a := ask(t, target(), Traffic{4, 0}); a.Same.Promoted < .95 {
		t.Errorf("%+v", a.Same)
	}
	if a := ask(t, target(), Traffic{.5, 0}); a.Same.Promoted > .05 || a.Same.Held < .95 {
		t.Errorf("%+v", a.Same)
	}
}

func TestImpossibleTrafficIsAnError(t *testing.T) {
	for _, traffic := range []Traffic{{0, .1}, {-1, .1}, {math.NaN(), .1}, {1, -1}, {1, 1.1}, {1, math.NaN()}, {math.Inf(1), 0}} {
		if _, err := Of(target(), traffic, 1, 1); release.CodeOf(err) != release.Invalid {
			t.Errorf("%+v: %v", traffic, err)
		}
	}
}

func TestNeedsIsWhereTheChanceIs(t *testing.T) {
	least, ok := Needs(target(), .01, 1)
	if !ok {
		t.Fatal("no traffic is enough")
	}
	if a := ask(t, target(), Traffic{1.3 * least, .01}); a.Same.Promoted < Enough {
		t.Errorf("at %v a second: %+v", 1.3*least, a.Same)
	}
	if a := ask(t, target(), Traffic{least / 1.6, .01}); a.Same.Promoted >= Enough {
		t.Errorf("at %v a second: %+v", least/1.6, a.Same)
	}
}

func TestSameSeedSameAnswer(t *testing.T) {
	a, b := ask(t, target(), Traffic{20, .01}), ask(t, target(), Traffic{20, .01})
	if a.Same != b.Same || a.Worse[1] != b.Worse[1] {
		t.Errorf("%+v and %+v", a.Same, b.Same)
	}
}

// Whatever the plan, parts are parts, and a release ends.
func TestAnyPlanHasAnAnswer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := target()
		plan.Plan.Steps = nil
		minutes := func(name string, most int) release.Duration {
			return span(time.Duration(rapid.IntRange(0, most).Draw(rt, name)) * time.Minute)
		}
		for range rapid.IntRange(1, 4).Draw(rt, "steps") {
			plan.Plan.Steps = append(plan.Plan.Steps, release.Step{Weight: release.Weight(rapid.IntRange(1, 100).Draw(rt, "weight")), Bake: minutes("bake", 30)})
		}
		plan.Plan.MaxBake, plan.Plan.Deadline = minutes("maxBake", 60), minutes("deadline", 240)
		plan.Checks.MinimumSample = int64(rapid.IntRange(0, 1000).Draw(rt, "sample"))
		traffic := Traffic{math.Exp(rapid.Float64Range(-6, 8).Draw(rt, "log rate")), rapid.Float64Range(0, 1).Draw(rt, "failures")}
		a, err := Of(plan, traffic, 5, 1)
		if err != nil {
			rt.Fatal(err)
		}
		for _, c := range append(a.Worse, a.Same) {
			if sum := c.Held + c.Promoted + c.RolledBack; sum > 1+1e-9 || c.Median < 0 {
				rt.Fatalf("%+v", c)
			}
		}
	})
}
