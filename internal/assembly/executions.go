package assembly

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/recovery"
	"github.com/serin-aws/serin/internal/release"
)

// StepFunctions is what serin needs of Step Functions.
type StepFunctions interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	StopExecution(context.Context, *sfn.StopExecutionInput, ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error)
}

// executions is Step Functions as recovery and the pipeline's adapter see it.
type executions struct{ client StepFunctions }

const (
	noExecution   = "ExecutionDoesNotExist"
	alreadyExists = "ExecutionAlreadyExists"
)

// Describe answers the zero Execution where Step Functions does not know it.
func (e executions) Describe(ctx context.Context, execution release.ExecutionARN) (recovery.Execution, error) {
	out, err := e.client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(string(execution))})
	if awserr.Is(err, noExecution) {
		return recovery.Execution{}, nil
	}
	if err != nil {
		return recovery.Execution{}, awserr.Wrap("describe execution "+string(execution), err)
	}
	described := recovery.Execution{Status: recovery.Status(out.Status), Input: []byte(aws.ToString(out.Input)), Cause: aws.ToString(out.Cause)}
	if out.Status == types.ExecutionStatusSucceeded {
		described.Output = []byte(aws.ToString(out.Output))
	}
	return described, nil
}

// Start starts an execution; one of the same name that is there already is this one.
func (e executions) Start(ctx context.Context, machine, name string, input []byte) error {
	_, err := e.client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machine), Name: aws.String(name), Input: aws.String(string(input)),
	})
	if awserr.Is(err, alreadyExists) {
		return nil
	}
	return awserr.Wrap("start execution "+name, err)
}

// Stop ends an execution; one that is not there has ended.
func (e executions) Stop(ctx context.Context, execution release.ExecutionARN, cause string) error {
	_, err := e.client.StopExecution(ctx, &sfn.StopExecutionInput{
		ExecutionArn: aws.String(string(execution)), Error: aws.String("Stopped"), Cause: aws.String(cause),
	})
	if awserr.Is(err, noExecution) {
		return nil
	}
	return awserr.Wrap("stop execution "+string(execution), err)
}
