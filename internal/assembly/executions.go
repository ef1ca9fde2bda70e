package assembly

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/operate"
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
	_, err := e.begin(ctx, machine, name, input)
	return err
}

// begin starts an execution, unless one of the same name is there already.
func (e executions) begin(ctx context.Context, machine, name string, input []byte) (there bool, err error) {
	_, err = e.client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machine), Name: aws.String(name), Input: aws.String(string(input)),
	})
	if awserr.Is(err, alreadyExists) {
		return true, nil
	}
	return false, awserr.Wrap("start execution "+name, err)
}

// starts is Step Functions as operate sees it: for the one state machine.
type starts struct{ *Serin }

func (s starts) Start(ctx context.Context, name string, request release.Request) (operate.Started, error) {
	input, err := json.Marshal(request)
	if err != nil { // a Request is texts and flags
		panic(err)
	}
	all, execution := executions{s.core.StepFunctions}, recovery.ExecutionOf(s.settings.Machine, name)
	there, err := all.begin(ctx, s.settings.Machine, name, input)
	if err != nil || !there {
		return operate.Started{Execution: execution}, err
	}
	old, err := all.Describe(ctx, execution)
	switch {
	case err != nil:
		return operate.Started{}, err
	case old.Status == recovery.Unknown: // it is there, and not seen yet
		return operate.Started{}, release.Errorf(release.Unavailable, "describe execution "+name, "it exists, and Step Functions does not tell of it yet")
	}
	before, err := s.decode(old.Input)
	if err != nil { // it was started with something else
		before = release.Request{}
	}
	return operate.Started{Execution: execution, Before: &before}, nil
}

func (s starts) Running(ctx context.Context, execution release.ExecutionARN) (bool, error) {
	there, err := executions{s.core.StepFunctions}.Describe(ctx, execution)
	return there.Status == recovery.Running, err
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
