package ecsalb

import (
	"fmt"
	"slices"

	"github.com/serin-aws/serin/internal/release"
)

// standing says whose state the rule is in.
type standing int

const (
	foreign  standing = iota + 1 // somebody else was there
	home                         // as recorded
	loosened                     // the recorded weights, and no stickiness while the new revision leaves
	shifted                      // the recorded rule, with a weight of the plan for the canary
	over                         // all requests go to the canary
)

// stand tells whose state the rule is in. Only the weights of the release's own plan are its own.
func (c *call) stand() standing {
	now, base := c.rule.forward, c.base.Rule.Forward
	switch {
	case c.gone:
		return foreign
	case now.equal(base):
		return home
	case now.sameWeights(base) && base.Sticky && !now.Sticky:
		return loosened
	case !now.sticksLike(base):
		return foreign
	case now.sameWeights(c.base.Rule.shifted(100)):
		return over
	case slices.ContainsFunc(c.rel.Steps[:min(c.rel.Step+1, len(c.rel.Steps))], func(step release.Step) bool {
		return now.sameWeights(c.base.Rule.shifted(step.Weight))
	}):
		return shifted
	}
	return foreign
}

// given reports whether the rule gives the canary exactly this weight.
func (c *call) given(w release.Weight) bool {
	return !c.gone && c.rule.forward.equal(c.base.Rule.shifted(w))
}

// somebody says what somebody else made of the rule.
func (c *call) somebody() string {
	if c.gone {
		return "the listener's rule " + c.base.Rule.ARN + " does not exist any more"
	}
	return fmt.Sprintf("somebody else set the listener's rule to %s; it was recorded as %s, and serin changes nothing of it but these weights", c.rule.forward.text(), c.base.Rule.Forward.text())
}
