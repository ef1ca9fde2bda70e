package rehearsal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/release"
)

// history are all releases of the account, in the order in which they were opened.
func (c *crowd) history(ctx context.Context) ([]*release.Release, error) {
	var all []*release.Release
	for _, target := range c.targets {
		page, err := c.Ledger.Releases(ctx, target.Name, 1000, "")
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Entries {
			r, err := c.Ledger.LoadMarked(ctx, entry.Release)
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b *release.Release) int { return a.Opened.Compare(b.Opened) })
	return all, nil
}

// broken says what went against the invariants: those of each release, and those that hold between them.
func (c *crowd) broken(ctx context.Context, history []*release.Release) ([]string, error) {
	broken := c.between(history)
	var story []release.Event
	for i, r := range history {
		end, err := c.ending(ctx, r, i == len(history)-1)
		if err != nil {
			return nil, err
		}
		end.Releases, story = len(history), append(story, end.Events...)
		broken = append(broken, c.againstInvariants(end)...)
		if i == len(history)-1 { // the platform's own are asked of all of them together
			end.Events = story
			for _, text := range c.account.world.Broken(end) {
				broken = append(broken, string(c.plan.Target.Platform)+": "+text)
			}
		}
	}
	if !c.over() {
		broken = append(broken, fmt.Sprintf("crowd: not everything has ended after %s", c.bound()))
	}
	lost, err := c.lost(ctx)
	return append(broken, lost...), err
}

// ending is what is known of one release at the end. How the workload stands is asked of the last one alone.
func (c *crowd) ending(ctx context.Context, r *release.Release, last bool) (invariant.Ending, error) {
	t := c.account.trouble
	end := invariant.Ending{
		Skew: faults.MaxSkew, Ended: true, Bound: c.bound(), Outcome: r.Outcome(), Release: r, Alarmed: c.account.dirtyCounted,
		Foreign: t != nil && t.foreign, Worked: c.plan.FaultsFor > 0 && (t == nil || t.siege.Kind == ""),
	}
	if t != nil {
		end.Deleted = t.deleted
	}
	for _, m := range c.account.mutations {
		if m.Release == r.ID || last && m.Release == "" {
			end.Mutations = append(end.Mutations, m)
		}
	}
	var err error
	if end.Events, err = c.Ledger.Events(ctx, r.ID); err != nil {
		return end, err
	}
	if last {
		end.Before, end.After, end.Fresh = slices.Clone(c.before), c.account.world.Arms(), c.account.world.Released(r)
		for i, arm := range end.After { // which version that must be is a matter of what was released before: see between
			end.Before[i].Running = arm.Running
		}
		end.LeftOver = c.account.world.LeftOver(r)
		if t != nil {
			end.Stale, end.Short = t.stale, t.short
		}
	}
	end.Holders, err = holders(ctx, c.Ledger, r)
	return end, err
}

// againstInvariants says which invariants one release broke.
func (c *crowd) againstInvariants(end invariant.Ending) []string {
	r := end.Release
	var texts []string
	say := func(text string) {
		texts = append(texts, fmt.Sprintf("%s (release %s of %s)", text, r.ID, r.Target.Name))
	}
	for _, violation := range invariant.Check(end) {
		say(violation.String())
	}
	for _, text := range c.account.brokenHooks(end) {
		say("hooks: " + text)
	}
	return texts
}

// between holds what must be true of releases that change one workload: they follow one another, each records what the
// one before it has left, no event lets one go live after a newer one, and what serves at the end is what the last one has left.
func (c *crowd) between(history []*release.Release) []string {
	var broken []string
	say := func(format string, args ...any) { broken = append(broken, "crowd: "+fmt.Sprintf(format, args...)) }
	t := c.account.trouble
	foreign := t != nil && t.foreign || t.deletedAny()
	serving, newest := c.serving, time.Time{}
	for i, r := range history {
		if i > 0 && history[i-1].Phase.Final() && r.Opened.Before(history[i-1].Since.Add(-2*faults.MaxSkew)) {
			say("%s was opened at %s, while %s was at work until %s", r.ID, r.Opened.Format(time.TimeOnly), history[i-1].ID, history[i-1].Since.Format(time.TimeOnly))
		}
		if r.Baseline.Serves != serving && !foreign {
			say("%s recorded %s, while %s served", r.ID, release.Digest(r.Baseline.Serves).Short(), release.Digest(serving).Short())
		}
		switch r.Outcome() {
		case release.OutcomeReleased:
			if serving = c.account.world.Released(r); r.Request.Automatic && !r.Pushed.After(newest) { // a person may go back
				say("%s went live at %s, once more or after a newer one", r.Revision, r.Since.Format(time.TimeOnly))
			}
			newest = r.Pushed
		case release.OutcomeDirty: // nobody knows what serves
			return broken
		}
	}
	for _, arm := range c.account.world.Arms() {
		for digest, tasks := range arm.App {
			if digest != serving && !foreign {
				say("%d tasks of %s run %s at the end, want %s", tasks, arm.Service, release.Digest(digest).Short(), release.Digest(serving).Short())
			}
		}
	}
	return broken
}

// lost says which triggers came to nothing: an execution that ended by itself has opened a release, or it is written down
// why it has not.
func (c *crowd) lost(ctx context.Context) ([]string, error) {
	var lost []string
	for _, target := range c.targets {
		for _, name := range c.started[target.Name] {
			arn := executionARN(name)
			e := c.account.execution(arn)
			if e == nil || e.end == nil || e.end.Status == asl.Aborted || e.end.Status == asl.TimedOut {
				continue
			}
			id := release.NewID(target.Name, arn)
			_, opened := c.Ledger.Load(ctx, id)
			_, declined := c.Ledger.NotOpened(ctx, id)
			for _, err := range []error{opened, declined} {
				if err != nil && release.CodeOf(err) != release.NotFound {
					return nil, err
				}
			}
			if opened != nil && declined != nil {
				lost = append(lost, fmt.Sprintf("crowd: %s ended in %s (%s), and nothing is written down of it", name, e.end.State, cmp.Or(e.end.Cause, "no cause")))
			}
		}
	}
	return lost, nil
}
