package story

import (
	"fmt"
	"time"
)

// RateRule is an alarm on a failure rate, as people set it on a dashboard: it fires when the rate was above a share in some
// minutes out of as many.
type RateRule struct {
	Above       float64 // 0 to 1
	Minutes, Of int
}

// String writes the rule as people say it: "failure rate > 2 %, 2 of 3 minutes".
func (r RateRule) String() string {
	return fmt.Sprintf("failure rate > %s, %d of %d minutes", Percent(r.Above), r.Minutes, r.Of)
}

// RateRun is what came of one run that nothing judged but such an alarm.
type RateRun struct {
	Fired    bool
	After    time.Duration // with Fired: from the onset to the alarm
	Failures int64         // with Fired: of the new version, until it was gone
}

// RateAlarm is what such an alarm alone comes to, for comparison. Medians are of the runs in which it fired; null where
// it never did.
type RateAlarm struct {
	Rule      string    `json:"rule"`
	Runs      int       `json:"runs"`
	Fired     int       `json:"fired"`
	Detection Detection `json:"detection"`
	Failures  *float64  `json:"medianFailures"`
}

// Tell returns what runs under the rule come to.
func (r RateRule) Tell(runs []RateRun) RateAlarm {
	told := RateAlarm{Rule: r.String(), Runs: len(runs)}
	var after, failures []float64
	for _, run := range runs {
		if run.Fired {
			after = append(after, run.After.Seconds())
			failures = append(failures, float64(run.Failures))
		}
	}
	if told.Fired = len(after); told.Fired > 0 {
		told.Detection = detection(after)
		told.Failures = new(Quantile(failures, 0.5))
	}
	return told
}
