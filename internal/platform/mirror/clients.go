package mirror

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/live"
)

// Reader reads stacks.
type Reader interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
	DescribeStackEvents(context.Context, *cloudformation.DescribeStackEventsInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error)
	GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
}

// Writer changes stacks.
type Writer interface {
	CreateStack(context.Context, *cloudformation.CreateStackInput, ...func(*cloudformation.Options)) (*cloudformation.CreateStackOutput, error)
	UpdateStack(context.Context, *cloudformation.UpdateStackInput, ...func(*cloudformation.Options)) (*cloudformation.UpdateStackOutput, error)
	CancelUpdateStack(context.Context, *cloudformation.CancelUpdateStackInput, ...func(*cloudformation.Options)) (*cloudformation.CancelUpdateStackOutput, error)
	ContinueUpdateRollback(context.Context, *cloudformation.ContinueUpdateRollbackInput, ...func(*cloudformation.Options)) (*cloudformation.ContinueUpdateRollbackOutput, error)
	DeleteStack(context.Context, *cloudformation.DeleteStackInput, ...func(*cloudformation.Options)) (*cloudformation.DeleteStackOutput, error)
}

// CloudFormation is what this package asks of AWS CloudFormation.
type CloudFormation interface {
	Reader
	Writer
}

// ELB tells whether the temporary stack answers.
type ELB interface {
	DescribeTargetHealth(context.Context, *elb.DescribeTargetHealthInput, ...func(*elb.Options)) (*elb.DescribeTargetHealthOutput, error)
}

// Clients are the doors to AWS. The SDK's own clients fit.
type Clients struct {
	CloudFormation CloudFormation
	ELB            ELB
	ECR            ecrimage.Client
	SSM            live.Client
}

// Platform moves ec2-mirror workloads. It holds no state of them: every call looks at the stacks.
type Platform struct {
	clients Clients
	now     func() time.Time
}

// New returns the platform over the given clients; now is the time of the account.
func New(clients Clients, now func() time.Time) *Platform {
	return &Platform{clients: clients, now: now}
}
