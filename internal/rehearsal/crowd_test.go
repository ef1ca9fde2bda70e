package rehearsal

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
)

// Several releases in one account, of two targets that name the same workload, with and without faults.
func TestCrowds(t *testing.T) {
	targets, err := filepath.Glob(plansFolder + "target*.yaml")
	if err != nil || len(targets) == 0 {
		t.Fatal("no plan: ", err)
	}
	for _, target := range targets {
		for _, file := range []string{"good.yaml", "bad.yaml"} {
			for _, rate := range []float64{0, 0.01, 0.05} {
				p := shortOf(t, filepath.Base(target), file)
				p.Pushes = 4
				if p.Disturb(faults.Usual(rate), nil); rate == 0 {
					p.Faults = nil
				}
				crowds(t, p, 2)
			}
		}
	}
}

// crowds rehearses a plan with a few seeds. The later pushes are good: where nothing goes wrong, one of them is released.
func crowds(t *testing.T, p *Plan, seeds uint64) {
	t.Helper()
	for seed := range seeds {
		result, err := p.One(t.Context(), seed)
		if err != nil || len(result.Violations) > 0 {
			t.Errorf("%s, seed %d: %v %v", p.Target.Name, seed, result.Violations, err)
		}
		if p.Faults == nil && result.Outcome != release.OutcomeReleased {
			t.Errorf("%s, seed %d: %s", p.Target.Name, seed, result.Outcome)
		}
	}
}

// The checks between releases can fail.
func TestACrowdIsHeldToItsHistory(t *testing.T) {
	p := short(t, "good.yaml")
	p.Pushes = 3
	c, err := p.crowd(3, false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Finish()
	history, err := c.history(t.Context())
	if err != nil || len(history) < 2 {
		t.Fatalf("%d releases, %v", len(history), err)
	}
	if broken := c.between(history); len(broken) > 0 {
		t.Fatal(broken)
	}
	for name, spoil := range map[string]func(first, second *release.Release){
		"they overlap":              func(first, second *release.Release) { first.Since = second.Opened.Add(time.Minute) },
		"another baseline":          func(_, second *release.Release) { second.Baseline.Serves = "sha256:other" },
		"once more":                 func(first, second *release.Release) { second.Pushed = first.Pushed },
		"what serves was not noted": func(_, second *release.Release) { second.Phase = release.RolledBack },
	} {
		first, second := *history[0], *history[1]
		spoil(&first, &second)
		if broken := c.between([]*release.Release{&first, &second}); len(broken) == 0 {
			t.Errorf("%s: nothing is broken", name)
		}
	}
	name := c.started[p.Target.Name][0]
	c.account.execution(executionARN(name)).arn = executionARN("nobody")
	c.started[p.Target.Name] = []string{"nobody"}
	if lost, err := c.lost(t.Context()); err != nil || len(lost) == 0 {
		t.Errorf("a trigger that came to nothing is not missed: %v", err)
	}
}

// A push whose event comes when everything else is over is waited for. Its release, of which whatever runs is stopped, is
// Dirty in the end or home: that takes an hour of recoveries, which is more than what is waited after the end.
func TestACrowdWaitsForTheLastTrigger(t *testing.T) {
	p := short(t, "bad.yaml")
	p.Pushes = 1
	p.Faults = only(
		faults.Fault{Kind: faults.TwoTriggers, Nth: 1, For: 50 * time.Minute}, faults.Fault{Kind: faults.TwoTriggers, Nth: 2, For: 50 * time.Minute},
		faults.Fault{Kind: faults.Besieged, At: 40 * time.Minute, For: 273 * time.Millisecond},
	)
	for seed := range uint64(10) {
		result, err := p.One(t.Context(), seed)
		if err != nil || len(result.Violations) > 0 {
			t.Errorf("seed %d: %v %v", seed, result.Violations, err)
		}
	}
}
