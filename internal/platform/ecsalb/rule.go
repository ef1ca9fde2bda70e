package ecsalb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// rule is a listener's rule as it was read.
type rule struct {
	arn       string
	isDefault bool // of its listener: it is changed with that
	actions   []types.Action
	forward   forward
}

// forward is how a rule divides requests.
type forward struct {
	Groups  []group `json:"groups"` // in the rule's order
	Sticky  bool    `json:"sticky"` // clients stay with the group that they were sent to first
	Seconds int32   `json:"seconds,omitempty"`
}

// group is one target group of a rule.
type group struct {
	ARN    string `json:"arn"`
	Weight int32  `json:"weight"` // 0 to 999
}

// weight returns the weight of a target group; 0 also where the rule does not name it.
func (f forward) weight(arn string) int32 {
	for _, g := range f.Groups {
		if g.ARN == arn {
			return g.Weight
		}
	}
	return 0
}

// with returns the same with another weight of one group.
func (f forward) with(arn string, weight int32) forward {
	f.Groups = slices.Clone(f.Groups)
	for i := range f.Groups {
		if f.Groups[i].ARN == arn {
			f.Groups[i].Weight = weight
		}
	}
	return f
}

func (f forward) equal(other forward) bool { return f.sameWeights(other) && f.sticksLike(other) }

func (f forward) sameWeights(other forward) bool { return slices.Equal(f.Groups, other.Groups) }

func (f forward) sticksLike(other forward) bool {
	return f.Sticky == other.Sticky && (!f.Sticky || f.Seconds == other.Seconds)
}

// share returns a group's part of the requests in percent.
func (f forward) share(arn string) release.Percent {
	all := 0
	for _, g := range f.Groups {
		all += int(g.Weight)
	}
	mine := int(f.weight(arn))
	return release.Share(mine, all-mine)
}

// text says the weights as people read them: "90 orders-blue, 10 orders-green".
func (f forward) text() string {
	parts := make([]string, len(f.Groups))
	for i, g := range f.Groups {
		parts[i] = fmt.Sprintf("%d %s", g.Weight, groupName(g.ARN))
	}
	text := strings.Join(parts, ", ")
	if f.Sticky {
		text += fmt.Sprintf(", sticky for %d s", f.Seconds)
	}
	return text
}

// groupName returns a target group's name: arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/NAME/ID.
func groupName(arn string) string {
	parts := strings.Split(arn, "/")
	if len(parts) < 3 {
		return arn
	}
	return parts[len(parts)-2]
}

// readRule reads a rule. One that does not exist is NotFound.
func (p *Platform) readRule(ctx context.Context, arn string) (rule, error) {
	op := "read rule " + arn
	out, err := p.elb.DescribeRules(ctx, &elb.DescribeRulesInput{RuleArns: []string{arn}})
	if awserr.Is(err, "RuleNotFound") || err == nil && len(out.Rules) == 0 {
		return rule{}, release.Errorf(release.NotFound, op, "there is no such rule in this account and region; check ecsALB.listenerRule (aws elbv2 describe-rules --listener-arn ...)")
	}
	if err != nil {
		return rule{}, awserr.Wrap(op, err)
	}
	return ruleOf(out.Rules[0]), nil
}

func ruleOf(found types.Rule) rule {
	r := rule{arn: aws.ToString(found.RuleArn), isDefault: aws.ToBool(found.IsDefault), actions: found.Actions}
	if i := r.forwards(); i >= 0 {
		r.forward = forwardOf(r.actions[i])
	}
	return r
}

// successor finds the rule that somebody has made again after deleting the recorded one: of the same listener, for the same
// two target groups. gone says that there is none.
func (p *Platform) successor(ctx context.Context, lost recordedRule) (r rule, gone bool, err error) {
	in := &elb.DescribeRulesInput{ListenerArn: aws.String(listener(lost.ARN))}
	for {
		out, err := p.elb.DescribeRules(ctx, in)
		if awserr.Is(err, "ListenerNotFound") {
			return rule{}, true, nil
		}
		if err != nil {
			return rule{}, false, awserr.Wrap("look for another rule of listener "+aws.ToString(in.ListenerArn), err)
		}
		for _, found := range out.Rules {
			if r := ruleOf(found); r.forward.divides(lost) {
				return r, false, nil
			}
		}
		if in.Marker = out.NextMarker; in.Marker == nil {
			return rule{}, true, nil
		}
	}
}

// divides reports whether requests go to the recorded target groups and to no other.
func (f forward) divides(recorded recordedRule) bool {
	if len(f.Groups) != len(recorded.Forward.Groups) {
		return false
	}
	for i, g := range f.Groups {
		if g.ARN != recorded.Forward.Groups[i].ARN {
			return false
		}
	}
	return true
}

// forwards returns where the action is that sends requests to target groups, and -1 where there is none.
func (r rule) forwards() int {
	return slices.IndexFunc(r.actions, func(a types.Action) bool { return a.Type == types.ActionTypeEnumForward })
}

// forwardOf reads a forward action. One that names a single group may do so without ForwardConfig, and a group without a
// weight has 1.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
func forwardOf(action types.Action) forward {
	config := action.ForwardConfig
	if config == nil || len(config.TargetGroups) == 0 {
		return forward{Groups: []group{{ARN: aws.ToString(action.TargetGroupArn), Weight: 1}}}
	}
	var f forward
	for _, tuple := range config.TargetGroups {
		g := group{ARN: aws.ToString(tuple.TargetGroupArn), Weight: 1}
		if tuple.Weight != nil {
			g.Weight = *tuple.Weight
		}
		f.Groups = append(f.Groups, g)
	}
	if sticky := config.TargetGroupStickinessConfig; sticky != nil && aws.ToBool(sticky.Enabled) {
		f.Sticky, f.Seconds = true, aws.ToInt32(sticky.DurationSeconds)
	}
	return f
}

// The parts of a rule's ARN: arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener-rule/app/NAME/ID/LISTENER/RULE.
const ruleWord = ":listener-rule/"

// listener returns the ARN of the rule's listener.
func listener(rule string) string {
	head, tail, _ := strings.Cut(rule, ruleWord)
	return head + ":listener/" + tail[:strings.LastIndex(tail, "/")]
}

// balancer returns the load balancer as metrics know it: app/NAME/ID.
func balancer(rule string) string {
	_, tail, _ := strings.Cut(rule, ruleWord)
	parts := strings.Split(tail, "/")
	return strings.Join(parts[:min(3, len(parts))], "/")
}
