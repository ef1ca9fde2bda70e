package elb

import (
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Rule is one rule of the listener.
type Rule struct {
	ARN     string
	Default bool
	Actions []types.Action // what it says

	control *Control
	follows division  // what the load balancer does with a client it does not know
	given   []float64 // the part of the requests that each group really gets: those of clients that stay are among them
	at      time.Time // of given
	changes int
}

// division is how new clients are divided.
type division struct {
	groups  []string
	weights []float64
	sticks  time.Duration // how long a client stays where it was sent; 0: not at all
}

// Part is the part of the requests that a target group gets.
type Part struct {
	Group string // ARN
	Share float64
}

// AWS says of a change only that it takes a while.
const (
	followsMin = 3 * time.Second
	followsMax = 45 * time.Second
)

func divisionOf(actions []types.Action) division {
	action := forwardOf(actions)
	var d division
	for _, tuple := range tuples(action) {
		weight := 1.
		if tuple.Weight != nil {
			weight = float64(*tuple.Weight)
		}
		d.groups, d.weights = append(d.groups, aws.ToString(tuple.TargetGroupArn)), append(d.weights, weight)
	}
	if action != nil && action.ForwardConfig != nil {
		if sticky := action.ForwardConfig.TargetGroupStickinessConfig; sticky != nil && aws.ToBool(sticky.Enabled) {
			d.sticks = time.Duration(aws.ToInt32(sticky.DurationSeconds)) * time.Second
		}
	}
	return d
}

// parts are the shares of new clients.
func (d division) parts() []float64 {
	all := 0.
	for _, w := range d.weights {
		all += w
	}
	parts := make([]float64, len(d.weights))
	for i, w := range d.weights {
		if all > 0 {
			parts[i] = w / all
		}
	}
	return parts
}

// Parts returns who gets which part of the requests now; nobody, where somebody has deleted the rule.
func (r *Rule) Parts() []Part {
	if r.control.rule(r.ARN) == nil {
		return nil
	}
	r.age()
	parts := make([]Part, len(r.follows.groups))
	for i, group := range r.follows.groups {
		parts[i] = Part{Group: group, Share: r.given[i]}
	}
	return parts
}

// age lets the time of clients that stay run out: they are divided anew then, one in e after each span.
func (r *Rule) age() {
	now := r.control.loop.Now()
	passed := now.Sub(r.at)
	r.at = now
	fresh := r.follows.parts()
	if r.follows.sticks == 0 {
		r.given = fresh
		return
	}
	stay := math.Exp(-float64(passed) / float64(r.follows.sticks))
	for i := range r.given {
		r.given[i] = fresh[i] + (r.given[i]-fresh[i])*stay
	}
}

// set changes what the rule says; the load balancer follows a little later. A change that overtakes another wins.
func (r *Rule) set(actions []types.Action) {
	r.Actions = actions
	r.changes++
	change, next, c := r.changes, divisionOf(actions), r.control
	c.loop.After(followsMin+time.Duration(c.rng.Int64N(int64(followsMax-followsMin))), func() {
		if change != r.changes {
			return
		}
		for _, tell := range c.before {
			tell()
		}
		r.follow(next)
	})
}

// follow divides new clients otherwise. Those that stay keep their group, if the rule still names it.
func (r *Rule) follow(next division) {
	r.age()
	had := map[string]float64{}
	for i, group := range r.follows.groups {
		had[group] = r.given[i]
	}
	r.follows, r.given = next, make([]float64, len(next.groups))
	kept := 0.
	for i, group := range next.groups {
		r.given[i] = had[group]
		kept += had[group]
	}
	for i, part := range next.parts() {
		r.given[i] += part * (1 - kept)
	}
}

// Set is what somebody does to the rule past serin: weights, in the order of its groups.
func (r *Rule) Set(weights ...int32) {
	actions := make([]types.Action, len(r.Actions))
	copy(actions, r.Actions)
	for i := range actions {
		if actions[i].Type == types.ActionTypeEnumForward {
			config := *actions[i].ForwardConfig
			config.TargetGroups = nil
			for j, tuple := range tuples(&actions[i]) {
				config.TargetGroups = append(config.TargetGroups, types.TargetGroupTuple{TargetGroupArn: tuple.TargetGroupArn, Weight: aws.Int32(weights[j])})
			}
			actions[i].ForwardConfig = &config
		}
	}
	r.set(actions)
}

// Weights returns what the rule says, by the groups' ARNs, and whether clients stay with a group.
func (r *Rule) Weights() (weights map[string]int, sticky bool) {
	d := divisionOf(r.Actions)
	weights = map[string]int{}
	for i, group := range d.groups {
		weights[group] = int(d.weights[i])
	}
	return weights, d.sticks > 0
}
