package world

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/smithy-go/middleware"
)

// Handle answers one call of a service by its typed input; known is false where the service does not simulate it.
type Handle func(ctx context.Context, params any) (out any, known bool, err error)

// Mounted is a configuration for real SDK clients whose calls end in a simulated service: the SDK's own validation
// runs, nothing is sent. The SDK does not retry, because the door does.
func Mounted(region string, service Handle) aws.Config {
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

// CloudWatch is the account's CloudWatch behind a real client.
func CloudWatch(site Site) *cloudwatch.Client {
	return cloudwatch.NewFromConfig(Mounted(site.Region, site.CloudWatch.Handle))
}
