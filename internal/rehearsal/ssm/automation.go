package ssm

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// Automate starts a runbook as somebody, past the door, and returns the execution's id. The runbook's steps are whoever
// calls this.
func (s *Service) Automate(document, executedBy string, parameters map[string][]string) string {
	id := fmt.Sprintf("00000000-0000-4000-8000-%012x", len(s.automations)+1)
	s.automations[id] = &types.AutomationExecution{
		AutomationExecutionId: aws.String(id), DocumentName: aws.String(document), DocumentVersion: aws.String("1"),
		ExecutedBy: aws.String(executedBy), Parameters: parameters, ExecutionStartTime: aws.Time(s.loop.Now()),
		AutomationExecutionStatus: types.AutomationExecutionStatusInprogress,
	}
	return id
}

// Automated ends an execution.
func (s *Service) Automated(id string, status types.AutomationExecutionStatus) {
	s.automations[id].AutomationExecutionStatus = status
}

// GetAutomationExecution answers how an execution of a runbook stands.
func (s *Service) GetAutomationExecution(ctx context.Context, in *sdk.GetAutomationExecutionInput, _ ...func(*sdk.Options)) (*sdk.GetAutomationExecutionOutput, error) {
	return door.Call(ctx, "ssm:GetAutomationExecution", in, func() (*sdk.GetAutomationExecutionOutput, error) {
		there, ok := s.automations[aws.ToString(in.AutomationExecutionId)]
		if !ok {
			return nil, &types.AutomationExecutionNotFoundException{Message: aws.String("Execution not found.")}
		}
		answer := *there
		return &sdk.GetAutomationExecutionOutput{AutomationExecution: &answer}, nil
	})
}
