package mirror

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// health is Elastic Load Balancing as far as it tells of targets.
type health struct{ w *World }

// DescribeTargetHealth is the operation of that name.
func (h health) DescribeTargetHealth(ctx context.Context, in *elb.DescribeTargetHealthInput, _ ...func(*elb.Options)) (*elb.DescribeTargetHealthOutput, error) {
	return door.Call(ctx, "elasticloadbalancing:DescribeTargetHealth", in, func() (*elb.DescribeTargetHealthOutput, error) {
		return h.targets(aws.ToString(in.TargetGroupArn))
	})
}

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (h health) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	in, ok := params.(*elb.DescribeTargetHealthInput)
	if !ok {
		return nil, false, nil
	}
	out, err = h.DescribeTargetHealth(ctx, in)
	return out, true, err
}

func (h health) targets(group string) (*elb.DescribeTargetHealthOutput, error) {
	for _, s := range h.w.CloudFormation.Existing() {
		f := h.w.fleets[s]
		if f == nil || f.gone || h.w.balancer("targetgroup/", s) != group {
			continue
		}
		out := &elb.DescribeTargetHealthOutput{}
		for i, m := range f.machines {
			state := types.TargetHealthStateEnumHealthy
			if h.w.site.Loop.Now().Before(m.healthy) {
				state = types.TargetHealthStateEnumInitial
			}
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, types.TargetHealthDescription{
				Target: &types.TargetDescription{Id: aws.String(fmt.Sprintf("i-%d", i))}, TargetHealth: &types.TargetHealth{State: state},
			})
		}
		return out, nil
	}
	return nil, &types.TargetGroupNotFoundException{Message: aws.String("Target groups '" + group + "' not found")}
}
