package elb

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// State is what a load balancer makes of a target.
type State = types.TargetHealthStateEnum

// Target is one registered target.
type Target struct {
	ID    string
	State State
}

// Control is Elastic Load Balancing of one account and region: one Application Load Balancer with one listener.
type Control struct {
	loop    *loop.Loop
	rng     *rand.Rand
	targets func(group string) []Target
	rules   []*Rule
	groups  []*Group
	before  []func()
}

// Group is one target group. Protocol and the rest are AWS's defaults where they are empty.
type Group struct {
	ARN      string
	Protocol types.ProtocolEnum
	Path     string        // of the health check
	Sticky   bool          // clients stay with one target
	Drain    time.Duration // the deregistration delay
}

// New returns a load balancer without rules. targets says who is registered in a group.
func New(l *loop.Loop, targets func(group string) []Target) *Control {
	return &Control{loop: l, rng: l.Source("elb"), targets: targets}
}

// AddGroup adds a target group.
func (c *Control) AddGroup(g Group) *Group {
	if g.Protocol == "" {
		g.Protocol = types.ProtocolEnumHttp
	}
	if g.Path == "" {
		g.Path = "/"
	}
	c.groups = append(c.groups, &g)
	return &g
}

// Group returns a target group by its name; nil where there is none.
func (c *Control) Group(name string) *Group {
	i := slices.IndexFunc(c.groups, func(g *Group) bool { return strings.Contains(g.ARN, "/"+name+"/") })
	if i < 0 {
		return nil
	}
	return c.groups[i]
}

// AddRule adds a rule that divides requests as its forward action says.
func (c *Control) AddRule(arn string, isDefault bool, actions ...types.Action) *Rule {
	r := &Rule{ARN: arn, Default: isDefault, Actions: actions, control: c, follows: divisionOf(actions)}
	r.given, r.at = r.follows.parts(), c.loop.Now()
	c.rules = append(c.rules, r)
	return r
}

// DeleteRule is what somebody does past serin: the rule's requests go to others. It reports whether there was such a rule.
func (c *Control) DeleteRule(r *Rule) bool {
	if c.rule(r.ARN) != r {
		return false
	}
	for _, tell := range c.before {
		tell()
	}
	c.rules = slices.DeleteFunc(c.rules, func(other *Rule) bool { return other == r })
	return true
}

// OnChange calls before each time requests are about to be divided otherwise.
func (c *Control) OnChange(before func()) { c.before = append(c.before, before) }

func (c *Control) rule(arn string) *Rule {
	i := slices.IndexFunc(c.rules, func(r *Rule) bool { return r.ARN == arn })
	if i < 0 {
		return nil
	}
	return c.rules[i]
}

func (c *Control) group(arn string) *Group {
	i := slices.IndexFunc(c.groups, func(g *Group) bool { return g.ARN == arn })
	if i < 0 {
		return nil
	}
	return c.groups[i]
}

// forwardOf returns the action that sends requests to target groups; nil where there is none.
func forwardOf(actions []types.Action) *types.Action {
	i := slices.IndexFunc(actions, func(a types.Action) bool { return a.Type == types.ActionTypeEnumForward })
	if i < 0 {
		return nil
	}
	return &actions[i]
}

// tuples returns a forward action's groups; a single one may stand without a ForwardConfig.
func tuples(action *types.Action) []types.TargetGroupTuple {
	switch {
	case action == nil:
		return nil
	case action.ForwardConfig != nil:
		return action.ForwardConfig.TargetGroups
	}
	return []types.TargetGroupTuple{{TargetGroupArn: action.TargetGroupArn, Weight: aws.Int32(1)}}
}
