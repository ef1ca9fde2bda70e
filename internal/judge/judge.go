package judge

import (
	"fmt"
	"slices"

	"github.com/serin-aws/serin/internal/release"
)

// Judge folds all evidence into one verdict, with every check behind it and a sentence for a person.
//
//   - A fail of any check fails: an alarm that went to ALARM since the canary's start, a comparison, a share of the
//     work that the canary's tasks do not explain.
//   - Otherwise the worst of the comparisons and of the sample counts, unknown being the worst. A pass is a pass over
//     all evidence since the canary's start: ask for it at promotion.
//   - Where nothing is compared, an alarm that had data all the time stands in for the comparisons.
//   - Alarms and the share only veto. No data is never a pass.
//
// An error names evidence that cannot be: settings out of range, impossible or unordered minutes.
func Judge(e Evidence) (release.Judgement, error) { return new(Sitting).Judge(e) }

// judgement returns what tests say that have folded the evidence.
func (e Evidence) judgement(p *panel) release.Judgement {
	checks := e.checks(p)
	verdict := fold(checks)
	return release.Judgement{Verdict: verdict, Sentence: decisive(checks, verdict), Checks: checks}
}

func (e Evidence) withDefaults() Evidence {
	if e.Unit == "" {
		e.Unit = "units"
	}
	if e.FalseRollback == 0 {
		e.FalseRollback = .01
	}
	e.MinimumSample = max(1, e.MinimumSample)
	return e
}

// panel returns the tests of the evidence, none of which has seen a minute.
func (e Evidence) panel() (*panel, error) {
	p := &panel{alpha: e.FalseRollback, members: make([]member, 0, len(e.Comparisons)+1)}
	sum := 0.0
	for _, c := range e.Comparisons {
		if c.Weight == 0 {
			c.Weight = 1
		}
		if !(c.Weight > 0 && c.Weight <= 1e6) {
			return nil, c.wrap(fmt.Errorf("weight is %v; it must be above 0 and at most 1e6", c.Weight))
		}
		c.Settings.Alpha, c.Settings.MinimumSample = e.FalseRollback, e.MinimumSample
		test, err := c.test()
		if err != nil {
			return nil, err
		}
		sum += c.Weight
		p.members = append(p.members, member{test: test, part: c.Weight})
	}
	rest := 1.0
	work := slices.IndexFunc(p.members, func(m member) bool { _, counts := m.test.(*compared); return counts })
	if work >= 0 && len(e.Shares) > 0 {
		rest -= ShareWeight
	}
	for i := range p.members {
		p.members[i].part *= rest / sum
	}
	if rest < 1 {
		counts := p.members[work].test.(*compared)
		p.members = append(p.members, member{test: newShare(counts.minutes, e.Shares, counts.settings), part: ShareWeight})
	}
	return p, nil
}

func (e Evidence) checks(p *panel) []release.Check {
	checks := make([]release.Check, 0, len(e.Alarms)+len(p.members)+1)
	for _, a := range e.Alarms {
		checks = append(checks, a.check())
	}
	words := words{
		Words: Words{Unit: e.Unit, Baseline: "primary", Since: e.Since, Until: e.Until},
		many:  len(e.Comparisons) > 1, alpha: e.FalseRollback,
	}
	for _, m := range p.members {
		checks = append(checks, m.check(m.decided, p.threshold(m), words))
	}
	return append(checks, e.sample(p, words))
}
