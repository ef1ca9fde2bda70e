package power

import (
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// plan is what of a target decides about power.
type plan struct {
	steps    []release.Step
	maxBake  release.Duration
	deadline int // minutes
	policy   release.InconclusivePolicy
	settings judge.Settings
	compares int // comparisons of failures
}

func planOf(t release.Target) (plan, error) {
	steps, err := t.Plan.Resolved()
	if err != nil {
		return plan{}, err
	}
	p := plan{steps: steps, maxBake: t.Plan.MaxBake, deadline: inMinutes(t.Plan.Deadline), policy: t.Checks.Inconclusive}
	p.settings = judge.Settings{MinimumSample: max(1, t.Checks.MinimumSample)}
	for _, step := range steps {
		p.settings.Horizon += p.longest(step)
	}
	p.settings.Horizon = max(1, p.settings.Horizon)
	for _, c := range t.Checks.Compare {
		if c.Kind() != release.CompareFailures || c.VetoOnly {
			continue
		}
		if p.compares++; p.compares == 1 {
			p.settings.Margin, p.settings.WarmUp = c.Margin, inMinutes(c.WarmUp)
		}
	}
	if p.compares > 0 { // each comparison, and the share of the work, has its part of the accepted chance
		part := 1 - judge.ShareWeight
		p.settings.Alpha = t.Checks.FalseRollback * part / float64(len(t.Checks.Compare))
	}
	return p, nil
}

// longest returns how many minutes a step may bake, its extensions included.
func (p plan) longest(step release.Step) int {
	return inMinutes(release.Plan{MaxBake: p.maxBake}.Longest(step))
}

func inMinutes(d release.Duration) int { return int(d.Std() / time.Minute) }

const (
	unseen = 3 // minutes that a look does not know yet: two until CloudWatch has them, one that is not whole
	moving = 1 // minutes that a change of weight takes
)

type outcome int

const (
	late       outcome = iota // the deadline passed
	rolledBack                // by the judge, or by the policy for what cannot be told
	promoted
	held
	outcomes int = iota
)

// ending is what came of one release.
type ending struct {
	outcome       outcome
	minutes       int   // from the canary's start
	units, failed int64 // of the canary
}

// course is one release on its way.
type course struct {
	plan
	traffic Traffic
	ratio   float64
	random  *rand.Rand
	process *judge.Process
	waiting []judge.Minute // that no look has seen yet
	ending
}

// release draws one release and decides as check-alarms does, at a look a minute.
func (p plan) release(traffic Traffic, ratio float64, random *rand.Rand) ending {
	process, err := judge.NewProcess(p.settings)
	if err != nil {
		panic(err) // the settings of a valid target
	}
	c := course{plan: p, traffic: traffic, ratio: ratio, random: random, process: process}
	step, since := 0, 0
	for c.minutes < p.deadline {
		if p.steps[step].AtOnce() {
			return c.end(promoted)
		}
		c.minute(p.steps[step])
		baked := c.minutes - since
		switch verdict := process.Verdict(); {
		case verdict == release.Fail:
			return c.end(rolledBack)
		case baked < inMinutes(p.steps[step].Bake):
		case step == len(p.steps)-1 && verdict == release.Pass:
			return c.end(promoted)
		case step < len(p.steps)-1 && c.rises(verdict, p.steps[step+1]):
			step++
			since = c.minutes + moving
		case baked >= p.longest(p.steps[step]):
			if done, outcome := c.inconclusive(verdict); done || step == len(p.steps)-1 {
				return c.end(outcome)
			}
			step++
			since = c.minutes + moving
		}
	}
	return c.end(late)
}

func (c *course) end(o outcome) ending {
	c.outcome = o
	return c.ending
}

// inconclusive says what the policy makes of a bake that cannot be told within maxBake; done is false where the release
// goes on.
func (c *course) inconclusive(verdict release.Verdict) (done bool, o outcome) {
	switch {
	case c.policy == release.InconclusiveRollback:
		return true, rolledBack
	case c.policy == release.InconclusivePromote && verdict == release.Inconclusive:
		return false, promoted
	}
	return true, held
}

// rises reports whether the next step is taken: on enough units, or on a pass where that step is all of the work.
func (c *course) rises(verdict release.Verdict, next release.Step) bool {
	canary, _ := c.process.Arms()
	return verdict == release.Pass || next.SideBySide() && canary.Units >= c.settings.MinimumSample
}

// minute draws one minute, and shows the judge what a look then knows. What does all of the work is compared with what
// served before.
func (c *course) minute(step release.Step) {
	c.minutes++
	units := 60 * c.traffic.PerSecond
	share := float64(step.Weight) / 100
	rest := 1 - share
	if !step.SideBySide() {
		rest = 1
	}
	m := judge.Minute{
		Start:    time.Unix(int64(60*c.minutes), 0),
		Canary:   c.arm(units*share, c.traffic.Failures*c.ratio),
		Baseline: c.arm(units*rest, c.traffic.Failures),
		Former:   !step.SideBySide(),
	}
	c.units += m.Canary.Units
	c.failed += m.Canary.Failed
	c.waiting = append(c.waiting, m)
	if len(c.waiting) <= unseen {
		return
	}
	if err := c.process.Add(c.waiting[0]); err != nil {
		panic(err) // drawn in order, and possible
	}
	c.waiting = c.waiting[1:]
}

func (c *course) arm(units, rate float64) release.Arm {
	n := int64(distuv.Poisson{Lambda: units, Src: c.random}.Rand())
	if n == 0 || rate <= 0 {
		return release.Arm{Units: n}
	}
	return release.Arm{Units: n, Failed: int64(distuv.Binomial{N: float64(n), P: min(rate, 1), Src: c.random}.Rand())}
}
