package ecs

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Handle answers the input of any operation the simulation knows, for a middleware that stands in a real SDK client;
// known is false for every other input.
func (c *Control) Handle(ctx context.Context, params any) (out any, known bool, err error) {
	known = true
	switch in := params.(type) {
	case *sdk.DescribeClustersInput:
		out, err = c.DescribeClusters(ctx, in)
	case *sdk.ListServicesInput:
		out, err = c.ListServices(ctx, in)
	case *sdk.DescribeServicesInput:
		out, err = c.DescribeServices(ctx, in)
	case *sdk.UpdateServiceInput:
		out, err = c.UpdateService(ctx, in)
	case *sdk.RegisterTaskDefinitionInput:
		out, err = c.RegisterTaskDefinition(ctx, in)
	case *sdk.DescribeTaskDefinitionInput:
		out, err = c.DescribeTaskDefinition(ctx, in)
	case *sdk.ListTaskDefinitionsInput:
		out, err = c.ListTaskDefinitions(ctx, in)
	case *sdk.DeregisterTaskDefinitionInput:
		out, err = c.DeregisterTaskDefinition(ctx, in)
	case *sdk.ListServiceDeploymentsInput:
		out, err = c.ListServiceDeployments(ctx, in)
	case *sdk.DescribeServiceDeploymentsInput:
		out, err = c.DescribeServiceDeployments(ctx, in)
	case *sdk.DescribeServiceRevisionsInput:
		out, err = c.DescribeServiceRevisions(ctx, in)
	case *sdk.ListTasksInput:
		out, err = c.ListTasks(ctx, in)
	case *sdk.DescribeTasksInput:
		out, err = c.DescribeTasks(ctx, in)
	case *sdk.StopTaskInput:
		out, err = c.StopTask(ctx, in)
	case *sdk.UpdateTaskProtectionInput:
		out, err = c.UpdateTaskProtection(ctx, in)
	case *sdk.GetTaskProtectionInput:
		out, err = c.GetTaskProtection(ctx, in)
	case *sdk.ListTagsForResourceInput:
		out, err = c.ListTagsForResource(ctx, in)
	case *sdk.TagResourceInput:
		out, err = c.TagResource(ctx, in)
	case *sdk.UntagResourceInput:
		out, err = c.UntagResource(ctx, in)
	default:
		known = false
	}
	return out, known, err
}
