package judge

import (
	"math"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// ShareWeight is the part of FalseRollback that is spent on the check of the share, where there is one.
const ShareWeight = .02

// The share check is generous: workers take work in lumps, and a task that is starting or finishing counts for less.
const (
	shareMargin = 2.              // times more or less work a task than explained that does not matter
	shareLump   = 10.             // SQS gives up to 10 messages at once: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
	shareSettle = 2 * time.Minute // after the number of tasks changed, nothing is expected yet
)

// share tests whether the canary does far less or far more of the work than its tasks explain: hidden crashes, a
// worker that takes messages and drops them, a poller that starves the other version. Given that d units were done in a
// minute, the canary's are binomial with its share of the running task-minutes, times a rate ratio a task; the two
// hypotheses "at most twice" and "at least half" are each tested by the process that onset describes, and the two
// e-values averaged.
type share struct {
	lane[Minute]
	tasks []release.TaskShare

	more, less onset
	scatter    dispersion
	canary     int64 // units done by the canary
	all        int64
	expected   float64 // the canary's, if its tasks did as much as the others
}

func newShare(minutes []Minute, tasks []release.TaskShare, s Settings) *share {
	w := &share{
		tasks:   tasks,
		more:    newOnset(shareMargin, s.Alpha, s.Horizon, &rateBets),
		less:    newOnset(shareMargin, s.Alpha, s.Horizon, &rateBets),
		scatter: dispersion{least: shareLump},
	}
	w.lane = lane[Minute]{minutes: minutes, start: func(m Minute) time.Time { return m.Start }, add: w.count}
	return w
}

func (s *share) count(m Minute) error {
	part, ok := explained(s.tasks, m.Start)
	if all := m.Canary.Units + m.Baseline.Units; ok && all > 0 {
		s.compare(float64(m.Canary.Units), float64(all), part)
		s.canary += m.Canary.Units
		s.all += all
		s.expected += part * float64(all)
	}
	return nil
}

func (s *share) compare(x, d, part float64) {
	up := step{x: x, d: d, pi: part}
	up.phi = s.scatter.phi(up)
	s.more.add(up)
	s.less.add(step{x: d - x, d: d, pi: 1 - part, phi: up.phi})
	s.scatter.add(up, 1)
}

// LogE returns the logarithm of the average of the two e-values.
func (s *share) LogE() float64 { return logAddExp(s.more.capped, s.less.capped) - math.Ln2 }

func (s *share) catastrophe() bool { return false }

// explained returns the part of the work that the canary's running tasks explain in the minute that starts at that
// time; none while the number of tasks changes, or where only one version runs.
func explained(tasks []release.TaskShare, at time.Time) (part float64, ok bool) {
	i := slices.IndexFunc(tasks, func(t release.TaskShare) bool { return t.At.After(at.Add(-shareSettle)) })
	if i < 0 {
		i = len(tasks)
	}
	if i == 0 || i < len(tasks) && tasks[i].At.Before(at.Add(time.Minute)) {
		return 0, false
	}
	t := tasks[i-1]
	if t.Canary <= 0 || t.Primary <= 0 {
		return 0, false
	}
	return float64(t.Canary) / float64(t.Canary+t.Primary), true
}

// check returns what is to be told about the share of the work.
func (s *share) check(failed bool, threshold float64, words words) release.Check {
	check := release.Check{
		Kind: release.CheckShare, Name: "share of the work", Verdict: release.Pass,
		Canary: release.Arm{Units: s.canary}, Baseline: release.Arm{Units: s.all - s.canary},
		EValue: bounded(s.LogE()), Threshold: threshold,
	}
	switch {
	case failed:
		check.Verdict = release.Fail
	case s.all == 0:
		check.Verdict = release.NoData
	}
	check.Sentence = words.share(s, check.Verdict)
	return check
}
