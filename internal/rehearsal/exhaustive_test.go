package rehearsal

import (
	"context"
	"flag"
	"fmt"
	"os"
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

// short returns the short plan against one of its scenarios.
func short(t testing.TB, file string) *Plan {
	t.Helper()
	const folder = "testdata/faults/"
	data, err := os.ReadFile(folder + "target.yaml")
	if err != nil {
		t.Fatal(err)
	}
	target, err := targetfile.Parse("target.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Open(folder + file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(target, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
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

// Every single fault, and pairs of them: no chance is involved. make faults-long rehearses all pairs.
func TestEverySingleFaultAndPairs(t *testing.T) {
	stride := *pairs
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		p := short(t, file)
		all := singles(t, p)
		every := stride
		if every == 0 {
			every = max(1, len(all)*len(all)/2/map[bool]int{true: 40, false: 200}[testing.Short()])
		}
		rehearsed, count := 0, 0
		for i, first := range all {
			if stride != 0 || !testing.Short() || i%10 == 0 {
				rehearsed++
				if err := meets(p, first); err != nil {
					t.Error(err)
				}
			}
			for _, second := range all[i+1:] {
				if count++; count%every != 0 {
					continue
				}
				rehearsed++
				if err := meets(p, first, second); err != nil {
					t.Error(err)
				}
			}
		}
		t.Logf("%s: %d single faults, %d pairs, %d of these %d rehearsed", file, len(all), count, rehearsed, len(all)+count)
	}
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

// A storm of throttling, 80 % of all calls for 20 minutes, wherever it begins: every release comes home soon after it,
// and the primary never has less than its scaling's minimum.
func TestThrottlingStorm(t *testing.T) {
	const homeWithin = time.Hour
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		p := short(t, file)
		for begin := time.Duration(0); begin < 14*time.Minute; begin += 2 * time.Minute {
			p.Faults = only(faults.Fault{Kind: faults.Storm, At: begin, For: 20 * time.Minute})
			run, err := p.Start(uint64(begin/time.Minute), false, nil)
			if err != nil {
				t.Fatal(err)
			}
			for !run.Over() {
				run.Advance(10 * time.Second)
				below(t, run)
			}
			over := run.last().done.Sub(epoch) - begin - 20*time.Minute
			run.Finish()
			result, err := run.Outcome(context.Background())
			if err != nil || len(result.Violations) > 0 || result.Outcome == release.OutcomeDirty || over > homeWithin {
				t.Errorf("%s, storm after %s: %s %s after the storm, %v %v", file, begin, result.Outcome, over, result.Violations, err)
			}
			run.Close()
		}
	}
}

// below fails the test where the primary runs fewer tasks than its scaling may go down to.
func below(t *testing.T, run *Run) {
	t.Helper()
	for _, arm := range run.account.world.Arms() {
		running := 0
		for _, tasks := range arm.App {
			running += tasks
		}
		if arm.Min > 0 && running < arm.Min {
			t.Errorf("at %s: %s runs %d tasks; its scaling's minimum is %d", run.Now().Format(time.TimeOnly), arm.Service, running, arm.Min)
		}
	}
}
