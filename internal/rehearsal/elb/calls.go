package elb

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// option is what the SDK's calls accept and a simulated one ignores.
type option = func(*sdk.Options)

func call[In, Out any](ctx context.Context, operation string, in *In, effect func(*In) (*Out, error)) (*Out, error) {
	return door.Call(ctx, "elasticloadbalancing:"+operation, in, func() (*Out, error) { return effect(in) })
}

// DescribeRules is the operation of that name, by the rules' ARNs or by their listener.
func (c *Control) DescribeRules(ctx context.Context, in *sdk.DescribeRulesInput, _ ...option) (*sdk.DescribeRulesOutput, error) {
	return call(ctx, "DescribeRules", in, c.describeRules)
}

// ModifyRule is the operation of that name, for actions.
func (c *Control) ModifyRule(ctx context.Context, in *sdk.ModifyRuleInput, _ ...option) (*sdk.ModifyRuleOutput, error) {
	return call(ctx, "ModifyRule", in, c.modifyRule)
}

// ModifyListener is the operation of that name, for default actions.
func (c *Control) ModifyListener(ctx context.Context, in *sdk.ModifyListenerInput, _ ...option) (*sdk.ModifyListenerOutput, error) {
	return call(ctx, "ModifyListener", in, c.modifyListener)
}

// DescribeTargetGroups is the operation of that name, by the groups' ARNs.
func (c *Control) DescribeTargetGroups(ctx context.Context, in *sdk.DescribeTargetGroupsInput, _ ...option) (*sdk.DescribeTargetGroupsOutput, error) {
	return call(ctx, "DescribeTargetGroups", in, c.describeGroups)
}

// DescribeTargetGroupAttributes is the operation of that name.
func (c *Control) DescribeTargetGroupAttributes(ctx context.Context, in *sdk.DescribeTargetGroupAttributesInput, _ ...option) (*sdk.DescribeTargetGroupAttributesOutput, error) {
	return call(ctx, "DescribeTargetGroupAttributes", in, c.describeAttributes)
}

// DescribeTargetHealth is the operation of that name.
func (c *Control) DescribeTargetHealth(ctx context.Context, in *sdk.DescribeTargetHealthInput, _ ...option) (*sdk.DescribeTargetHealthOutput, error) {
	return call(ctx, "DescribeTargetHealth", in, c.describeHealth)
}
