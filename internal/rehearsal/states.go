package rehearsal

import (
	"bytes"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/release"
)

const machineARN = "arn:aws:states:" + region + ":" + accountID + ":stateMachine:serin"

// states is the Step Functions of the account, as serin's functions call it.
type states struct{ account *Account }

// DescribeExecution answers how an execution stands.
func (s states) DescribeExecution(ctx context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return door.Call(ctx, "states:DescribeExecution", in, func() (*sfn.DescribeExecutionOutput, error) { return s.describe(in) })
}

func (s states) describe(in *sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error) {
	e := s.account.execution(release.ExecutionARN(aws.ToString(in.ExecutionArn)))
	if e == nil {
		return nil, &types.ExecutionDoesNotExist{Message: aws.String("Execution Does Not Exist")}
	}
	out := &sfn.DescribeExecutionOutput{
		ExecutionArn: in.ExecutionArn, StateMachineArn: aws.String(machineARN), Name: aws.String(e.name),
		Input: aws.String(string(e.input)), Status: types.ExecutionStatusRunning,
	}
	if e.end != nil {
		out.Status, out.StopDate = types.ExecutionStatus(e.end.Status), aws.Time(e.done)
		out.Error, out.Cause, out.Output = aws.String(e.end.Error), aws.String(e.end.Cause), aws.String(string(e.end.Output))
	}
	return out, nil
}

// StartExecution starts one of the only state machine. The same start repeated is one, while it runs.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
func (s states) StartExecution(ctx context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return door.Call(ctx, "states:StartExecution", in, func() (*sfn.StartExecutionOutput, error) {
		if aws.ToString(in.StateMachineArn) != machineARN {
			return nil, &types.StateMachineDoesNotExist{Message: aws.String("State Machine Does Not Exist")}
		}
		input := []byte(aws.ToString(in.Input))
		e := s.account.execution(executionARN(aws.ToString(in.Name)))
		if e != nil && (e.end != nil || !bytes.Equal(e.input, input)) {
			return nil, &types.ExecutionAlreadyExists{Message: aws.String("Execution Already Exists")}
		}
		if e == nil {
			e = s.account.start(aws.ToString(in.Name), input)
		}
		return &sfn.StartExecutionOutput{ExecutionArn: aws.String(string(e.arn))}, nil
	})
}

// StopExecution ends an execution. A function that runs for it goes on, as on AWS.
func (s states) StopExecution(ctx context.Context, in *sfn.StopExecutionInput, _ ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error) {
	return door.Call(ctx, "states:StopExecution", in, func() (*sfn.StopExecutionOutput, error) {
		e := s.account.execution(release.ExecutionARN(aws.ToString(in.ExecutionArn)))
		if e == nil {
			return nil, &types.ExecutionDoesNotExist{Message: aws.String("Execution Does Not Exist")}
		}
		e.abort(aws.ToString(in.Error), aws.ToString(in.Cause))
		return &sfn.StopExecutionOutput{StopDate: aws.Time(e.done)}, nil
	})
}

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (s states) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	switch in := params.(type) {
	case *sfn.DescribeExecutionInput:
		out, err = s.DescribeExecution(ctx, in)
	case *sfn.StartExecutionInput:
		out, err = s.StartExecution(ctx, in)
	case *sfn.StopExecutionInput:
		out, err = s.StopExecution(ctx, in)
	default:
		return nil, false, nil
	}
	return out, true, err
}

// execution returns an execution by its ARN, or nil.
func (a *Account) execution(arn release.ExecutionARN) *execution {
	for _, e := range a.executions {
		if e.arn == arn {
			return e
		}
	}
	return nil
}

func executionARN(name string) release.ExecutionARN {
	return release.ExecutionARN("arn:aws:states:" + region + ":" + accountID + ":execution:serin:" + name)
}
