package rehearsal

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsalb"
	"github.com/serin-aws/serin/internal/rehearsal/world/mirror"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// A part of a workload is deleted and the release ends Dirty. A person gives it up: nothing is changed with that, and what
// comes late for it - an execution that somebody had started to bring it home, the same order - changes nothing either.
// Once people have brought the workload home by hand, the next release goes through.
func TestAReleaseIsAbandonedAndTheNextGoesThrough(t *testing.T) {
	deletions(t, func(t *testing.T, target string, which int, part world.Deletion) {
		if part.Again == nil {
			return // see TestADeletedVersion
		}
		run, r := dirtied(t, target, which)
		defer run.Close()
		run.abandons(t, r)
		result, err := run.Outcome(t.Context())
		if err != nil || result.Outcome != release.OutcomeAbandoned || len(result.Violations) > 0 {
			t.Errorf("%s: %v %v", result.Outcome, result.Violations, err)
		}
		run.bringHomeByHand(t)
		run.account.loop.AdvanceTo(run.Now().Add(20 * time.Minute))
		run.gives(t, operate.Input{Verb: release.OrderStart, Who: anna, Target: r.Target.Name, Revision: r.Again(), Retry: true, Why: "once more"})
		run.account.loop.AdvanceTo(run.Now().Add(3 * time.Hour))
		page, err := run.ledger.Releases(t.Context(), r.Target.Name, 2, "")
		if err != nil || len(page.Entries) != 2 || page.Entries[0].Outcome != release.OutcomeReleased || page.Entries[1].Outcome != release.OutcomeAbandoned {
			declined, _ := run.ledger.Declined(t.Context(), r.Target.Name, 1, "")
			t.Errorf("%+v, declined %+v, %v", page.Entries, declined.Entries, err)
		}
	})
}

// abandons lets a person give a Dirty release up, and holds what comes of it.
func (r *Run) abandons(t *testing.T, dirty *release.Release) {
	t.Helper()
	order := operate.Input{Verb: release.OrderAbandon, Who: anna, Target: dirty.Target.Name, Release: dirty.ID, Why: "made again by hand", ID: "one"}
	changed, told := len(r.account.mutations), len(r.account.SNS.Messages())
	first := r.gives(t, order)
	r.account.bringHome()
	r.account.loop.AdvanceTo(r.Now().Add(10 * time.Minute))
	if again := r.gives(t, order); again != first || !strings.Contains(first, "its lock is free") || !strings.Contains(first, "Key=serin:release,Values="+string(dirty.ID)) {
		t.Errorf("%s, and once more: %s", first, again)
	}
	if messages := r.account.SNS.Messages(); len(messages) != told+1 || !strings.Contains(messages[told].Text, "anna abandoned the release: made again by hand") {
		t.Errorf("people were told %+v", messages[told:])
	}
	if last := r.account.executions[len(r.account.executions)-1]; last.end == nil || last.end.State != "Recovered" {
		t.Errorf("the recovery that came late: %+v", last.end)
	}
	given, err := r.opened(t.Context())
	if err != nil || given.Phase != release.Abandoned || given.Owner() != dirty.Owner() || len(r.account.mutations) != changed {
		t.Fatalf("%s %v, %d changes after %d", given.Phase, err, len(r.account.mutations), changed)
	}
	r.wantFree(t, given)
}

// bringHomeByHand makes every part of the workload again, as its template has it, and removes what serin had made beside.
func (r *Run) bringHomeByHand(t *testing.T) {
	t.Helper()
	for _, part := range r.account.world.Deletions() {
		if part.Again != nil {
			part.Delete()
			r.account.loop.AdvanceTo(r.Now().Add(20 * time.Minute))
			part.Again()
		}
	}
	target := r.plan.Target
	switch w := r.account.world.(type) {
	case *mirror.World:
		w.CloudFormation.ForeignDelete(target.EC2Mirror.Temporary)
	case *ecsalb.World: // a rule that is made again has another ARN
		at := *target.ECSALB
		at.ListenerRule, target.ECSALB = w.Rule.ARN, &at
		parameter, err := targetfile.Marshal(target)
		if err != nil {
			t.Fatal(err)
		}
		r.account.SSM.Set(assembly.TargetParameter(target.Name), string(parameter))
	}
}

// gives lets a person give an order, and returns the answer; a refusal fails the test.
func (r *Run) gives(t *testing.T, in operate.Input) string {
	t.Helper()
	var answer string
	r.account.give(in, func(result asl.Result) {
		if answer = string(result.Output); result.Error != "" {
			t.Fatalf("%s was refused: %s", in.Verb, result.Cause)
		}
	})
	for range 1000 {
		if answer == "" {
			r.account.loop.Step()
		}
	}
	return answer
}

// The function that rolls back is broken for good, and the state machine alone says Dirty: a release is not given up before
// serin has written that down, and then it is.
func TestAReleaseIsAbandonedThatOnlyTheStateMachineCallsDirty(t *testing.T) {
	s, err := plan(t, "bad.yaml", nil).Several(1)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.account.deliver = func(asl.Status) []time.Duration { return nil } // the sweep has to find it
	breaks("rollback", time.Minute)(s)
	id := s.Start(0, orders, "one", map[string]any{"revision": s.account.world.Revision()})
	phases := func() (said, written release.Phase) {
		t.Helper()
		said, written = phaseOf(t, id, s.Ledger.LoadMarked), phaseOf(t, id, s.Ledger.Load)
		return said, written
	}
	until := func(want func(said, written release.Phase) bool) {
		t.Helper()
		for step := 0; !want(phases()); step++ {
			if step > 60*24 {
				t.Fatal(phases())
			}
			s.account.loop.AdvanceTo(s.account.loop.Now().Add(time.Minute))
		}
	}
	abandon := operate.Input{Verb: release.OrderAbandon, Who: anna, Target: orders, Release: id, Why: "brought home by hand"}
	var refused []string
	order := func() {
		s.account.give(abandon, func(result asl.Result) { refused = append(refused, result.Cause) })
		s.account.loop.AdvanceTo(s.account.loop.Now().Add(10 * time.Second))
	}
	s.Advance(time.Minute)
	until(func(said, written release.Phase) bool { return said == release.Dirty && written != release.Dirty })
	order()
	until(func(_, written release.Phase) bool { return written == release.Dirty })
	order()
	if len(refused) != 2 || !strings.Contains(refused[0], "writes down within 5 minutes how it has ended") || refused[1] != "" {
		t.Errorf("%q", refused)
	}
	r, err := s.Ledger.Load(t.Context(), id)
	if err != nil || r.Phase != release.Abandoned || s.Ledger.Free(t.Context(), r.Resources) != nil {
		t.Errorf("%s, %v", r.Phase, err)
	}
}

func phaseOf(t *testing.T, id release.ID, load func(context.Context, release.ID) (*release.Release, error)) release.Phase {
	t.Helper()
	r, err := load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r.Phase
}

// Much goes wrong, functions and the order's own calls included, and a part of the workload is deleted. Somebody orders at
// each second of the time in which a release is Dirty that it be given up: it is, and the invariants hold.
func TestAReleaseIsAbandonedWhateverGoesWrong(t *testing.T) {
	seeds := uint64(16)
	if testing.Short() {
		seeds = 6
	}
	for _, target := range platforms(t) {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			given := 0
			for seed := range seeds {
				rates := faults.Usual(0.05)
				rates.Deletion, rates.Change = 1, 0.5
				p := shortOf(t, target, "good.yaml")
				p.Disturb(rates, nil)
				if abandonedSoon(t, p, seed) {
					given++
				}
			}
			if given < int(seeds)/4 {
				t.Errorf("of %d releases only %d were given up", seeds, given)
			}
		})
	}
}

// abandonedSoon rehearses a release of which somebody orders every second that it be given up, once it is Dirty and until
// that is taken. It answers whether it was.
func abandonedSoon(t *testing.T, p *Plan, seed uint64) bool {
	t.Helper()
	run, err := p.Start(seed, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	taken := false
	var order func()
	order = func() {
		if r, err := run.opened(t.Context()); err == nil && r != nil && r.Phase == release.Dirty && !taken {
			in := operate.Input{Verb: release.OrderAbandon, Who: anna, Target: r.Target.Name, Release: r.ID, Why: "gone for good", ID: "one"}
			run.account.give(in, func(result asl.Result) { taken = taken || result.Error == "" })
		}
		run.account.loop.After(time.Second, order)
	}
	run.account.loop.After(2*time.Minute, order)
	run.Finish()
	run.account.loop.AdvanceTo(run.Now().Add(time.Hour))
	result, err := run.Outcome(t.Context())
	if err != nil || taken != (result.Outcome == release.OutcomeAbandoned) {
		t.Errorf("seed %d: %s, taken %t, %v", seed, result.Outcome, taken, err)
	}
	for _, violation := range result.Violations {
		t.Errorf("seed %d: %s", seed, violation)
	}
	return taken
}
