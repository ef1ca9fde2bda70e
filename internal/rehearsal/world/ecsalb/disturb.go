package ecsalb

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/rehearsal/elb"
	"github.com/serin-aws/serin/internal/scenario"
)

// Disturb makes of the services and the rule what the scenario states.
func (w *World) Disturb() error {
	if stated := w.site.Scenario.World.Balancer; stated != nil {
		w.disturb(*stated)
		w.was = slices.Clone(w.Rule.Actions)
	}
	return w.Services.Disturb()
}

func (w *World) disturb(stated scenario.Balancer) {
	canary := w.ELB.Group(w.site.Target.ECSALB.CanaryService)
	canary.Protocol = cmp.Or(types.ProtocolEnum(stated.Protocol), canary.Protocol)
	canary.Path = cmp.Or(stated.HealthPath, canary.Path)
	forward := w.Rule.Actions[1].ForwardConfig
	if stated.CanaryWeight > 0 {
		forward.TargetGroups[1].Weight = aws.Int32(int32(stated.CanaryWeight)) //nolint:gosec // at most 999
	}
	if stated.Third {
		third := w.ELB.AddGroup(elb.Group{ARN: groupARN(w.site, "third")})
		forward.TargetGroups = append(forward.TargetGroups, types.TargetGroupTuple{TargetGroupArn: aws.String(third.ARN), Weight: aws.Int32(0)})
	}
	if stated.CanaryLeft {
		forward.TargetGroups = slices.Delete(forward.TargetGroups, 1, 2)
	}
	if stated.Redirects {
		w.Rule.Actions = []types.Action{{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{}}}
	}
	if stated.RuleMissing {
		w.Rule.ARN += "0"
	}
}
