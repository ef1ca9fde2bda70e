package cloudformation

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (c *Service) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	switch in := params.(type) {
	case *sdk.DescribeStacksInput:
		out, err = c.DescribeStacks(ctx, in)
	case *sdk.DescribeStackEventsInput:
		out, err = c.DescribeStackEvents(ctx, in)
	case *sdk.GetTemplateInput:
		out, err = c.GetTemplate(ctx, in)
	case *sdk.CreateStackInput:
		out, err = c.CreateStack(ctx, in)
	case *sdk.UpdateStackInput:
		out, err = c.UpdateStack(ctx, in)
	case *sdk.CancelUpdateStackInput:
		out, err = c.CancelUpdateStack(ctx, in)
	case *sdk.ContinueUpdateRollbackInput:
		out, err = c.ContinueUpdateRollback(ctx, in)
	case *sdk.DeleteStackInput:
		out, err = c.DeleteStack(ctx, in)
	default:
		return nil, false, nil
	}
	return out, true, err
}
