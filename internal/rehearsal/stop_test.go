package rehearsal

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/story"
)

// step runs one event alone: no time passes within it, so that an invocation waits at each of its calls.
func (r *Run) step() bool {
	next, ok := r.account.loop.Next()
	return ok && r.stepTo(next)
}

// toVisit runs until the first execution has entered its n-th state, counted from 0.
func (r *Run) toVisit(n int) {
	for !r.Over() && len(r.execution.visits) <= n && r.step() {
	}
}

// stopped runs a plan, stops its execution in its n-th state, a little later than it entered it, and runs to the end.
func stopped(t *testing.T, p *Plan, n int, later time.Duration) (*Run, release.Outcome, []string) {
	t.Helper()
	run, err := p.Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	run.toVisit(n)
	run.Advance(later)
	run.execution.abort("", "a person pressed Stop execution")
	run.Finish()
	result, err := run.Outcome(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return run, result.Outcome, result.Violations
}

// Somebody presses "Stop execution", in every state of a release on every platform, at its entry and while its function
// works; the event of it arrives once, twice or never: the baseline comes back, nothing is left over, and the lock is free.
func TestStopExecutionInEveryState(t *testing.T) {
	// How often a state is entered in a release that somebody stops in it, at most; a queue worker's looks all have their turn.
	for example, most := range map[string]int{"orders-worker": 1000, "orders-api": 4, "shop-web": 3, "catalogue": 3} {
		if testing.Short() {
			most = 2
		}
		for _, file := range []string{"good.yaml", "bad.yaml"} {
			t.Run(example+" "+file, func(t *testing.T) {
				t.Parallel()
				stopEverywhere(t, planOf(t, example, file, nil), most)
			})
		}
	}
}

func stopEverywhere(t *testing.T, p *Plan, most int) {
	t.Helper()
	delivers := []Deliver{nil, delivered(time.Second, 2*time.Second), delivered()}
	undisturbed, _ := rehearsed(t, p, 1)
	for state, visits := range turns(undisturbed.execution.visits, most) {
		for i, n := range visits {
			p.Deliver = delivers[i%len(delivers)]
			run, outcome, violations := stopped(t, p, n, time.Duration(n%3)*25*time.Millisecond)
			if len(violations) > 0 || !ends(t, run, outcome) {
				t.Errorf("stopped in %s (%d): %s %v", state, n, outcome, violations)
			}
			run.Close()
		}
	}
}

// turns chooses, of each state but the last one, at most so many visits, from the first to the last.
func turns(visits []story.Visit, most int) map[string][]int {
	all := map[string][]int{}
	for n, visit := range visits[:len(visits)-1] {
		all[visit.State] = append(all[visit.State], n)
	}
	for state, entered := range all {
		if len(entered) <= most {
			continue
		}
		chosen := make([]int, most)
		for i := range chosen {
			chosen[i] = entered[i*(len(entered)-1)/(most-1)]
		}
		all[state] = chosen
	}
	return all
}

// ends reports whether a stopped release ended as it may: rolled back, unless nothing had been opened, or all work had
// been settled on the new revision and only the cleanup was left.
func ends(t *testing.T, run *Run, outcome release.Outcome) bool {
	t.Helper()
	story, err := run.ledger.Events(context.Background(), run.id)
	if err != nil {
		t.Fatal(err)
	}
	settled := slices.ContainsFunc(story, func(e release.Event) bool {
		return e.Kind == release.EventPhase && e.Phase == release.Cleaning && e.Epoch == 1
	})
	switch outcome {
	case release.OutcomeRolledBack:
		return true
	case release.OutcomeReleased:
		return settled
	}
	return len(story) == 0
}

// A recovery is stopped, too, and the recovery of the recovery, on every platform: it ends, at the latest with a person.
func TestARecoveryOfARecoveryEnds(t *testing.T) {
	for _, example := range []string{"orders-worker", "orders-api", "shop-web", "catalogue"} {
		for stops, want := range map[int]release.Outcome{1: release.OutcomeRolledBack, 2: release.OutcomeRolledBack, 5: release.OutcomeRolledBack, 100: release.OutcomeDirty} {
			t.Run(fmt.Sprintf("%s %d", example, stops), func(t *testing.T) {
				t.Parallel()
				recoveryOfRecovery(t, planOf(t, example, "good.yaml", nil), stops, want)
			})
		}
	}
}

// recoveryOfRecovery stops a release after its first bakes, and so many executions in all.
func recoveryOfRecovery(t *testing.T, p *Plan, stops int, want release.Outcome) {
	t.Helper()
	undisturbed, _ := rehearsed(t, p, 1)
	bakes := turns(undisturbed.execution.visits, 1000)["Bake"]
	run, err := p.Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Close)
	run.toVisit(bakes[min(5, len(bakes)-1)])
	for n := 0; n < stops && !run.Over() && run.step(); {
		if last := run.account.executions[len(run.account.executions)-1]; last.end == nil { // at once: a function that runs for it would bring things home all the same
			last.abort("", "again")
			n++
		}
	}
	run.Finish()
	result, err := run.Outcome(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if result.Outcome != want || len(result.Violations) > 0 || len(run.account.executions) != min(stops, 5)+1 {
		t.Errorf("%s after %d executions %v", result.Outcome, len(run.account.executions), result.Violations)
	}
	called := 0
	for _, message := range run.account.SNS.Messages() {
		if message.Subject == "serin: "+string(p.Target.Name)+" DIRTY: could not be rolled back" {
			called++
			if counted := regexp.MustCompile(`(?m)^[\d,]+ of [\d,]+ ` + p.Target.Platform.Units() + ` failed on the canary\.$`); !counted.MatchString(message.Text) {
				t.Errorf("the function recover does not count what the release cost:\n%s", message.Text)
			}
		}
	}
	if dirty := want == release.OutcomeDirty; dirty != (called == 1) || dirty != run.account.dirtyCounted {
		t.Errorf("a person was called %d times, the alarm was raised: %t", called, run.account.dirtyCounted)
	}
}

// Orders reach a release wherever it is, and lead where they should.
func TestOrdersInARehearsal(t *testing.T) {
	for name, c := range map[string]struct {
		file   string
		orders []scenario.Order
		change func(*release.Target)
		want   release.Outcome
		within time.Duration // from the last order to the end of moving work, or the decision
		reason release.Reason
	}{
		"rollback": {file: "good.yaml", orders: []scenario.Order{{At: minutes(5), Verb: "rollback"}}, want: release.OutcomeRolledBack, reason: release.ReasonPerson},
		"stop":     {file: "good.yaml", orders: []scenario.Order{{At: minutes(5), Verb: "stop"}}, want: release.OutcomeRolledBack, reason: release.ReasonPerson},
		"stop while settling": {
			file: "good.yaml", orders: []scenario.Order{{At: minutes(30), Verb: "stop"}}, want: release.OutcomeRolledBack, reason: release.ReasonPerson,
		},
		"promote now":               {file: "good.yaml", orders: []scenario.Order{{At: minutes(4), Verb: "promote-now"}}, want: release.OutcomeReleased},
		"promote now, and it fails": {file: "bad.yaml", orders: []scenario.Order{{At: minutes(2), Verb: "promote-now"}}, want: release.OutcomeRolledBack},
		"approve": {
			file: "good.yaml", orders: []scenario.Order{{At: minutes(20), Verb: "approve"}}, want: release.OutcomeReleased, change: asks,
		},
		"reject": {
			file: "good.yaml", orders: []scenario.Order{{At: minutes(20), Verb: "reject"}}, want: release.OutcomeRolledBack, reason: release.ReasonPerson, change: asks,
		},
		"nobody approves": {file: "good.yaml", want: release.OutcomeRolledBack, reason: release.ReasonDeadline, change: asks},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan(t, c.file, func(target *release.Target, s *scenario.Scenario) {
				for _, o := range c.orders {
					o.Who, o.Why = "anna", "rehearsed"
					s.Orders = append(s.Orders, o)
				}
				if c.change != nil {
					c.change(target)
				}
			})
			run, result := rehearsed(t, p, 1)
			for _, ordered := range run.Orders {
				if ordered.Refused != "" {
					t.Errorf("%s was refused: %s", ordered.Order.Verb, ordered.Refused)
				}
			}
			opened, err := run.opened(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if result.Outcome != c.want || len(run.Orders) != len(c.orders) || c.reason != "" && opened.Decision.Reason != c.reason {
				t.Errorf("%s for %s (%s), %d orders", result.Outcome, opened.Decision.Reason, opened.Decision.Sentence, len(run.Orders))
			}
			if c.reason == release.ReasonPerson && opened.Decision.By != "anna" || name == "promote now" && opened.Decision.By != "anna" {
				t.Errorf("decided by %q", opened.Decision.By)
			}
		})
	}
}

// A step asks for an approval after its bake.
func asks(target *release.Target) {
	target.Plan.Steps[0].Approval = release.Required
	target.Approvals = release.Approvals{Expires: minutes(60), OnExpiry: release.ExpiryRollback}
}

func minutes(n int) release.Duration { return release.Duration(time.Duration(n) * time.Minute) }

// Orders at every minute of a release, each verb: whatever is answered, the release ends as it should.
func TestOrdersAtAnyTime(t *testing.T) {
	for _, verb := range release.OrderVerbs() {
		if verb == release.OrderOverride {
			continue
		}
		t.Run(string(verb), func(t *testing.T) {
			t.Parallel()
			for _, file := range []string{"good.yaml", "bad.yaml"} {
				taken, every := 0, 97*time.Second
				if testing.Short() {
					every *= 4
				}
				for at := 10 * time.Second; at < 45*time.Minute; at += every {
					p := plan(t, file, func(_ *release.Target, s *scenario.Scenario) {
						s.Orders = []scenario.Order{{At: release.Duration(at), Verb: string(verb), Who: "anna", Why: "rehearsed"}}
					})
					run, result := rehearsed(t, p, 1)
					if result.Outcome != release.OutcomeReleased && result.Outcome != release.OutcomeRolledBack {
						t.Errorf("%s at %s: %s", file, at, result.Outcome)
					}
					if len(run.Orders) == 1 && run.Orders[0].Refused == "" {
						taken++
					}
				}
				never := []release.OrderVerb{release.OrderApprove, release.OrderReject, release.OrderRecover, release.OrderStart, release.OrderAbandon} // nothing is asked, nothing is lost, no revision is named, and nothing is Dirty
				if (taken == 0) != slices.Contains(never, verb) {
					t.Errorf("%s: %d orders were taken", file, taken)
				}
			}
		})
	}
}
