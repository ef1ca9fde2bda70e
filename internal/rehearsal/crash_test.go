package rehearsal

import (
	"context"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
)

// only returns a plan's faults that are the same for every seed.
func only(list ...faults.Fault) func(uint64, int) []faults.Fault {
	return func(uint64, int) []faults.Fault { return list }
}

// A crash, an answer that is lost or an effect that lands late, at a call of a release: it still ends as it should,
// nothing is left over, and the lock is free. Every n-th call has its turn; -sites gives it to all of them.
func TestOneThingGoesWrongAtEachCall(t *testing.T) {
	for example, stride := range map[string]int{"orders-worker": 5, "orders-api": 4, "catalogue": 20, "shop-web": 40} {
		t.Run(example, func(t *testing.T) { oneThing(t, example, stride) })
	}
}

func oneThing(t *testing.T, example string, stride int) {
	switch {
	case *sites:
		stride = 1
	case testing.Short():
		stride = 97
	}
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		for _, kind := range []faults.Kind{faults.CrashBefore, faults.CrashAfter, faults.Unanswered, faults.LateCall} {
			t.Run(file+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				p := planOf(t, example, file, nil)
				_, undisturbed := rehearsed(t, p, 1)
				for n := 1; n <= undisturbed.Calls; n += stride {
					p.Faults = only(faults.Fault{Kind: kind, Nth: n, For: faults.MaxLate - time.Second})
					result, err := p.One(context.Background(), 1)
					if err != nil {
						t.Fatal(err)
					}
					if len(result.Violations) > 0 || result.Outcome == release.OutcomeDirty || file == "bad.yaml" && result.Outcome != release.OutcomeRolledBack {
						t.Errorf("call %d: %s %v", n, result.Outcome, result.Violations)
					}
				}
			})
		}
	}
}

// Whatever runs is stopped, for good, and before it does anything: after five recoveries a person is called, and the
// lock stays.
func TestARecoveryThatIsAlwaysStoppedEndsDirty(t *testing.T) {
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		p := short(t, file)
		p.Disturb(faults.Usual(0), nil)
		p.Faults = only(faults.Fault{Kind: faults.Besieged, At: 3 * time.Minute})
		run, result := rehearsed(t, p, 1)
		if result.Outcome != release.OutcomeDirty || run.tries(nil) != 6 {
			t.Errorf("%s: %s after %d executions", file, result.Outcome, run.tries(nil))
		}
		run.Close()
	}
}

// A person rolls a release back in an execution of their own, at any time: it goes home, and one execution after the
// other owns it.
func TestAPersonsOwnExecutionBringsTheReleaseHome(t *testing.T) {
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		p := short(t, file)
		p.Disturb(faults.Usual(0), nil)
		for at := 20 * time.Second; at < 7*time.Minute; at += 50 * time.Second {
			p.Faults = only(faults.Fault{Kind: faults.ByHand, At: at})
			run, result := rehearsed(t, p, 1)
			if result.Outcome != release.OutcomeRolledBack {
				t.Errorf("%s, by hand after %s: %s", file, at, result.Outcome)
			}
			run.Close()
		}
	}
}
