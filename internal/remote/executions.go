package remote

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Executions is what is used of Step Functions.
type Executions interface {
	ListExecutions(context.Context, *sfn.ListExecutionsInput, ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error)
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

// recent is how many executions are looked through for one of which only the release is known.
const recent = 1000

// executionOf finds the execution that makes a release, among the latest of the state machine: the release's id is a
// hash of the execution and its target. It answers nothing where there is none, or where nobody may look.
func (a *Account) executionOf(ctx context.Context, id release.ID, targets []release.TargetName) (Reference, error) {
	c, err := a.Core(ctx)
	if err != nil {
		return Reference{}, err
	}
	in := &sfn.ListExecutionsInput{StateMachineArn: aws.String(c.StateMachine), MaxResults: 100}
	for seen := 0; seen < recent; {
		out, err := a.clients.StepFunctions.ListExecutions(ctx, in)
		if err != nil && release.CodeOf(awserr.Wrap("", err)) == release.Denied {
			return Reference{}, nil
		}
		if err != nil {
			return Reference{}, a.failed("list the executions of "+c.StateMachine, err)
		}
		for _, e := range out.Executions {
			for _, target := range targets {
				if execution := release.ExecutionARN(aws.ToString(e.ExecutionArn)); release.NewID(target, execution) == id {
					return Reference{Release: id, Target: target, Execution: execution}, nil
				}
			}
		}
		if aws.ToString(out.NextToken) == "" {
			return Reference{}, nil
		}
		seen += len(out.Executions)
		in.NextToken = out.NextToken
	}
	return Reference{}, nil
}

// running is how many running executions are looked into for one that prepares a release.
const running = 30

// preparing finds an execution that was started for a target moments ago, before the ledger knows its release. It
// answers nothing where there is none, or where nobody may look.
func (a *Account) preparing(ctx context.Context, target release.TargetName) (Reference, error) {
	c, err := a.Core(ctx)
	if err != nil {
		return Reference{}, err
	}
	out, err := a.clients.StepFunctions.ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: aws.String(c.StateMachine), StatusFilter: types.ExecutionStatusRunning, MaxResults: running,
	})
	switch {
	case err != nil && release.CodeOf(awserr.Wrap("", err)) == release.Denied:
		return Reference{}, nil
	case err != nil:
		return Reference{}, a.failed("list the executions of "+c.StateMachine, err)
	}
	for _, one := range out.Executions {
		e, err := a.execution(ctx, release.ExecutionARN(aws.ToString(one.ExecutionArn)))
		if err != nil && release.CodeOf(err) != release.NotFound && release.CodeOf(err) != release.Invalid {
			return Reference{}, err
		}
		if err == nil && e.request.Target == target && e.request.Release == "" {
			return Reference{Release: release.NewID(target, e.arn), Target: target, Execution: e.arn}, nil
		}
	}
	return Reference{}, nil
}

// execution is what Step Functions knows of one.
type execution struct {
	arn     release.ExecutionARN
	request release.Request
	status  types.ExecutionStatus
	started time.Time
	ended   time.Time
	code    string // of one that failed: the Fail state's error
	cause   string
	answer  release.Answer // of one that succeeded
}

func (a *Account) execution(ctx context.Context, name release.ExecutionARN) (execution, error) {
	out, err := a.clients.StepFunctions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(string(name))})
	if awserr.Is(err, "ExecutionDoesNotExist", "InvalidArn") {
		return execution{}, release.Errorf(release.NotFound, "", "there is no execution %s here (%s); Step Functions forgets one 90 days after its end", name, a.place)
	}
	if err != nil {
		return execution{}, a.failed("describe execution "+string(name), err)
	}
	e := execution{
		arn: name, status: out.Status, started: aws.ToTime(out.StartDate), ended: aws.ToTime(out.StopDate),
		code: aws.ToString(out.Error), cause: aws.ToString(out.Cause),
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.Input)), &e.request); err != nil {
		return execution{}, release.Errorf(release.Invalid, "", "execution %s has an input that is no request of serin's: %v", name, err)
	}
	if out.Output != nil {
		if err := json.Unmarshal([]byte(*out.Output), &e.answer); err != nil {
			return execution{}, release.Errorf(release.Unexpected, "execution "+string(name), "its output is no answer of serin's: %w", err)
		}
	}
	return e, nil
}
