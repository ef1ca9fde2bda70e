package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Notifier tells people and machines what happened. Nothing depends on it.
type Notifier interface {
	Notify(ctx context.Context, r *release.Release, notice release.Notice) error
}

// abandon ends a Dirty release in a person's name: nothing of the workload is changed, and the locks are free. Order, end
// and free locks are one write, so there is nothing to carry on where it was cut off.
func (o *Operate) abandon(ctx context.Context, r *release.Release, order release.Order) error {
	kept, err := o.Ledger.Load(ctx, r.ID)
	if err != nil {
		return err
	}
	if kept.Phase != release.Dirty { // only the state machine has said so yet
		return release.Errorf(release.Illegal, "abandon "+string(r.Target.Name),
			"the state machine gave %s up, and serin writes down within 5 minutes how it has ended (serin status %s); give the order again then", r.ID, r.ID)
	}
	given := told(order)
	given.Phase, given.Step, given.Epoch = r.Phase, r.Step, r.Epoch
	if err := r.Enter(release.Abandoned, order.At); err != nil {
		return err
	}
	r.Uncalled, r.Leases = "", nil
	const text = "the lock is free; serin has changed nothing with that, and brings nothing home any more"
	entered := release.Event{At: order.At, Kind: release.EventPhase, Text: text}
	ended := r.Finished(text)
	ended.At = order.At
	if err := o.Ledger.Finish(ctx, r, given, entered, ended); err != nil {
		return err
	}
	_ = o.Notifier.Notify(ctx, r, release.Notice{Kind: release.NoticeAbandoned}) // it logs its own failures
	return nil
}

// abandonable refuses to give up what is not Dirty, and what an earlier call may still change: its lock must not pass on
// before.
func abandonable(r *release.Release, in Input, now time.Time) error {
	quiet := r.QuietAt("")
	switch why := over(r); {
	case r.Phase == release.Dirty && now.Before(quiet):
		return refuse(in, fmt.Sprintf("an earlier call of %s may still change the workload until %s UTC; give the order again then", r.ID, quiet.UTC().Format(time.TimeOnly)))
	case r.Phase == release.Dirty:
		return nil
	case why != "":
		return refuse(in, why)
	}
	return refuse(in, fmt.Sprintf("%s is %s, and only a release that is Dirty can be abandoned. To bring back what served before: serin rollback %s", r.ID, standing(r), r.Target.Name))
}

// givenUp says what it means that a release is abandoned.
func givenUp(r *release.Release) Answer {
	return Answer{
		Release: r.ID, Target: r.Target.Name, Verb: release.OrderAbandon, Leftovers: r.Leftovers(),
		Note: fmt.Sprintf("abandoned: its lock is free, and serin has changed nothing. What serves now is what people have left there; before the release it was %s. The next release of %s records what serves when it starts, and goes back to that",
			r.Baseline.Summary, r.Target.Name),
	}
}
