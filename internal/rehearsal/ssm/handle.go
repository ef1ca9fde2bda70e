package ssm

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ssm"
)

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (s *Service) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	switch in := params.(type) {
	case *sdk.GetParameterInput:
		out, err = s.GetParameter(ctx, in)
	case *sdk.GetParametersInput:
		out, err = s.GetParameters(ctx, in)
	case *sdk.PutParameterInput:
		out, err = s.PutParameter(ctx, in)
	case *sdk.GetAutomationExecutionInput:
		out, err = s.GetAutomationExecution(ctx, in)
	default:
		return nil, false, nil
	}
	return out, true, err
}
