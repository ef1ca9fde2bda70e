package ecsalb

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// survey is what Prepare has looked at so far.
type survey struct {
	op              string // for errors
	at              release.ECSALB
	primary, canary *types.Service
}

func (s survey) refuse(code release.Code, format string, args ...any) error {
	return release.Errorf(code, s.op, format, args...)
}

// admitted looks at the rule and its target groups, and records them.
func (p *Platform) admitted(ctx context.Context, s survey) (recordedRule, error) {
	if !strings.Contains(s.at.ListenerRule, ruleWord+"app/") {
		return recordedRule{}, s.refuse(release.Invalid, "listenerRule %s is no rule of an Application Load Balancer; only those divide requests by weight (check ecsALB.listenerRule)", s.at.ListenerRule)
	}
	r, err := p.readRule(ctx, s.at.ListenerRule)
	if err != nil {
		return recordedRule{}, err
	}
	recorded, err := s.divides(r)
	if err != nil {
		return recordedRule{}, err
	}
	if err := p.alike(ctx, s, recorded); err != nil {
		return recordedRule{}, err
	}
	if recorded.Bound, err = p.sticks(ctx, recorded); err != nil {
		return recordedRule{}, err
	}
	if recorded.Forward.Sticky && s.canary.DesiredCount == 0 {
		return recordedRule{}, s.refuse(release.Invalid, "the rule keeps clients with their target group (stickiness of %d s), and service %s rests without a task: clients who stay with it after a release would get errors; give it at least one task at rest, or turn the rule's stickiness off",
			recorded.Forward.Seconds, s.at.CanaryService)
	}
	return recorded, p.serves(ctx, s, recorded)
}

// divides finds the two services' target groups in the rule, and refuses weights that are not those of a baseline.
func (s survey) divides(r rule) (recordedRule, error) {
	if r.forwards() < 0 {
		return recordedRule{}, s.refuse(release.Invalid, "the rule forwards to no target group; serin needs one forward action with the two services' groups")
	}
	recorded := recordedRule{ARN: r.arn, Forward: r.forward}
	var err error
	if recorded.Primary, err = s.groupOf(s.primary, r.forward); err != nil {
		return recordedRule{}, err
	}
	if recorded.Canary, err = s.groupOf(s.canary, r.forward); err != nil {
		return recordedRule{}, err
	}
	if recorded.Primary == recorded.Canary {
		return recordedRule{}, s.refuse(release.Invalid, "both services register their tasks in target group %s, so no weight can tell them apart; give the canary's service a group of its own", groupName(recorded.Primary))
	}
	if n := len(r.forward.Groups); n != 2 {
		return recordedRule{}, s.refuse(release.Invalid, "the rule forwards to %d target groups (%s); it must be the two services' and no other, so that weights are shares", n, r.forward.text())
	}
	if given := r.forward.weight(recorded.Canary); given != 0 || r.forward.weight(recorded.Primary) == 0 {
		return recordedRule{}, s.refuse(release.Unstable, "the rule's weights are %s, and serin did not set them: all requests must go to the primary's group; end that deployment, or set the weight of %s to 0 (aws elbv2 modify-rule)",
			r.forward.text(), groupName(recorded.Canary))
	}
	return recorded, nil
}

// groupOf returns the target group of a service that the rule forwards to.
func (s survey) groupOf(service *types.Service, f forward) (string, error) {
	name := aws.ToString(service.ServiceName)
	var groups []string
	for _, balanced := range service.LoadBalancers {
		arn := aws.ToString(balanced.TargetGroupArn)
		if slices.ContainsFunc(f.Groups, func(g group) bool { return g.ARN == arn }) {
			return arn, nil
		}
		if arn != "" {
			groups = append(groups, groupName(arn))
		}
	}
	if len(groups) == 0 {
		return "", s.refuse(release.Invalid, "service %s registers its tasks in no target group; give it one that the rule forwards to", name)
	}
	return "", s.refuse(release.Invalid, "service %s registers its tasks in target group %s, which the rule does not forward to (%s); add it with the weight 0 if it is the canary's, or check ecsALB.listenerRule",
		name, strings.Join(groups, ", "), f.text())
}

// alike refuses two target groups whose difference would be the canary's only result, or that cannot take the same
// requests.
func (p *Platform) alike(ctx context.Context, s survey, r recordedRule) error {
	op := "describe target groups"
	out, err := p.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{r.Primary, r.Canary}})
	if err != nil {
		return awserr.Wrap(op, err)
	}
	found := map[string]elbtypes.TargetGroup{}
	for _, g := range out.TargetGroups {
		found[aws.ToString(g.TargetGroupArn)] = g
	}
	primary, canary := found[r.Primary], found[r.Canary]
	if primary.TargetGroupArn == nil || canary.TargetGroupArn == nil {
		return release.Errorf(release.Unexpected, op, "AWS answered without %s or %s", groupName(r.Primary), groupName(r.Canary))
	}
	for _, field := range []struct{ name, primary, canary string }{
		{"protocol", string(primary.Protocol), string(canary.Protocol)},
		{"protocol version", aws.ToString(primary.ProtocolVersion), aws.ToString(canary.ProtocolVersion)},
		{"target type", string(primary.TargetType), string(canary.TargetType)},
		{"health check path", aws.ToString(primary.HealthCheckPath), aws.ToString(canary.HealthCheckPath)},
		{"health check protocol", string(primary.HealthCheckProtocol), string(canary.HealthCheckProtocol)},
	} {
		if field.primary != field.canary {
			return s.refuse(release.Invalid, "the target groups differ in their %s: %s has %s and %s has %s; the canary would be judged for that and not for the new version, so make them equal",
				field.name, groupName(r.Primary), orNone(field.primary), groupName(r.Canary), orNone(field.canary))
		}
	}
	return nil
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// sticks reports whether one of the target groups has stickiness of its own. AWS refuses a rule with several groups of
// which one has it, and that has none itself.
func (p *Platform) sticks(ctx context.Context, r recordedRule) (bool, error) {
	for _, group := range []string{r.Primary, r.Canary} {
		out, err := p.elb.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &group})
		if err != nil {
			return false, awserr.Wrap("read the attributes of target group "+groupName(group), err)
		}
		for _, attribute := range out.Attributes {
			if aws.ToString(attribute.Key) == "stickiness.enabled" && aws.ToString(attribute.Value) == "true" {
				return true, nil
			}
		}
	}
	return false, nil
}

// serves refuses a primary whose tasks run and are not healthy: there is nothing to come back to.
func (p *Platform) serves(ctx context.Context, s survey, r recordedRule) error {
	h, err := p.health(ctx, r.Primary)
	if err != nil {
		return err
	}
	if h.healthy == 0 && s.primary.DesiredCount > 0 {
		return s.refuse(release.Unstable, "of the %d tasks of service %s none is healthy in target group %s (%s); repair it first",
			s.primary.DesiredCount, s.at.PrimaryService, groupName(r.Primary), orNone(h.why))
	}
	return nil
}
