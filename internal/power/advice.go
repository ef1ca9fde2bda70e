package power

import (
	"fmt"
	"math"

	"github.com/serin-aws/serin/internal/release"
)

// Enough is the chance below which a plan is called out.
const Enough = .8

// Advice says what is wrong with a plan, and what would be right.
type Advice struct{ Problem, Change string }

func (a Advice) String() string { return a.Problem + "; " + a.Change }

// quick is how many releases a suggestion is tried with.
const quick = 150

func (p plan) advice(a Answer) []Advice {
	var all []Advice
	switch {
	case p.steps[0].AtOnce():
		return []Advice{{"the plan moves all work at once: there is no canary to compare", "give it a step below 100 %"}}
	case p.compares == 0:
		return []Advice{{"no failures are compared: alarms decide, and what they see cannot be told beforehand", "add a comparison of failures to checks.compare"}}
	}
	if len(a.Worse) == 0 {
		all = append(all, Advice{
			"nothing fails today, so how many times as often a version fails cannot be said",
			"ask with the rate that you would still accept, like 0.01 %",
		})
	} else if worst := a.Worse[len(a.Worse)-1]; worst.RolledBack < Enough {
		all = append(all, Advice{
			fmt.Sprintf("a version that fails %g times as often is caught in %s of releases only", worst.Ratio, Percent(worst.RolledBack)),
			p.change(a, func(c Chances) float64 { return c.RolledBack }, worst.Ratio, "catches it"),
		})
	}
	if a.Same.Promoted < Enough && p.policy != release.InconclusivePromote {
		all = append(all, Advice{
			fmt.Sprintf("a version that is no worse is promoted in %s of releases only", Percent(a.Same.Promoted)),
			p.change(a, func(c Chances) float64 { return c.Promoted }, 1, "promotes it"),
		})
	}
	return all
}

// change tries what can be changed of a plan: its patience first, then its weights, then both.
func (p plan) change(a Answer, chance func(Chances) float64, ratio float64, does string) string {
	try := func(q plan) (float64, bool) {
		part := chance(q.chances(a.Traffic, ratio, quick, a.Seed))
		return part, part >= Enough
	}
	for _, times := range []int{2, 4, 8} {
		if part, ok := try(p.patient(times)); ok {
			return fmt.Sprintf("maxBake: %s %s in %s", p.span(times), does, Percent(part))
		}
	}
	for _, times := range []int{1, 4} {
		q := p.patient(times)
		q.steps = append([]release.Step(nil), q.steps...)
		weight := release.Weight(50)
		q.steps[len(q.steps)-1].Weight = weight
		if part, ok := try(q); ok {
			text := fmt.Sprintf("a last step of %d %%", weight)
			if times > 1 {
				text += fmt.Sprintf(" and maxBake: %s", p.span(times))
			}
			return fmt.Sprintf("%s %s in %s", text, does, Percent(part))
		}
	}
	return "there are too few failures to compare: count finer ones, judge by alarms, or let checks.inconclusive promote what nobody can tell"
}

// patient returns the plan with a maxBake so many times as long, and with time for it.
func (p plan) patient(times int) plan {
	p.maxBake *= release.Duration(times)
	p.settings.Horizon *= times
	p.deadline = max(p.deadline, len(p.steps)*(inMinutes(p.maxBake)+moving)+1)
	return p
}

func (p plan) span(times int) release.Duration {
	return p.maxBake * release.Duration(times)
}

// Percent writes a part of releases as whole percent, and never rounds to all or none of them.
func Percent(part float64) string {
	percent := math.Round(100 * part)
	switch {
	case percent == 100 && part < 1:
		return "over 99 %"
	case percent == 0 && part > 0:
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", percent)
}

// Needs returns the least traffic, in units a second, at which a version that is no worse is promoted often Enough, the
// failure rate being given; to about a fifth. ok is false where no traffic is enough.
func Needs(t release.Target, failures float64, seed uint64) (perSecond float64, ok bool) {
	p, err := planOf(t)
	if err != nil || p.compares == 0 || p.steps[0].AtOnce() {
		return 0, false
	}
	enough := func(perSecond float64) bool {
		return p.chances(Traffic{perSecond, failures}, 1, 60, seed).Promoted >= Enough
	}
	low, high := 1e-3, 1e5
	if !enough(high) {
		return 0, false
	}
	for high/low > 1.2 {
		if middle := math.Sqrt(low * high); enough(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high, true
}
