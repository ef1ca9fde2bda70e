package invariant

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// longestLook is how long ago the last look may lie when a release is called over: within one invocation of a function,
// of an answer that is a little old, by a clock that is a little off.
const longestLook = 90 * time.Second

// wholeEnd: what is called Released or RolledBack is there. A release whose workload somebody has deleted ends Dirty. What
// somebody else made of the workload beside is not asked.
func wholeEnd(e Ending) string {
	if e.Release == nil || e.Foreign || e.GivenUp() || !e.Release.Phase.Final() {
		return ""
	}
	i := slices.IndexFunc(e.Events, func(event release.Event) bool {
		return event.Kind == release.EventPhase && event.Phase == release.Cleaning
	})
	if i < 0 {
		return ""
	}
	for _, d := range e.Deleted {
		needed := d.Before
		if e.Outcome == release.OutcomeReleased {
			needed = d.After
		}
		if needed && (d.At.Before(e.Events[i].At.Add(-longestLook)) || decidedOn(e, d)) {
			return fmt.Sprintf("ended %s, though somebody had deleted %s at %s", e.Outcome, d.What, d.At.Format(time.TimeOnly))
		}
	}
	return ""
}

// decidedOn reports whether the release was given up because of what was deleted: then it is known to be missing.
func decidedOn(e Ending, d Deletion) bool {
	return slices.ContainsFunc(e.Events, func(event release.Event) bool {
		return event.Kind == release.EventDecision && decided(event) == release.NextRollback && !event.At.Before(d.At.Add(-e.Skew)) && d.namedIn(event.Text)
	})
}

// namedIn reports whether a text names what was deleted. Stack orders-canary is not stack orders.
func (d Deletion) namedIn(text string) bool {
	return regexp.MustCompile(regexp.QuoteMeta(d.What) + `([^\w-]|$)`).MatchString(text)
}

// before reports whether what served before needs what was deleted.
func before(d Deletion) bool { return d.Before }

// tells reports whether the story of a release that was given up names what was deleted, where something was.
func tells(e Ending) bool {
	needed := slices.DeleteFunc(slices.Clone(e.Deleted), func(d Deletion) bool { return !d.Before })
	if len(needed) == 0 || e.Release == nil {
		return true
	}
	return slices.ContainsFunc(needed, func(d Deletion) bool {
		return slices.ContainsFunc(e.Events, func(event release.Event) bool {
			return event.Kind == release.EventFinished && d.namedIn(event.Text)
		})
	})
}
