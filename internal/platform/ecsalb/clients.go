package ecsalb

import (
	"context"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
)

// Rules reads and changes how a listener divides requests.
type Rules interface {
	DescribeRules(context.Context, *elb.DescribeRulesInput, ...func(*elb.Options)) (*elb.DescribeRulesOutput, error)
	ModifyRule(context.Context, *elb.ModifyRuleInput, ...func(*elb.Options)) (*elb.ModifyRuleOutput, error)
	ModifyListener(context.Context, *elb.ModifyListenerInput, ...func(*elb.Options)) (*elb.ModifyListenerOutput, error)
}

// Groups reads target groups and who is healthy in them.
type Groups interface {
	DescribeTargetGroups(context.Context, *elb.DescribeTargetGroupsInput, ...func(*elb.Options)) (*elb.DescribeTargetGroupsOutput, error)
	DescribeTargetGroupAttributes(context.Context, *elb.DescribeTargetGroupAttributesInput, ...func(*elb.Options)) (*elb.DescribeTargetGroupAttributesOutput, error)
	DescribeTargetHealth(context.Context, *elb.DescribeTargetHealthInput, ...func(*elb.Options)) (*elb.DescribeTargetHealthOutput, error)
}

// ELB is what this package asks of Elastic Load Balancing.
type ELB interface {
	Rules
	Groups
}

// Clients are the doors to AWS. The SDK's own clients fit.
type Clients struct {
	ecsservice.Clients
	ELB ELB
}

// Platform moves ecs-alb workloads. It holds no state of them: every call looks at the world.
type Platform struct {
	pair      *ecsservice.Pair
	elb       ELB
	baselines ecsservice.Records[detail]
}

// New returns the platform over the given clients; now is the time of the account.
func New(clients Clients, now func() time.Time) *Platform {
	return &Platform{pair: ecsservice.New(clients.Clients, now), elb: clients.ELB}
}
