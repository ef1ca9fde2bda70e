package observe

import (
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// settling is how long after the number of workers changed nothing is compared: those that start are not at work yet,
// and nobody knows to the second when they came.
const settling = 2 * time.Minute

// throughput asks for the units of work that both arms did, and compares them for each worker-minute.
func (a *ask) throughput(of release.Compared, shares []release.TaskShare) func(*ask, *judge.Comparison) error {
	canary, baseline := a.want(perMinute(of.Canary.Units), "Sum"), a.want(perMinute(of.Baseline.Units), "Sum")
	return func(a *ask, c *judge.Comparison) error {
		if c.Problem = a.incomplete(canary, baseline); c.Problem != "" {
			return nil
		}
		did, err := a.counts(canary, a.window)
		if err != nil {
			return err
		}
		others, err := a.counts(baseline, a.window)
		if err != nil {
			return err
		}
		c.Throughput = []judge.WorkMinute{} // not nil: it is this that is compared
		for i := range did {
			start := a.window.Since.Add(time.Duration(i) * time.Minute)
			if w, ok := workers(shares, start); ok && did[i]+others[i] > 0 {
				c.Throughput = append(c.Throughput, judge.WorkMinute{
					Start:    start,
					Canary:   judge.Work{Units: did[i], Workers: float64(w.Canary)},
					Baseline: judge.Work{Units: others[i], Workers: float64(w.Primary)},
				})
			}
		}
		return nil
	}
}

// workers returns who worked all through the minute that starts at that time; ok is false where that changed in it or
// shortly before, or where only one version worked.
func workers(shares []release.TaskShare, start time.Time) (who release.TaskShare, ok bool) {
	end := start.Add(time.Minute)
	for _, s := range shares {
		switch {
		case !s.At.Before(end):
			return who, ok
		case s.At.After(start.Add(-settling)):
			who, ok = s, false
		default:
			who, ok = s, s.Canary > 0 && s.Primary > 0
		}
	}
	return who, ok
}
