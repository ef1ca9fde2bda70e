// Package invariant holds what must be true at the end of every release, whatever went wrong on the way. It judges
// what the rehearsal saw of the world and what the ledger says, and shares no code with what it judges.
package invariant

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Ending is everything that is known at the end of a release.
type Ending struct {
	Skew     time.Duration // how far the clocks of functions may be off
	Foreign  bool          // somebody else has changed the workload meanwhile
	Deleted  []Deletion    // what somebody else has deleted of it
	Worked   bool          // things went wrong for a while only, so nothing justifies giving up
	Settled  []Arm         // the services when promotion was called complete; nil where it was not
	Releases int           // that were opened in the account
	Tries    int           // executions, recoveries included
	Ended    bool          // the execution, and any recovery, came to an end
	Took     time.Duration // from the trigger to the end
	Bound    time.Duration // how long it may take
	Outcome  release.Outcome
	Release  *release.Release // nil where none was opened
	Events   []release.Event
	Before   []Arm  // the services before the trigger
	After    []Arm  // and at the end
	Fresh    string // the new version, as the arms name it

	Holders map[release.Resource]release.ID // who holds a lock at the end
	Alarmed bool                            // the metric of the Dirty alarm was raised

	LeftOver  []string // what serin made for this release, exists, and nobody uses or keeps
	Mutations []Mutation
	Short     []string // when a change took the primary below the least that it may scale to
	Stale     []string // what executions wrote into the ledger that had lost the release before
}

// Deletion is a part of the workload that somebody deleted.
type Deletion struct {
	What   string // the part, by the name that a person is told
	At     time.Time
	Before bool // what served before needs it
	After  bool // the new version needs it
}

// Arm is one service.
type Arm struct {
	Service  string
	Primary  bool
	Desired  int
	Min, Max int            // the scaling bounds; both zero where it is not scaled
	Running  map[string]int // tasks by the digests of all their containers
	App      map[string]int // tasks by the digest of the released container
}

// Mutation is a call that changed the workload, or may have.
type Mutation struct {
	At      time.Time // when its effect took place
	Action  string
	Release release.ID // that it was made for; "" where there is none

	Alone     bool // no other invocation's lease, older than the caller's, was still running
	Held      bool // the release held all its locks
	Owned     bool // the caller's execution owned the release when it was invoked, or took it over then
	Announced bool // the ledger held the baseline and the caller's lease when the effect took place
}

// Violation is a broken invariant.
type Violation struct {
	Number int // 1 to 7, as in the design
	Text   string
}

// String returns "invariant 4: ...".
func (v Violation) String() string { return fmt.Sprintf("invariant %d: %s", v.Number, v.Text) }

// Count is how many invariants there are.
const Count = 7

// Check returns what is broken.
func Check(e Ending) []Violation {
	var broken []Violation
	for i, holds := range []func(Ending) []string{oneVersion, honestPromotion, nothingLeft, lockFree, durableBaseline, noLateEffect, ends} {
		for _, text := range holds(e) {
			broken = append(broken, Violation{Number: i + 1, Text: text})
		}
	}
	return broken
}

// oneVersion: at the end all work is on exactly one version, the new one if Released, the recorded one otherwise, and on
// the way the primary is never told to run less than it may scale down to.
func oneVersion(e Ending) []string {
	if len(e.Short) > 0 {
		return e.Short[:1]
	}
	if text := wholeEnd(e); text != "" {
		return []string{text}
	}
	if e.GivenUp() || !e.Ended || e.Foreign || len(e.Deleted) > 0 { // what somebody else deployed stays
		return nil
	}
	var broken []string
	for i, arm := range e.After {
		before := e.Before[i]
		if e.Outcome == release.OutcomeReleased {
			for digest, tasks := range arm.App {
				if digest != e.Fresh {
					broken = append(broken, fmt.Sprintf("released %s, but %d tasks of %s run %s", release.Digest(e.Fresh).Short(), tasks, arm.Service, release.Digest(digest).Short()))
				}
			}
		} else if !slices.Equal(sorted(arm.Running), sorted(before.Running)) && tasks(before.Running) > 0 {
			broken = append(broken, fmt.Sprintf("%s ended %s, but it runs %v and ran %v before", arm.Service, e.Outcome, sorted(arm.Running), sorted(before.Running)))
		}
		if fromNothing := e.Release != nil && e.Release.Request.First && before.Desired == 0; fromNothing && e.Outcome == release.OutcomeReleased {
			continue // a first release starts what did not run before
		}
		broken = append(broken, counts(arm, before)...)
	}
	return broken
}

// counts: a scaled service is within the bounds it had, any other has the count it had.
func counts(arm, before Arm) []string {
	switch {
	case arm.Min != before.Min || arm.Max != before.Max:
		return []string{fmt.Sprintf("%s may scale from %d to %d; before it was %d to %d", arm.Service, arm.Min, arm.Max, before.Min, before.Max)}
	case arm.Max > 0 && (arm.Desired < min(arm.Min, before.Desired) || arm.Desired > max(arm.Max, before.Desired)):
		return []string{fmt.Sprintf("%s wants %d tasks, outside its bounds of %d to %d", arm.Service, arm.Desired, arm.Min, arm.Max)}
	case arm.Max == 0 && arm.Desired != before.Desired:
		return []string{fmt.Sprintf("%s wants %d tasks and wanted %d before", arm.Service, arm.Desired, before.Desired)}
	}
	return nil
}

// honestPromotion: no promotion on fail, inconclusive (unless the policy says so) or no data.
func honestPromotion(e Ending) []string {
	for _, arm := range e.Settled {
		for digest, tasks := range arm.App {
			if digest != e.Fresh && !e.Foreign && len(e.Deleted) == 0 {
				return []string{fmt.Sprintf("promotion was called complete with %d tasks of %s on %s", tasks, arm.Service, release.Digest(digest).Short())}
			}
		}
	}
	if e.Release == nil || e.Release.Steps[0].AtOnce() {
		return nil
	}
	allowed := []release.Verdict{release.Pass}
	if e.Release.Target.Checks.Inconclusive == release.InconclusivePromote {
		allowed = append(allowed, release.Inconclusive)
	}
	var last release.Event // look
	for _, event := range e.Events {
		if event.Kind == release.EventLook && !e.Release.Steps[event.Step].AtOnce() { // that step is decided on before it
			last = event
		}
		if event.Kind != release.EventDecision || decided(event) != release.NextPromote {
			continue
		}
		if verdict := lookVerdict(last); !slices.Contains(allowed, verdict) && !ordered(e.Release, verdict) {
			return []string{fmt.Sprintf("promoted on the verdict %s", verdict)}
		}
	}
	return nil
}

// ordered reports whether a person took the promotion on themselves. A failure nobody can.
func ordered(r *release.Release, verdict release.Verdict) bool {
	order, ok := r.OrderedOn()
	return ok && (verdict == release.Inconclusive || verdict == release.NoData && order.NoData)
}

// GivenUp reports whether a release was given up: by serin, which leaves it to a person, and then perhaps by the person, too.
func (e Ending) GivenUp() bool {
	return e.Outcome == release.OutcomeDirty || e.Outcome == release.OutcomeAbandoned
}

// nothingLeft: nothing that serin made is left over, or the release says so.
func nothingLeft(e Ending) []string {
	if len(e.LeftOver) == 0 || e.Release == nil || e.Release.CleanupPending != "" || !e.Release.Phase.Final() || e.GivenUp() {
		return nil
	}
	return []string{fmt.Sprintf("left over: %v", e.LeftOver)}
}

// lockFree: the lock is free unless the release is dirty, and dirty has raised its alarm.
func lockFree(e Ending) []string {
	switch {
	case e.GivenUp() && !e.Alarmed:
		return []string{"dirty, and the alarm was not raised"}
	case e.Outcome == release.OutcomeDirty || e.Release == nil || !e.Ended:
		return nil
	case e.Release.CleanupPending != "" && e.Release.Cleanups > 0 && !e.Worked: // what cleans up is stopped with the locks in its hands, and replaced
		return nil
	}
	var broken []string
	for resource, holder := range e.Holders {
		if holder == e.Release.ID {
			broken = append(broken, fmt.Sprintf("over, and still holds %s", resource))
		}
	}
	slices.Sort(broken)
	return broken
}

// durableBaseline: every mutation came after the baseline was durable, and the ledger tells the whole story.
func durableBaseline(e Ending) []string {
	if e.Release == nil {
		if len(e.Mutations) > 0 {
			return []string{fmt.Sprintf("no release was opened, and %s was called", e.Mutations[0].Action)}
		}
		return nil
	}
	var broken []string
	for _, m := range e.Mutations {
		if !m.Announced {
			broken = append(broken, fmt.Sprintf("%s at %s without a lease in the ledger", m.Action, m.At.Format(time.TimeOnly)))
		}
		if m.At.Before(e.Release.Opened.Add(-e.Skew)) {
			broken = append(broken, fmt.Sprintf("%s at %s, before the baseline was recorded", m.Action, m.At.Format(time.TimeOnly)))
		}
	}
	if seq, ok := release.VerifyChain(e.Events, e.Release.Hash); !ok {
		broken = append(broken, fmt.Sprintf("the story does not hold together at event %d", seq))
	}
	if n := len(e.Events); n == 0 || e.Events[0].Kind != release.EventOpened || e.Release.Phase.Final() && !finished(e.Events) {
		broken = append(broken, "the story lacks its beginning or its end")
	}
	return broken
}

// finished reports whether a story comes to an end; after it only a cleanup is told of.
func finished(events []release.Event) bool {
	for _, event := range slices.Backward(events) {
		if event.Kind != release.EventProgress {
			return event.Kind == release.EventFinished
		}
	}
	return false
}

// noLateEffect: a release has one owner, who changes the workload alone, and no effect of it lands after its lock passed on.
func noLateEffect(e Ending) []string {
	if len(e.Stale) > 0 {
		return []string{"an execution that had lost the release went on: " + e.Stale[0]}
	}
	for _, m := range e.Mutations {
		if !m.Owned {
			return []string{fmt.Sprintf("%s at %s by an execution that did not own the release", m.Action, m.At.Format(time.TimeOnly))}
		}
		if !m.Alone {
			return []string{fmt.Sprintf("%s at %s, while another invocation held a lease", m.Action, m.At.Format(time.TimeOnly))}
		}
		if !m.Held {
			return []string{fmt.Sprintf("%s took effect at %s, when the release did not hold the lock", m.Action, m.At.Format(time.TimeOnly))}
		}
	}
	return nil
}

// ends: every release comes to an end within its deadline plus a stated bound.
func ends(e Ending) []string {
	switch {
	case !e.Ended:
		return []string{fmt.Sprintf("did not end within %s", e.Bound)}
	case e.Worked && e.Outcome == release.OutcomeDirty && !tells(e):
		return []string{fmt.Sprintf("given up as dirty, and nobody is told what was deleted: %v", e.Deleted)}
	case e.Worked && e.Outcome == release.OutcomeDirty && !slices.ContainsFunc(e.Deleted, before):
		return []string{"given up as dirty, though everything worked again long before the rollback's time was over"}
	case e.Tries > 1+mostRecoveries:
		return []string{fmt.Sprintf("%d executions: a recovery of a recovery without end", e.Tries)}
	case e.Took > e.Bound:
		return []string{fmt.Sprintf("ended after %s; the bound is %s", e.Took, e.Bound)}
	case e.Release != nil && !e.Release.Phase.Final() && e.Outcome != release.OutcomeDirty:
		return []string{fmt.Sprintf("the execution ended and the release is %s", e.Release.Phase)}
	}
	return nil
}

// mostRecoveries is how often a release is taken over at most.
const mostRecoveries = 5

func sorted(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

func tasks(m map[string]int) int {
	n := 0
	for _, count := range m {
		n += count
	}
	return n
}
