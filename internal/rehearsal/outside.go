package rehearsal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Outside is what somebody who looks at the account from outside of it reads: no invocation, no faults, no time passes.
func (r *Run) Outside() (ledger.Client, story.Metrics) {
	return r.account.Table.Outside(), r.account.CloudWatch.Outside()
}

// Execution returns the ARN of the execution that makes the release.
func (r *Run) Execution() release.ExecutionARN { return r.execution.arn }

// Executions is the account's Step Functions, for somebody who looks on.
type Executions struct{ states }

// Executions returns it.
func (r *Run) Executions() Executions { return Executions{states{r.account}} }

// DescribeExecution answers how an execution stands. One that ended well has no error, and one that did not has no output.
func (e Executions) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	out, err := e.describe(in)
	if err == nil && aws.ToString(out.Output) == "" {
		out.Output = nil
	}
	return out, err
}

// ListExecutions answers all of them on one page, the newest first.
func (e Executions) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	out := &sfn.ListExecutionsOutput{}
	for i := len(e.account.executions) - 1; i >= 0; i-- {
		one := e.account.executions[i]
		status := types.ExecutionStatusRunning
		if one.end != nil {
			status = types.ExecutionStatus(one.end.Status)
		}
		if in.StatusFilter == "" || in.StatusFilter == status {
			out.Executions = append(out.Executions, types.ExecutionListItem{ExecutionArn: aws.String(string(one.arn)), Status: status})
		}
	}
	return out, nil
}
