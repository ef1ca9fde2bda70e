package operate_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

// dirty is a release that could not be brought home, with what it has made.
func dirty(change func(*release.Release)) func(*release.Release) {
	return func(r *release.Release) {
		r.Phase, r.Home, r.Uncalled = release.Dirty, true, "service orders is gone"
		r.Baseline.Summary = "orders:41 on 9 tasks"
		r.Made = []release.Made{{Kind: release.MadeDefinition, ID: "arn:aws:ecs:eu-central-1:123456789012:task-definition/orders:42", For: "canary"}, {Kind: "deployment", ID: "ecs-svc/1", For: "canary"}}
		r.Decision = release.Decision{Next: release.NextRollback, Reason: release.ReasonVerdict, Sentence: "canary fails"}
		if change != nil {
			change(r)
		}
	}
}

// Only what is Dirty, and quiet, is given up. Everything else is refused with what would do what is meant.
func TestWhatCanBeAbandoned(t *testing.T) {
	lease := func(until time.Time) func(*release.Release) {
		return dirty(func(r *release.Release) {
			r.Leases = []release.Lease{{Verb: release.VerbRollback, Request: "one", Until: until}}
		})
	}
	for name, c := range map[string]struct {
		change func(*release.Release)
		marked bool
		says   string // of the refusal; empty: it is given up
	}{
		"Dirty":                      {change: dirty(nil)},
		"an old lease":               {change: lease(noon.Add(-release.LateEffect))},
		"a late effect may land":     {change: lease(noon.Add(-release.LateEffect + time.Second)), says: "may still change the workload until 12:00:01 UTC; give the order again then"},
		"a call is under way":        {change: lease(noon.Add(time.Minute)), says: "until 12:01:30 UTC"},
		"the state machine says so":  {change: dirty(nil), marked: true, says: "writes down within 5 minutes how it has ended (serin status r-0123456789ab)"},
		"it bakes":                   {says: "r-0123456789ab is Baking since 11:50 UTC, and only a release that is Dirty can be abandoned. To bring back what served before: serin rollback orders"},
		"it is on its way home":      {change: phase(release.RollingBack), says: "on its way back to sha256:11111111 already: serin watch orders"},
		"it serves":                  {change: phase(release.Released), says: "serin start orders --undo r-0123456789ab"},
		"it is home":                 {change: phase(release.RolledBack), says: "sha256:11111111 serves again"},
		"a rollback was asked for":   {change: func(r *release.Release) { r.Orders = []release.Order{{Verb: release.OrderStop}} }, says: "on its way back"},
		"somebody else was the same": {change: abandoned("ben"), says: "is over since Mon 5 Jan, 11:59 UTC: ben abandoned the release: decommissioned. serin brings nothing of it home any more"},
	} {
		t.Run(name, func(t *testing.T) {
			o, b, others := table(c.change)
			b.marked = c.marked
			answer, err := give(o, order(release.OrderAbandon))
			if c.says != "" {
				if release.CodeOf(err) != release.Illegal || !strings.Contains(err.Error(), c.says) || b.saves > 0 || b.freed || len(others.told) > 0 {
					t.Errorf("%v, want Illegal saying %q; %d saves, freed %t, told %v", err, c.says, b.saves, b.freed, others.told)
				}
				return
			}
			if err != nil || !b.freed || b.saves != 1 || !reflect.DeepEqual(others.told, []string{"r-0123456789ab Abandoned Abandoned"}) || len(others.stopped) > 0 {
				t.Errorf("%v, %d saves, freed %t, told %v, stopped %v", err, b.saves, b.freed, others.told, others.stopped)
			}
			if !strings.Contains(answer.Note, "before the release it was orders:41 on 9 tasks") || len(answer.Leftovers) != 2 ||
				answer.Leftovers[0].Remove != "aws ecs deregister-task-definition --task-definition arn:aws:ecs:eu-central-1:123456789012:task-definition/orders:42" {
				t.Errorf("%+v", answer)
			}
		})
	}
}

func abandoned(who string) func(*release.Release) {
	return dirty(func(r *release.Release) {
		r.Phase = release.Abandoned
		r.Orders = []release.Order{{ID: "zero", Verb: release.OrderAbandon, Who: who, Why: "decommissioned", At: noon.Add(-time.Minute)}}
	})
}

// What is written is one write: the order in a person's name, the phase, and the end; and the same order again changes
// nothing.
func TestAbandoningIsWrittenOnce(t *testing.T) {
	o, b, others := table(dirty(nil))
	b.conflicts = 2
	first, err := give(o, order(release.OrderAbandon))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := b.LoadMarked(t.Context(), id)
	if by, is := kept.Abandonment(); err != nil || !is || by.Who != order(release.OrderAbandon).Who || by.Why != "errors in the shop" || !by.At.Equal(noon) {
		t.Errorf("%+v, %v", by, err)
	}
	if kept.Phase != release.Abandoned || kept.Outcome() != release.OutcomeAbandoned || kept.Uncalled != "" || len(kept.Leases) > 0 || !kept.Trial().Failed() || kept.Decision.Sentence != "canary fails" {
		t.Errorf("%+v", kept.State)
	}
	var told []string
	for _, event := range b.events {
		told = append(told, strings.Join([]string{string(event.Kind), string(event.Phase), string(event.Data)}, " "))
	}
	if len(told) != 3 || !strings.HasPrefix(told[0], "order Dirty {") || told[1] != "phase  " || told[2] != `finished  "abandoned"` {
		t.Errorf("%q", told)
	}
	second, err := give(o, order(release.OrderAbandon))
	if err != nil || !reflect.DeepEqual(first, second) || b.saves != 1 || len(others.told) != 1 {
		t.Errorf("again: %+v %v, %d saves, told %v", second, err, b.saves, others.told)
	}
	for verb, says := range map[release.OrderVerb]string{
		release.OrderRollback: "anna abandoned the release: errors in the shop", release.OrderRecover: "is over (Abandoned): there is nothing to recover", release.OrderStop: "brings nothing of it home any more",
	} {
		in := order(verb)
		in.ID, in.Release = "two", id
		if _, err := give(o, in); release.CodeOf(err) != release.Illegal || !strings.Contains(err.Error(), says) || b.saves != 1 {
			t.Errorf("%s of it: %v", verb, err)
		}
	}
}

// It must be said which release is given up, and for what reason: a target may be at the next one by then.
func TestWhatIsNoAbandoning(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*operate.Input)
		says   string
	}{
		"no release": {func(in *operate.Input) { in.Release = "" }, "abandon must name the release, which serin status orders does"},
		"no reason":  {func(in *operate.Input) { in.Why = "" }, "why must say"},
	} {
		o, b, _ := table(dirty(nil))
		in := order(release.OrderAbandon)
		c.change(&in)
		if _, err := give(o, in); release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), c.says) || b.saves > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
