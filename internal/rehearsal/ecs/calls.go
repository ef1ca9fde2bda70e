package ecs

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// The methods below have the signatures of the SDK's client, so a Control is every narrow client interface that names
// some of them.

// option is what the SDK's calls accept and a simulated one ignores.
type option = func(*sdk.Options)

func call[In, Out any](ctx context.Context, action string, in *In, effect func(*In) (*Out, error)) (*Out, error) {
	return door.Call(ctx, action, in, func() (*Out, error) { return effect(in) })
}

// DescribeClusters is the operation of that name.
func (c *Control) DescribeClusters(ctx context.Context, in *sdk.DescribeClustersInput, _ ...option) (*sdk.DescribeClustersOutput, error) {
	return call(ctx, "ecs:DescribeClusters", in, c.describeClusters)
}

// ListServices is the operation of that name.
func (c *Control) ListServices(ctx context.Context, in *sdk.ListServicesInput, _ ...option) (*sdk.ListServicesOutput, error) {
	return call(ctx, "ecs:ListServices", in, c.listServices)
}

// DescribeServices is the operation of that name.
func (c *Control) DescribeServices(ctx context.Context, in *sdk.DescribeServicesInput, _ ...option) (*sdk.DescribeServicesOutput, error) {
	return call(ctx, "ecs:DescribeServices", in, c.describeServices)
}

// UpdateService is the operation of that name.
func (c *Control) UpdateService(ctx context.Context, in *sdk.UpdateServiceInput, _ ...option) (*sdk.UpdateServiceOutput, error) {
	return call(ctx, "ecs:UpdateService", in, c.updateService)
}

// RegisterTaskDefinition is the operation of that name.
func (c *Control) RegisterTaskDefinition(ctx context.Context, in *sdk.RegisterTaskDefinitionInput, _ ...option) (*sdk.RegisterTaskDefinitionOutput, error) {
	return call(ctx, "ecs:RegisterTaskDefinition", in, c.registerDefinition)
}

// DescribeTaskDefinition is the operation of that name.
func (c *Control) DescribeTaskDefinition(ctx context.Context, in *sdk.DescribeTaskDefinitionInput, _ ...option) (*sdk.DescribeTaskDefinitionOutput, error) {
	return call(ctx, "ecs:DescribeTaskDefinition", in, c.describeDefinition)
}

// ListTaskDefinitions is the operation of that name.
func (c *Control) ListTaskDefinitions(ctx context.Context, in *sdk.ListTaskDefinitionsInput, _ ...option) (*sdk.ListTaskDefinitionsOutput, error) {
	return call(ctx, "ecs:ListTaskDefinitions", in, c.listDefinitions)
}

// DeregisterTaskDefinition is the operation of that name.
func (c *Control) DeregisterTaskDefinition(ctx context.Context, in *sdk.DeregisterTaskDefinitionInput, _ ...option) (*sdk.DeregisterTaskDefinitionOutput, error) {
	return call(ctx, "ecs:DeregisterTaskDefinition", in, c.deregisterDefinition)
}

// ListServiceDeployments is the operation of that name.
func (c *Control) ListServiceDeployments(ctx context.Context, in *sdk.ListServiceDeploymentsInput, _ ...option) (*sdk.ListServiceDeploymentsOutput, error) {
	return call(ctx, "ecs:ListServiceDeployments", in, c.listDeployments)
}

// DescribeServiceDeployments is the operation of that name.
func (c *Control) DescribeServiceDeployments(ctx context.Context, in *sdk.DescribeServiceDeploymentsInput, _ ...option) (*sdk.DescribeServiceDeploymentsOutput, error) {
	return call(ctx, "ecs:DescribeServiceDeployments", in, c.describeDeployments)
}

// DescribeServiceRevisions is the operation of that name.
func (c *Control) DescribeServiceRevisions(ctx context.Context, in *sdk.DescribeServiceRevisionsInput, _ ...option) (*sdk.DescribeServiceRevisionsOutput, error) {
	return call(ctx, "ecs:DescribeServiceRevisions", in, c.describeRevisions)
}

// ListTasks is the operation of that name.
func (c *Control) ListTasks(ctx context.Context, in *sdk.ListTasksInput, _ ...option) (*sdk.ListTasksOutput, error) {
	return call(ctx, "ecs:ListTasks", in, c.listTasks)
}

// DescribeTasks is the operation of that name.
func (c *Control) DescribeTasks(ctx context.Context, in *sdk.DescribeTasksInput, _ ...option) (*sdk.DescribeTasksOutput, error) {
	return call(ctx, "ecs:DescribeTasks", in, c.describeTasks)
}

// StopTask is the operation of that name.
func (c *Control) StopTask(ctx context.Context, in *sdk.StopTaskInput, _ ...option) (*sdk.StopTaskOutput, error) {
	return call(ctx, "ecs:StopTask", in, c.stopTask)
}

// UpdateTaskProtection is the operation of that name.
func (c *Control) UpdateTaskProtection(ctx context.Context, in *sdk.UpdateTaskProtectionInput, _ ...option) (*sdk.UpdateTaskProtectionOutput, error) {
	return call(ctx, "ecs:UpdateTaskProtection", in, c.protect)
}

// GetTaskProtection is the operation of that name.
func (c *Control) GetTaskProtection(ctx context.Context, in *sdk.GetTaskProtectionInput, _ ...option) (*sdk.GetTaskProtectionOutput, error) {
	return call(ctx, "ecs:GetTaskProtection", in, c.protection)
}

// ListTagsForResource is the operation of that name.
func (c *Control) ListTagsForResource(ctx context.Context, in *sdk.ListTagsForResourceInput, _ ...option) (*sdk.ListTagsForResourceOutput, error) {
	return call(ctx, "ecs:ListTagsForResource", in, c.listTags)
}

// TagResource is the operation of that name.
func (c *Control) TagResource(ctx context.Context, in *sdk.TagResourceInput, _ ...option) (*sdk.TagResourceOutput, error) {
	return call(ctx, "ecs:TagResource", in, c.tag)
}

// UntagResource is the operation of that name.
func (c *Control) UntagResource(ctx context.Context, in *sdk.UntagResourceInput, _ ...option) (*sdk.UntagResourceOutput, error) {
	return call(ctx, "ecs:UntagResource", in, c.untag)
}
