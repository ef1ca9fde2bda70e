package targetfile

import (
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// What bounds one execution of the state machine. Step Functions ends an execution whose history reaches 25,000 events;
// serin stays below 20,000 in the worst case, which leaves room for retries of AWS's own.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const (
	historyBound = 20_000
	pollEvents   = 9                // of one Task, Choice and Wait: 5 + 2 + 2
	pollEvery    = time.Minute      // while baking and settling
	personEvery  = 5 * time.Minute  // while waiting for a person or the end of a freeze
	startEvery   = 15 * time.Second // while the units of a step start
	startSpan    = 30 * time.Minute // the longest that they may take to
	rollbackSpan = 7 * time.Hour    // the longest that bringing the baseline back is tried, and some
	timeout      = 14 * 24 * time.Hour
	reserve      = 4_000 // promotion and rollback, a look every 15 s for an hour in all, and retries
)

// Worst is the longest and the most that one release can take.
type Worst struct {
	Turn      time.Duration // for its turn, before it is opened: looks that become rarer
	Judged    time.Duration // baking, extended to the deadline, and settling: a look a minute
	Approvals time.Duration // for people: a look every five minutes
	Frozen    time.Duration // for the ends of freeze windows: a look every five minutes
	Events    int           // of the state machine's history
}

// WorstCase returns the worst case of a valid target's plan:
//
//	events = 9 * (judged / 1 min + starts / 15 s + (approvals + frozen) / 5 min + looks + hooks) + 4000
//
// where starts are 30 minutes a step, at most the deadline, looks those of an execution that waits for its turn, and
// hooks six for each hook at each stage. What hooks take after promotion counts as judged.
func WorstCase(t release.Target) Worst {
	steps, err := t.Plan.Resolved()
	if err != nil {
		return Worst{}
	}
	return worstCase(t, steps, t.Plan.Settle, calendarOf(t.Freeze))
}

func worstCase(t release.Target, steps []release.Step, settle release.Duration, freeze calendar) Worst {
	w := Worst{Judged: t.Plan.Deadline.Std() + settle.Std() + slowest(t.Hooks, release.AfterPromotion)}
	for _, step := range steps {
		if step.Approval == release.Required {
			w.Approvals += t.Approvals.Expires.Std()
		}
	}
	w.Frozen = freeze.held(w.Judged + w.Approvals)
	starts := min(t.Plan.Deadline.Std(), time.Duration(len(steps))*startSpan)
	looks := 0
	if t.Concurrency != release.Reject || t.Emergency != nil || t.Source.Required() != nil {
		w.Turn, looks = release.LongestWait, release.WaitLooks()
	}
	w.Events = pollEvents*(looks+polls(w.Judged, pollEvery)+polls(starts, startEvery)+polls(w.Approvals+w.Frozen, personEvery)+hookPolls(t.Hooks, len(steps))) + reserve
	return w
}

// slowest is how long the hooks of a stage may take: they are asked side by side.
func slowest(hooks []release.Hook, stage release.HookStage) time.Duration {
	var longest time.Duration
	for _, hook := range hooks {
		if hook.At(stage) {
			longest = max(longest, hook.Timeout.Std())
		}
	}
	return longest
}

// hookPolls counts the calls beyond one a minute: a first one of each hook at each stage, and in the first five minutes
// one every 30 seconds.
func hookPolls(hooks []release.Hook, steps int) int {
	n := 0
	for _, hook := range hooks {
		for _, stage := range hook.Stages {
			if stage == release.AfterStep {
				n += 6 * steps
			} else {
				n += 6
			}
		}
	}
	return n
}

func polls(span, every time.Duration) int { return int((span + every - 1) / every) }

// whole is how long one execution can take.
func (w Worst) whole() time.Duration {
	return w.Turn + w.Judged + w.Approvals + w.Frozen + rollbackSpan
}

// checkLimits reports a plan that could fill the history, or outlast the 14 days after which the state machine stops.
func checkLimits(t release.Target, steps []release.Step, settle release.Duration, settleAt yamlfile.Path, freeze calendar, r report) bool {
	w := worstCase(t, steps, settle, freeze)
	switch {
	case w.whole() >= timeout:
		r.Wrong(w.culprit(t, settle, settleAt), "must be shorter: one execution can take %s, and the state machine stops after %s "+
			"(%s until its turn comes, %s until it is settled, %s of waits for approvals and %s for freezes, %s to roll back)",
			release.Duration(w.whole()), release.Duration(timeout), release.Duration(w.Turn), release.Duration(w.Judged),
			release.Duration(w.Approvals), release.Duration(w.Frozen), release.Duration(rollbackSpan))
		return false
	case w.Events < historyBound:
		return true
	}
	r.Wrong(w.culprit(t, settle, settleAt), "must be shorter: one release can make %d history events but the state machine has room for less than %d "+
		"(deadline %s and settle %s make 9 a minute, the starts of %d steps up to 1080 each; %s of waits for approvals and %s for freezes make 9 every five minutes; up to %s of waiting for its turn makes %d; 4000 are in reserve)",
		w.Events, historyBound, t.Plan.Deadline, settle, len(steps), release.Duration(w.Approvals), release.Duration(w.Frozen),
		release.Duration(w.Turn), pollEvents*release.WaitLooks())
	return false
}

// culprit is what takes most of the history, and so is best made shorter.
func (w Worst) culprit(t release.Target, settle release.Duration, settleAt yamlfile.Path) yamlfile.Path {
	costs := []struct {
		polls int
		path  yamlfile.Path
	}{
		{polls(t.Plan.Deadline.Std(), pollEvery), at("plan", "deadline")},
		{polls(settle.Std(), pollEvery), settleAt},
		{polls(w.Approvals, personEvery), at("approvals", "expires")},
		{polls(w.Frozen, personEvery), at("freeze")},
	}
	worst := costs[0]
	for _, cost := range costs[1:] {
		if cost.polls > worst.polls {
			worst = cost
		}
	}
	return worst.path
}
