package observe

import (
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// AlarmState is what an alarm is now.
type AlarmState struct {
	Name   string
	State  judge.State
	Since  time.Time // of the last transition; zero where CloudWatch does not say
	Reason string    // CloudWatch's own words
}

// horizon returns the plan's longest bakes in minutes, as it is fixed at a release's start: the judge expects a change
// within them.
func horizon(r *release.Release) int {
	var sum time.Duration
	for _, step := range r.Steps {
		sum += r.Target.Plan.Longest(step).Std()
	}
	return max(1, int(sum/time.Minute))
}
