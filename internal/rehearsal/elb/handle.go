package elb

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (c *Control) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	switch in := params.(type) {
	case *sdk.DescribeRulesInput:
		out, err = c.DescribeRules(ctx, in)
	case *sdk.ModifyRuleInput:
		out, err = c.ModifyRule(ctx, in)
	case *sdk.ModifyListenerInput:
		out, err = c.ModifyListener(ctx, in)
	case *sdk.DescribeTargetGroupsInput:
		out, err = c.DescribeTargetGroups(ctx, in)
	case *sdk.DescribeTargetGroupAttributesInput:
		out, err = c.DescribeTargetGroupAttributes(ctx, in)
	case *sdk.DescribeTargetHealthInput:
		out, err = c.DescribeTargetHealth(ctx, in)
	default:
		return nil, false, nil
	}
	return out, true, err
}
