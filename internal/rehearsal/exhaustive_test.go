package rehearsal

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/targetfile"
)

// pairs says how many of the pairs of faults are rehearsed: every n-th; 0: what the test's length allows.
var pairs = flag.Int("pairs", 0, "rehearse every `N`-th pair of single faults; 1: all of them")

// plansFolder holds the short plans, target*.yaml, and their scenarios.
const plansFolder = "testdata/faults/"

// short returns the short plan of a queue's workers against one of its scenarios.
func short(t testing.TB, file string) *Plan {
	t.Helper()
	return shortOf(t, "target.yaml", file)
}

// shortOf returns one of the short plans against a scenario.
func shortOf(t testing.TB, target, file string) *Plan {
	t.Helper()
	data, err := os.ReadFile(plansFolder + target)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := targetfile.Parse(target, data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Open(plansFolder + file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(parsed, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// platforms are the short plans of which every single fault is rehearsed: one for each platform.
func platforms(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(plansFolder + "target*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no plan: ", err)
	}
	again := []string{"target-one-step.yaml", "target-lambda-image.yaml", "target-lambda-zip.yaml"} // of a platform that is there already
	var names []string
	for _, file := range files {
		if name := filepath.Base(file); !slices.Contains(again, name) {
			names = append(names, name)
		}
	}
	return names
}

// singles are all single faults of a release: a crash after each call, a late effect of each change, and a stop at each
// turn of the state machine.
func singles(t *testing.T, p *Plan) []faults.Fault {
	t.Helper()
	undisturbed := *p
	undisturbed.Faults = only()
	run, result := rehearsed(t, &undisturbed, 1)
	defer run.Close()
	var list []faults.Fault
	for n := range result.Calls {
		list = append(list, faults.Fault{Kind: faults.CrashAfter, Nth: n + 1})
	}
	for n := range run.account.mutations {
		list = append(list, faults.Fault{Kind: faults.Late, Nth: n + 1, For: faults.MaxLate - time.Second})
	}
	for n := range run.account.trouble.count[faults.Turn] {
		list = append(list, faults.Fault{Kind: faults.Stopped, Nth: n + 1})
	}
	return list
}

// meets rehearses a release that meets just these faults, and says what is wrong with how it ended.
func meets(p *Plan, list ...faults.Fault) error {
	faulty := *p
	faulty.Faults = only(list...)
	result, err := faulty.One(context.Background(), 1)
	switch {
	case err != nil:
		return fmt.Errorf("%v: %w", list, err)
	case len(result.Violations) > 0 || result.Outcome == release.OutcomeDirty:
		return fmt.Errorf("%v: %s, %s", list, result.Outcome, strings.Join(result.Violations, "; "))
	}
	return nil
}

// Every single fault, and pairs of them: no chance is involved. All pairs take an hour, so a build rehearses a hundred of
// each release. Second faults that only a release has which met the first are those of sites_test.go.
func TestEverySingleFaultAndPairs(t *testing.T) { onEachPlatform(t, singlesAndPairs) }

// onEachPlatform tests the short plan of each platform, with a good and with a bad version.
func onEachPlatform(t *testing.T, test func(*testing.T, *Plan)) {
	t.Helper()
	for _, target := range platforms(t) {
		for _, file := range []string{"good.yaml", "bad.yaml"} {
			t.Run(target+" "+file, func(t *testing.T) {
				t.Parallel()
				test(t, shortOf(t, target, file))
			})
		}
	}
}

func singlesAndPairs(t *testing.T, p *Plan) {
	t.Helper()
	all := singles(t, p)
	every, tenth := *pairs, testing.Short() && *pairs == 0
	if every == 0 {
		every = max(1, len(all)*len(all)/2/map[bool]int{true: 20, false: 100}[testing.Short()])
	}
	alone, together, count := 0, 0, 0
	for i, first := range all {
		if !tenth || i%10 == 0 {
			alone++
			if err := meets(p, first); err != nil {
				t.Error(err)
			}
		}
		for _, second := range all[i+1:] {
			if count++; count%every != 0 {
				continue
			}
			together++
			if err := meets(p, first, second); err != nil {
				t.Error(err)
			}
		}
	}
	t.Logf("%d of %d single faults rehearsed, %d of %d pairs", alone, len(all), together, count)
}

// A seed that is run twice gives the same trace, whatever goes wrong.
func TestFaultySeedsAreDeterministic(t *testing.T) {
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		p := short(t, file)
		p.Disturb(faults.Usual(0.03), nil)
		for seed := range uint64(10) {
			traces := [2]string{}
			for i := range traces {
				run, err := p.Start(seed, true, nil)
				if err != nil {
					t.Fatal(err)
				}
				run.Finish()
				traces[i] = string(run.Trace())
				run.Close()
			}
			if traces[0] != traces[1] {
				t.Errorf("%s: seed %d gave two traces", file, seed)
			}
		}
	}
}
