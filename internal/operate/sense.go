package operate

import (
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// sense refuses an order that makes no sense now: it says what is so, and what would do what is meant.
func sense(r *release.Release, in Input, now time.Time) error {
	if in.Verb == release.OrderAbandon {
		return abandonable(r, in, now)
	}
	if why := over(r); why != "" {
		return refuse(in, why)
	}
	switch in.Verb {
	case release.OrderApprove:
		return approvable(r, in, now)
	case release.OrderReject:
		if !r.Asks() {
			return refuse(in, fmt.Sprintf("%s waits for no approval (%s). To bring back what served before: serin rollback %s", r.ID, standing(r), r.Target.Name))
		}
	case release.OrderPromoteNow:
		if _, on := r.OrderedOn(); on {
			return refuse(in, fmt.Sprintf("that was asked for already; %s goes on at its next look: serin watch %s", r.ID, r.Target.Name))
		}
		if r.Phase == release.Promoting || r.Phase == release.Settling {
			return refuse(in, fmt.Sprintf("%s is promoted already (%s): serin watch %s", r.ID, standing(r), r.Target.Name))
		}
	}
	return nil
}

// over says why no order can change anything any more, or nothing.
func over(r *release.Release) string {
	_, home := r.OrderedHome()
	by, abandoned := r.Abandonment()
	switch {
	case abandoned:
		return fmt.Sprintf("%s is over since %s: %s. serin brings nothing of it home any more", r.ID, release.When(by.At.UTC()), by)
	case r.Phase == release.Released, r.Phase == release.Cleaning && !r.Home:
		return fmt.Sprintf("%s is over: %s serves. To go back to what served before (%s): serin start %s --undo %s --reason \"...\"", r.ID, r.Revision, r.Baseline.Name(), r.Target.Name, r.ID)
	case r.Phase == release.RolledBack:
		return fmt.Sprintf("%s is over: %s serves again", r.ID, r.Baseline.Name())
	case r.Phase == release.Dirty:
		return fmt.Sprintf("%s is Dirty: serin could not bring %s back and has stopped trying. See what stands in the way (serin status %s), mend it, then: serin recover %s. Where that cannot be mended any more: serin abandon %s --reason \"...\"",
			r.ID, r.Baseline.Name(), r.Target.Name, r.Target.Name, r.Target.Name)
	case r.Home, home:
		return fmt.Sprintf("%s is on its way back to %s already: serin watch %s", r.ID, r.Baseline.Name(), r.Target.Name)
	}
	return ""
}

// approvable refuses an approval that nobody asked for, and one by the person who started the release.
func approvable(r *release.Release, in Input, now time.Time) error {
	if !r.Asks() {
		return refuse(in, fmt.Sprintf("%s waits for no approval: %s. To go on without waiting: serin promote %s --now", r.ID, bakes(r, now), r.Target.Name))
	}
	if !r.Target.Approvals.ByRequester && release.SamePerson(in.Who, r.Request.StartedBy) {
		return release.Errorf(release.Forbidden, "approve "+string(r.Target.Name),
			"%s started this release, and approvals.byRequester is false: somebody else must approve it", release.Person(in.Who))
	}
	if first, given := r.FirstApproval(); given && r.TwoApprove() && release.SamePerson(first.Who, in.Who) {
		return release.Errorf(release.Forbidden, "approve "+string(r.Target.Name),
			"%s has approved step %d already; %s", release.Person(in.Who), r.Step+1, twoApprove)
	}
	return nil
}

// twoApprove says why one approval does not do.
const twoApprove = "the release was started by hand past the runbook, so nobody knows who must not approve it (approvals.byRequester is false): two people must, and one is still to come"

// bakes says where a release stands with its approvals.
func bakes(r *release.Release, now time.Time) string {
	step := r.Current()
	switch {
	case step.Approval != release.Required:
		return fmt.Sprintf("step %d of %d asks for none (%s)", r.Step+1, len(r.Steps), standing(r))
	case r.Approved:
		return fmt.Sprintf("step %d is approved already", r.Step+1)
	}
	if end := r.BakeSince.Add(step.Bake.Std()); r.Phase == release.Baking && end.After(now) {
		return fmt.Sprintf("step %d bakes until %s UTC and asks then", r.Step+1, end.UTC().Format("15:04"))
	}
	return fmt.Sprintf("step %d asks once its bake is over and the evidence suffices (%s)", r.Step+1, standing(r))
}

func standing(r *release.Release) string {
	return fmt.Sprintf("%s since %s UTC", r.Phase, r.Since.UTC().Format("15:04"))
}

func refuse(in Input, why string) error {
	return release.Errorf(release.Illegal, string(in.Verb)+" "+string(in.Target), "%s", why)
}

// answer says what becomes of an order.
func answer(r *release.Release, order release.Order) Answer {
	if order.Verb == release.OrderAbandon {
		return givenUp(r)
	}
	note := map[release.OrderVerb]string{
		release.OrderApprove:  fmt.Sprintf("step %d of %d is approved; the release goes on at its next look, within 5 minutes", order.Step+1, len(r.Steps)),
		release.OrderReject:   "rejected; " + r.Baseline.Name() + " comes back from the next look on, within 5 minutes",
		release.OrderRollback: r.Baseline.Name() + " comes back from the next look on, within 5 minutes; at once: serin stop " + string(r.Target.Name),
		release.OrderStop:     "the execution is stopped and another brings " + r.Baseline.Name() + " back now",
		release.OrderPromoteNow: "all work goes to " + r.Revision.String() + " at the next look, within 5 minutes, unless that look says fail" +
			map[bool]string{false: " or has no data", true: ""}[order.NoData],
	}[order.Verb]
	if _, approved := r.Approval(); order.Verb == release.OrderApprove && !approved {
		note = release.Person(order.Who) + " approves; " + twoApprove
	}
	return Answer{Release: r.ID, Target: r.Target.Name, Verb: order.Verb, Note: note + ". To follow it: serin watch " + string(r.Target.Name)}
}
