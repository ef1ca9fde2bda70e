package rehearsal

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/serin-aws/serin/internal/price"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// crowd is a run of several releases in one account: versions come up one after another, the new one of the scenario
// first. Each is an event, or a pipeline, that starts an execution of two targets, which name the same workload. Now and
// then a person starts one, too. Whether the targets queue, supersede or refuse is drawn from the seed.
type crowd struct {
	*Several
	targets []release.Target
	before  []invariant.Arm
	serving string // what served before
	rng     *rand.Rand

	started map[release.TargetName][]string // names of the executions that triggers have started
	coming  int                             // triggers that have not arrived
	rest    glance                          // at whether anything is open
}

// crowd builds an account from the plan and lets the pushes come.
func (p *Plan) crowd(seed uint64, keepCalls bool) (*crowd, error) {
	s, err := p.several(seed, keepCalls)
	if err != nil {
		return nil, err
	}
	c := &crowd{Several: s, rng: s.account.loop.Source("pushes"), started: map[release.TargetName][]string{}}
	twin := p.Target
	twin.Name += "-twin"
	for _, target := range []release.Target{p.Target, twin} {
		target.Concurrency = pick(c.rng, release.Queue, release.Supersede, release.Reject)
		if err := s.Alias(target, p.Target.Name); err != nil {
			return nil, err
		}
		c.targets = append(c.targets, target)
	}
	s.account.loop.AdvanceTo(epoch)
	c.before = s.account.world.Arms()
	for _, arm := range c.before {
		for version := range arm.App {
			c.serving = version
		}
	}
	if p.Faults != nil {
		s.account.meet(p.Faults(seed, len(s.account.accidents())), epoch.Add(cmp.Or(p.FaultsFor, faults.Horizon)))
	}
	c.push(p.Pushes)
	return c, nil
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// push lets so many versions come up for release, a few minutes apart.
func (c *crowd) push(n int) {
	at := epoch
	for i := range n {
		c.coming++
		c.account.loop.At(at, func() {
			c.coming--
			offer := c.account.world.Offer(i)
			byName := map[string]any{"revision": offer.Revision}
			for _, target := range c.targets {
				c.deliver(target.Name, offer, byName)
			}
			if c.rng.IntN(3) == 0 { // a person does not wait for the event
				c.trigger(0, pick(c.rng, c.targets...).Name, offer.Name+"-by-hand", byName)
			}
		})
		at = at.Add(time.Duration(20+c.rng.IntN(400)) * time.Second)
	}
}

// deliver lets the event of an offer arrive, or the pipeline start its release: soon, or as a fault has it.
func (c *crowd) deliver(target release.TargetName, offer world.Offer, input map[string]any) {
	if offer.Event != nil {
		input = map[string]any{"event": offer.Event}
	}
	delays := []time.Duration{time.Second}
	for _, f := range c.account.trouble.hit(faults.Trigger, offer.Name) {
		c.account.trouble.note(f, "the push of "+offer.Name+" to "+string(target))
		switch f.Kind {
		case faults.LostTrigger:
			delays = nil
		case faults.TwoTriggers:
			delays = append(delays, f.For)
		case faults.BelatedTrigger:
			delays = []time.Duration{f.For}
		default: // not of a trigger
		}
	}
	for i, delay := range delays { // each delivery starts an execution of its own
		c.trigger(delay, target, fmt.Sprintf("%s-%s-%d", offer.Name, target, i+1), input)
	}
}

// trigger starts an execution after a while. It is coming until it runs: between the two the account looks at rest.
func (c *crowd) trigger(after time.Duration, target release.TargetName, name string, input map[string]any) {
	c.coming++
	c.started[target] = append(c.started[target], name)
	c.account.loop.After(after, func() {
		c.coming--
		c.account.start(name, inputOf(target, input))
	})
}

// bound is how long everything may take: each push its own release, one after another, and the rollback of the last.
func (c *crowd) bound() time.Duration {
	plan := c.plan.Target.Plan
	return time.Duration(2*c.plan.Pushes+1)*(plan.Deadline.Std()+plan.Settle.Std()+time.Hour) + 8*time.Hour
}

// Finish runs until every trigger has had its answer and no release is open, and some time more.
func (c *crowd) Finish() {
	for !c.over() && c.account.loop.Now().Sub(epoch) < c.bound() && c.account.loop.Step() {
	}
	if c.over() {
		c.account.calmDown(c.account.loop.Now(), c.over)
	}
}

// over reports whether nothing is under way any more.
func (c *crowd) over() bool {
	if c.coming > 0 || !c.account.quiet() {
		return false
	}
	return c.rest.at(c.account, c.resting)
}

// resting asks the ledger whether a release is open that is not Dirty, or somebody stands in a line.
func (c *crowd) resting() bool {
	ctx := context.Background()
	open, err := c.Ledger.Opened(ctx)
	if err != nil {
		return false
	}
	for _, id := range open {
		if r, err := c.Ledger.LoadMarked(ctx, id); err != nil || !r.Phase.Final() {
			return false
		}
	}
	for _, target := range c.targets {
		line, err := c.Ledger.Line(ctx, target.Name)
		if _, waits := line.Newest(c.account.loop.Now()); err != nil || waits {
			return false
		}
	}
	return true
}

// Outcome says what came of it: the best that became of a release.
func (c *crowd) Outcome(ctx context.Context) (story.Run, error) {
	out := story.Run{Outcome: release.OutcomeNothing, Faults: c.account.trouble.kinds(), Transitions: c.account.transitions(), Calls: c.account.callCount}
	exposed := c.account.world.Exposed()
	out.Units, out.Failures, out.USD = exposed.Units, exposed.Failures, price.Of(c.account.used()).USD
	history, err := c.history(ctx)
	if err != nil {
		return out, err
	}
	for _, r := range history {
		if r.Outcome() == release.OutcomeDirty || out.Outcome != release.OutcomeReleased && out.Outcome != release.OutcomeDirty {
			out.Outcome = r.Outcome()
		}
	}
	out.Violations, err = c.broken(ctx, history)
	return out, err
}

// Trace is everything that the run did to the world, in order.
func (c *crowd) Trace() []byte { return c.account.trace() }

func (c *crowd) happened() []Happened { return c.account.trouble.happened }
