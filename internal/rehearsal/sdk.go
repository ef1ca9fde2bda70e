package rehearsal

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go/middleware"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/platform/ecsqueue"
)

// handle answers one call of a service by its typed input; known is false where the service does not simulate it.
type handle func(ctx context.Context, params any) (out any, known bool, err error)

// mounted is a configuration for real SDK clients whose calls end in a simulated service: the SDK's own validation
// runs, nothing is sent. The SDK does not retry, because the door does.
func mounted(service handle) aws.Config {
	answer := middleware.InitializeMiddlewareFunc("SimulatedAccount",
		func(ctx context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, known, err := service(ctx, in.Parameters)
			if !known {
				err = fmt.Errorf("rehearsal: %T is not simulated", in.Parameters)
			}
			return middleware.InitializeOutput{Result: out}, middleware.Metadata{}, err
		})
	return aws.Config{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider("simulated", "simulated", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
		APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
			return stack.Initialize.Add(answer, middleware.After)
		}},
	}
}

// throughSDK returns the account's services behind real SDK clients.
func (a *Account) throughSDK() (assembly.Core, assembly.Workload) {
	core := assembly.Core{
		DynamoDB: dynamodb.NewFromConfig(mounted(a.Table.Handle)),
		SSM:      ssm.NewFromConfig(mounted(a.SSM.Handle)),
		SNS:      sns.NewFromConfig(mounted(a.SNS.Handle)),
	}
	workload := assembly.Workload{
		Clients: ecsqueue.Clients{
			ECS: ecs.NewFromConfig(mounted(a.ECS.Handle)), ECR: ecr.NewFromConfig(mounted(a.ECR.Handle)),
			SQS: sqs.NewFromConfig(mounted(a.SQS.Handle)), Scaling: applicationautoscaling.NewFromConfig(mounted(a.Scaling.Handle)),
		},
		CloudWatch: cloudwatch.NewFromConfig(mounted(a.CloudWatch.Handle)),
	}
	return core, workload
}

// typed returns the account's services as they are: the fast way.
func (a *Account) typed() (assembly.Core, assembly.Workload) {
	core := assembly.Core{DynamoDB: a.Table, SSM: a.SSM, SNS: a.SNS}
	workload := assembly.Workload{
		Clients:    ecsqueue.Clients{ECS: a.ECS, ECR: a.ECR, SQS: a.SQS, Scaling: a.Scaling},
		CloudWatch: a.CloudWatch,
	}
	return core, workload
}
