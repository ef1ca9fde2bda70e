package targetfile

import (
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// The sizes of SSM parameters, in bytes.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const (
	StandardParameter = 4 << 10
	advancedParameter = 8 << 10
)

func checkSize(t release.Target, r report) {
	if data, err := Marshal(t); err == nil && len(data) > advancedParameter {
		r.Wrong(nil, "has %d bytes as JSON but must have at most %d (an SSM parameter holds no more); split the target or shorten its lists", len(data), advancedParameter)
	}
}

// startUp is what a step needs, roughly, until its units run.
const startUp = 5 * time.Minute

// Notes returns what is allowed in a target but worth knowing, a sentence each.
func Notes(t release.Target) []string {
	var notes []string
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	if data, err := Marshal(t); err == nil && len(data) > StandardParameter {
		note("the target has %d bytes as JSON; above %d it needs an advanced SSM parameter, which costs money", len(data), StandardParameter)
	}
	steps, err := t.Plan.Resolved()
	if err != nil {
		return notes
	}
	atOnce := len(steps) == 1 && steps[0].AtOnce()
	needed := release.Bake(steps) + time.Duration(len(steps))*startUp
	switch {
	case atOnce && len(t.Checks.Compare) > 0:
		note("the plan moves everything at once: checks.compare has nothing to compare; only alarms watch")
	case len(t.Checks.Compare) == 0:
		note("nothing compares the canary with what serves: a pass needs at least one alarm that had data throughout the bake")
	}
	if !atOnce && t.Plan.Deadline.Std() < needed {
		note("plan.deadline leaves %s beyond the bakes; a step needs some minutes to start, and more to be extended while nobody can tell",
			release.Duration(t.Plan.Deadline.Std()-release.Bake(steps)))
	}
	if t.Checks.Inconclusive == release.InconclusivePromote {
		note("checks.inconclusive is promote: a version of which nothing is known is promoted")
	}
	if t.Approvals.OnExpiry == release.ExpiryPromote {
		note("approvals.onExpiry is promote: silence counts as a yes")
	}
	if t.Plan.Settle == 0 {
		note("plan.settle is 0s: nobody watches after promotion")
	}
	return notes
}
