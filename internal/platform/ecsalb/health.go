package ecsalb

import (
	"context"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/awserr"
)

// health counts the targets of a group by what the load balancer makes of them.
type health struct {
	healthy   int
	unhealthy int    // fail the health check; those that have not had one yet, or leave, are neither
	why       string // of one of the unhealthy, as AWS says it
}

func (p *Platform) health(ctx context.Context, group string) (health, error) {
	return healthOf(ctx, p.elb, group)
}

func (c *call) health(ctx context.Context, group string) (health, error) {
	return healthOf(ctx, c.elb, group)
}

func healthOf(ctx context.Context, client Groups, group string) (health, error) {
	out, err := client.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &group})
	if err != nil {
		return health{}, awserr.Wrap("read the health of target group "+groupName(group), err)
	}
	var h health
	for _, target := range out.TargetHealthDescriptions {
		if target.TargetHealth == nil {
			continue
		}
		switch target.TargetHealth.State {
		case types.TargetHealthStateEnumHealthy:
			h.healthy++
		case types.TargetHealthStateEnumUnhealthy:
			h.unhealthy++
			h.why = string(target.TargetHealth.Reason)
		}
	}
	return h, nil
}
