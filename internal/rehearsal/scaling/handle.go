package scaling

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
)

// Handle answers the input of any operation the simulation knows, for a middleware that stands in a real SDK client;
// known is false for every other input.
func (s *Scaling) Handle(ctx context.Context, params any) (out any, known bool, err error) {
	known = true
	switch in := params.(type) {
	case *sdk.DescribeScalableTargetsInput:
		out, err = s.DescribeScalableTargets(ctx, in)
	case *sdk.RegisterScalableTargetInput:
		out, err = s.RegisterScalableTarget(ctx, in)
	case *sdk.DescribeScalingPoliciesInput:
		out, err = s.DescribeScalingPolicies(ctx, in)
	default:
		known = false
	}
	return out, known, err
}
