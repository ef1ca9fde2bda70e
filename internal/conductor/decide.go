package conductor

import (
	"fmt"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// poll is how often the judge looks. CloudWatch's finest common period is a minute: looking oftener shows nothing new.
const poll = 60 * time.Second

// patience is how often serin looks while only a person can go on.
const patience = 300 * time.Second

// decision is what check-alarms decided at one look.
type decision struct {
	next     release.Next
	reason   release.Reason // with NextRollback
	sentence string
	wait     time.Duration // with NextWait
	call     string        // not empty: a person is wanted, and for what; the same at every look that wants the same
	paused   bool          // only a person or the calendar can go on: the deadline does not count this wait
	asks     bool          // it waits for the approval of the current step
	by       string        // the person who decided, where one did

	hooks release.HookStage // not empty: the hooks of this stage must be heard before anything is decided
}

// decide holds the rules of a bake and of settling. It is pure: the release, what was seen, what the judge said, now.
func decide(r *release.Release, s release.Sighting, j release.Judgement, now time.Time) decision {
	j.Sentence = unheeded(r, j) + j.Sentence
	switch {
	case s.Foreign != "":
		return rollback(release.ReasonForeign, s.Foreign)
	case s.Trouble != "":
		return rollback(release.ReasonCanary, s.Trouble)
	case j.Verdict == release.Fail:
		return rollback(release.ReasonVerdict, j.Sentence)
	case r.Phase == release.Settling:
		return settling(r, j, now)
	case promotesNow(r, j):
		order, _ := r.OrderedOn()
		return decision{next: release.NextPromote, sentence: order.String() + "; at that look: " + j.Sentence, by: order.Who}
	case r.Current().AtOnce():
		return promoteUnlessFrozen(r, "the plan moves all at once", now)
	case late(r, now):
		return atDeadline(r, j)
	}
	if left := r.Current().Bake.Std() - now.Sub(r.BakeSince); left > 0 {
		return decision{next: release.NextWait, sentence: j.Sentence, wait: min(poll, left)}
	}
	switch {
	case r.LastStep():
		return lastBakeOver(r, j, now)
	case !r.Steps[r.Step+1].SideBySide(): // what is all of the work is decided on as a promotion is
		if j.Verdict == release.Pass {
			return rise(r, j.Sentence, now)
		}
		return extend(r, j, now)
	}
	if sampled(j) && j.Verdict != release.Unknown {
		return rise(r, j.Sentence, now)
	}
	return extend(r, j, now)
}

// promotesNow reports whether a person's order to promote holds at this look: never without any measurement, unless the
// order says so, and never on what was not judged at all.
func promotesNow(r *release.Release, j release.Judgement) bool {
	order, ordered := r.OrderedOn()
	switch j.Verdict {
	case release.Pass, release.Inconclusive:
		return ordered
	case release.NoData:
		return ordered && order.NoData
	}
	return false
}

// unheeded says why a person's order to promote does not hold at a look that says nothing about the canary; empty where
// there is none, or it holds, or the canary fails.
func unheeded(r *release.Release, j release.Judgement) string {
	order, ordered := r.OrderedOn()
	if !ordered || r.Phase != release.Baking || promotesNow(r, j) || j.Verdict == release.Fail {
		return ""
	}
	text := release.Person(order.Who) + " asked to promote now, and that waits until something is measured"
	if j.Verdict == release.NoData {
		text += fmt.Sprintf(" (serin promote %s --now --without-data does not)", r.Target.Name)
	}
	return text + "; at this look: "
}

// settling watches alarms and health after promotion: no baseline arm is left to compare with.
func settling(r *release.Release, j release.Judgement, now time.Time) decision {
	if r.HooksPending(release.AfterPromotion) {
		return decision{hooks: release.AfterPromotion}
	}
	if left := r.Settle().Std() - now.Sub(r.Since); left > 0 {
		return decision{next: release.NextWait, sentence: "nothing is left to compare; " + j.Sentence, wait: min(poll, left)}
	}
	return decision{next: release.NextPromote, sentence: "settled for " + r.Settle().String() + "; " + j.Sentence}
}

// lastBakeOver promotes on a pass and on nothing less, but for a policy that says so.
func lastBakeOver(r *release.Release, j release.Judgement, now time.Time) decision {
	if j.Verdict == release.Pass {
		return promoteUnlessFrozen(r, j.Sentence, now)
	}
	return extend(r, j, now)
}

// extend goes on baking as long as the step may, and then does what the target's policy for the inconclusive says.
func extend(r *release.Release, j release.Judgement, now time.Time) decision {
	longest := r.Target.Plan.Longest(r.Current())
	if left := longest.Std() - now.Sub(r.BakeSince); left > 0 {
		return decision{next: release.NextWait, sentence: "bake extended: " + j.Sentence, wait: min(poll, left)}
	}
	untold := func(policy string) string {
		return fmt.Sprintf("nobody can tell after %s, and the target's policy is to %s then: %s", longest, policy, j.Sentence)
	}
	switch r.Target.Checks.Inconclusive {
	case release.InconclusiveRollback:
		return rollback(release.ReasonInconclusive, untold("roll back"))
	case release.InconclusivePromote:
		if j.Verdict == release.Inconclusive { // no data is never a pass, whatever the policy
			if r.LastStep() {
				return promoteUnlessFrozen(r, untold("promote"), now)
			}
			return rise(r, untold("go on"), now)
		}
	}
	return decision{
		next: release.NextWait, sentence: "held: " + j.Sentence, wait: min(patience, max(poll, r.Deadline(now).Sub(now)-poll)), // the last look is still in time
		call: fmt.Sprintf("%s is held at %d %% until %s, and rolled back then unless the evidence comes in before",
			r.Target.Name, r.Current().Weight, release.When(r.Deadline(now).UTC())),
	}
}

// rise goes to the next step, once who must approve has approved.
func rise(r *release.Release, sentence string, now time.Time) decision {
	if gate, closed := gates(r, now); closed {
		return gate
	}
	return decision{next: release.NextShift, sentence: silence(r) + sentence}
}

func promoteUnlessFrozen(r *release.Release, sentence string, now time.Time) decision {
	if gate, closed := gates(r, now); closed {
		return gate
	}
	return decision{next: release.NextPromote, sentence: silence(r) + sentence}
}

// silence says that nobody approved, where that lets a release go on.
func silence(r *release.Release) string {
	if r.Current().Approval != release.Required || r.Approved {
		return ""
	}
	return fmt.Sprintf("%s approved within %s, and the target's policy is to go on then: ", nobody(r), r.Target.Approvals.Expires)
}

// nobody is who has not approved.
func nobody(r *release.Release) string {
	if first, given := r.FirstApproval(); given {
		return "nobody but " + release.Person(first.Who)
	}
	return "nobody"
}

// awaited is what a release waits for, and why, where that is not plain.
func awaited(r *release.Release) (approval, why string) {
	first, given := r.FirstApproval()
	switch {
	case !r.TwoApprove():
		return "an approval", ""
	case given:
		return "a second approval", fmt.Sprintf(" (%s has approved, and of what was started by hand two people do)", release.Person(first.Who))
	}
	return "two approvals", " (it was started by hand, and nobody knows by whom)"
}

// gates are what keeps a good canary from going on: a freeze window, a hook that has not agreed, an approval that is still
// missing. A person is asked last: what a hook says may be worth knowing.
func gates(r *release.Release, now time.Time) (decision, bool) {
	if frozen, until := r.Target.Frozen(now); frozen && len(r.Overrides) == 0 {
		return decision{
			next: release.NextWait, wait: min(patience, max(time.Second, until.Sub(now))), paused: true,
			sentence: "frozen until " + release.When(until),
		}, true
	}
	if r.Phase == release.Baking && r.HooksPending(release.AfterStep) {
		return decision{hooks: release.AfterStep}, true
	}
	if r.Current().Approval != release.Required || r.Approved {
		return decision{}, false
	}
	if asked := r.AskedSince; !asked.IsZero() && now.Sub(asked) >= r.Target.Approvals.Expires.Std() {
		if r.Target.Approvals.OnExpiry == release.ExpiryPromote {
			return decision{}, false
		}
		return rollback(release.ReasonDeadline, fmt.Sprintf("%s approved within %s", nobody(r), r.Target.Approvals.Expires)), true
	}
	approval, why := awaited(r)
	return decision{
		next: release.NextWait, wait: patience, sentence: "waiting for " + approval + why + " " + expiry(r, now), paused: true, asks: true,
		call: fmt.Sprintf("%s waits for %s at %d %%", r.Target.Name, approval, r.Current().Weight),
	}, true
}

// expiry says until when an approval is waited for, and what happens then.
func expiry(r *release.Release, now time.Time) string {
	asked, then := r.AskedSince, "it is rolled back"
	if asked.IsZero() {
		asked = now
	}
	if r.Target.Approvals.OnExpiry == release.ExpiryPromote {
		then = "it goes on"
	}
	without := "one"
	if r.TwoApprove() {
		without = "both"
	}
	return fmt.Sprintf("until %s; without %s %s then", release.When(asked.Add(r.Target.Approvals.Expires.Std()).UTC()), without, then)
}

func rollback(reason release.Reason, sentence string) decision {
	return decision{next: release.NextRollback, reason: reason, sentence: sentence}
}

// sampled reports whether enough canary work was seen.
func sampled(j release.Judgement) bool {
	for _, check := range j.Checks {
		if check.Kind == release.CheckSample && check.Verdict != release.Pass {
			return false
		}
	}
	return true
}

func late(r *release.Release, now time.Time) bool { return !now.Before(r.Deadline(now)) }

// atDeadline rolls back: as held where nobody could tell, as too late otherwise.
func atDeadline(r *release.Release, j release.Judgement) decision {
	if j.Verdict == release.Pass {
		return rollback(release.ReasonDeadline, deadlineSentence(r))
	}
	return rollback(release.ReasonInconclusive, fmt.Sprintf("nobody could tell by the deadline of %s: %s", r.Target.Plan.Deadline, j.Sentence))
}

func deadlineSentence(r *release.Release) string {
	return fmt.Sprintf("the deadline of %s passed at step %d of %d, before the plan was through", r.Target.Plan.Deadline, r.Step+1, len(r.Steps))
}

func list(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are"
}
