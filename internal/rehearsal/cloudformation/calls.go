package cloudformation

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// option is what the SDK's calls accept and a simulated one ignores.
type option = func(*sdk.Options)

func call[In, Out any](ctx context.Context, operation string, in *In, effect func(*In) (*Out, error)) (*Out, error) {
	return door.Call(ctx, "cloudformation:"+operation, in, func() (*Out, error) { return effect(in) })
}

// DescribeStacks is the operation of that name, for one stack.
func (c *Service) DescribeStacks(ctx context.Context, in *sdk.DescribeStacksInput, _ ...option) (*sdk.DescribeStacksOutput, error) {
	return call(ctx, "DescribeStacks", in, c.describeStacks)
}

// DescribeStackEvents is the operation of that name.
func (c *Service) DescribeStackEvents(ctx context.Context, in *sdk.DescribeStackEventsInput, _ ...option) (*sdk.DescribeStackEventsOutput, error) {
	return call(ctx, "DescribeStackEvents", in, c.describeStackEvents)
}

// GetTemplate is the operation of that name.
func (c *Service) GetTemplate(ctx context.Context, in *sdk.GetTemplateInput, _ ...option) (*sdk.GetTemplateOutput, error) {
	return call(ctx, "GetTemplate", in, c.getTemplate)
}

// CreateStack is the operation of that name.
func (c *Service) CreateStack(ctx context.Context, in *sdk.CreateStackInput, _ ...option) (*sdk.CreateStackOutput, error) {
	return call(ctx, "CreateStack", in, c.createStack)
}

// UpdateStack is the operation of that name, with the template that the stack has.
func (c *Service) UpdateStack(ctx context.Context, in *sdk.UpdateStackInput, _ ...option) (*sdk.UpdateStackOutput, error) {
	return call(ctx, "UpdateStack", in, c.updateStack)
}

// CancelUpdateStack is the operation of that name.
func (c *Service) CancelUpdateStack(ctx context.Context, in *sdk.CancelUpdateStackInput, _ ...option) (*sdk.CancelUpdateStackOutput, error) {
	return call(ctx, "CancelUpdateStack", in, c.cancelUpdateStack)
}

// ContinueUpdateRollback is the operation of that name.
func (c *Service) ContinueUpdateRollback(ctx context.Context, in *sdk.ContinueUpdateRollbackInput, _ ...option) (*sdk.ContinueUpdateRollbackOutput, error) {
	return call(ctx, "ContinueUpdateRollback", in, c.continueUpdateRollback)
}

// DeleteStack is the operation of that name.
func (c *Service) DeleteStack(ctx context.Context, in *sdk.DeleteStackInput, _ ...option) (*sdk.DeleteStackOutput, error) {
	return call(ctx, "DeleteStack", in, c.deleteStack)
}
