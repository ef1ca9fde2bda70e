package targetfile

import (
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

func checkPlans(t release.Target, r report) {
	steps, err := t.Plan.Resolved()
	if err != nil || len(steps) == 0 { // reported by the table
		return
	}
	where := at("plan", "steps")
	if t.Plan.Preset == "" {
		checkSteps(t, steps, where, r)
	} else if where = at("plan", "preset"); steps[0].Bake > t.Plan.MaxBake { // a preset's bakes are all the same
		r.Wrong(at("plan", "maxBake"), "is %s but must not be shorter than the bakes of %s (%s)", t.Plan.MaxBake, t.Plan.Preset, steps[0].Bake)
	}
	freeze := calendarOf(t.Freeze)
	if freeze.full() {
		r.Wrong(at("freeze"), "leaves no half hour of the week free but must leave one in which a release can start")
		return
	}
	checkDeadline(t, steps, where, r)
	fits := checkLimits(t, steps, t.Plan.Settle, at("plan", "settle"), freeze, r)
	if t.Emergency != nil && len(t.Emergency.Steps) > 0 {
		where := at("emergency", "steps")
		checkSteps(t, t.Emergency.Steps, where, r)
		checkDeadline(t, t.Emergency.Steps, where, r)
		if fits { // otherwise it would be said twice
			checkLimits(t, t.Emergency.Steps, t.Emergency.Settle, at("emergency", "settle"), freeze, r)
		}
	}
}

func checkSteps(t release.Target, steps []release.Step, where yamlfile.Path, r report) {
	maxBake := t.Plan.MaxBake
	for i, step := range steps {
		weight, bake := append(where[:2:2], i, "weight"), append(where[:2:2], i, "bake")
		if i > 0 && step.Weight <= steps[i-1].Weight {
			r.Wrong(weight, "is %d but must rise above the step before it (%d)", step.Weight, steps[i-1].Weight)
		}
		if step.Weight == 100 && i < len(steps)-1 {
			r.Wrong(weight, "is 100 but must be less in every step but the last (100 promotes, and nothing comes after)")
		}
		switch {
		case step.Weight == 100 && step.Bake != 0 && !t.Platform.KeepsBoth() && t.Platform != "":
			r.Wrong(bake, "is %s but must be left out at weight 100 on %s (it promotes at once; plan.settle watches what follows)", step.Bake, t.Platform)
		case step.Weight == 100 && step.Bake.Std() > release.LongestFullBake:
			r.Wrong(bake, "is %s but must be at most %s at weight 100 (scaling would begin to take the idle tasks of the old version away)", step.Bake, release.Duration(release.LongestFullBake))
		case step.Weight != 100 && step.Bake == 0:
			r.Wrong(bake, "is missing or 0s but must say how long the step is watched at least, like 10m")
		case step.Bake > maxBake:
			r.Wrong(bake, "is %s but must not be longer than plan.maxBake (%s), up to which a step may be extended", step.Bake, maxBake)
		}
	}
}

func checkDeadline(t release.Target, steps []release.Step, where yamlfile.Path, r report) {
	if bakes := release.Bake(steps); t.Plan.Deadline.Std() <= bakes {
		r.Wrong(at("plan", "deadline"), "is %s but must be longer than all bakes of %s together (%s)", t.Plan.Deadline, where, release.Duration(bakes))
	}
}

// The bounds of single times: what is longer is a slip of the pen.
const (
	longestExpiry = 7 * 24 * time.Hour
	longestWindow = 30 * 24 * time.Hour
)

func checkTimes(t release.Target, r report) {
	if t.Approvals.Expires == 0 {
		r.Wrong(at("approvals", "expires"), "is 0s but must leave a person time to answer, like 4h")
	}
	if t.Approvals.Expires.Std() > longestExpiry {
		r.Wrong(at("approvals", "expires"), "is %s but must be at most %s", t.Approvals.Expires, release.Duration(longestExpiry))
	}
	if t.RollbackWindow.Std() > longestWindow {
		r.Wrong(at("rollbackWindow"), "is %s but must be at most %s", t.RollbackWindow, release.Duration(longestWindow))
	}
}
