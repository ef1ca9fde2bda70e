package assembly

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

// RunbookReader is what operate needs of Systems Manager.
type RunbookReader interface {
	GetAutomationExecution(context.Context, *ssm.GetAutomationExecutionInput, ...func(*ssm.Options)) (*ssm.GetAutomationExecutionOutput, error)
}

// runbooks is Systems Manager as operate sees it.
type runbooks struct{ client RunbookReader }

// underWay are the states of an execution whose step may be calling operate.
var underWay = []types.AutomationExecutionStatus{
	types.AutomationExecutionStatusPending, types.AutomationExecutionStatusInprogress, types.AutomationExecutionStatusWaiting,
}

func (r runbooks) Execution(ctx context.Context, id string) (operate.Execution, error) {
	out, err := r.client.GetAutomationExecution(ctx, &ssm.GetAutomationExecutionInput{AutomationExecutionId: aws.String(id)})
	switch {
	case awserr.Is(err, "AutomationExecutionNotFoundException"):
		return operate.Execution{}, release.Errorf(release.NotFound, "get automation execution "+id, "%w", err)
	case err != nil:
		return operate.Execution{}, awserr.Wrap("get automation execution "+id, err)
	case out.AutomationExecution == nil:
		return operate.Execution{}, release.Errorf(release.Unexpected, "get automation execution "+id, "Systems Manager answered nothing")
	}
	e := out.AutomationExecution
	return operate.Execution{
		ID: id, Document: aws.ToString(e.DocumentName), Running: slices.Contains(underWay, e.AutomationExecutionStatus),
		Status: string(e.AutomationExecutionStatus), ExecutedBy: aws.ToString(e.ExecutedBy), Began: aws.ToTime(e.ExecutionStartTime), Parameters: e.Parameters,
	}, nil
}
