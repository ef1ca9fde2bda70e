package ecs

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func (d *definition) view() *types.TaskDefinition {
	v := cloneDefinition(&d.data)
	return &v
}

func (c *Control) registerDefinition(in *sdk.RegisterTaskDefinitionInput) (*sdk.RegisterTaskDefinitionOutput, error) {
	d, err := c.register(in)
	if err != nil {
		return nil, err
	}
	return &sdk.RegisterTaskDefinitionOutput{TaskDefinition: d.view(), Tags: cloneTags(d.tags)}, nil
}

// describeDefinition describes ACTIVE and INACTIVE revisions; tags only where the caller asks for them.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html
func (c *Control) describeDefinition(in *sdk.DescribeTaskDefinitionInput) (*sdk.DescribeTaskDefinitionOutput, error) {
	if aws.ToString(in.TaskDefinition) == "" {
		return nil, invalidParameter("Task Definition can not be blank.")
	}
	d := c.definition(*in.TaskDefinition)
	if d == nil {
		return nil, clientError("Unable to describe task definition.")
	}
	out := &sdk.DescribeTaskDefinitionOutput{TaskDefinition: d.view()}
	if slices.Contains(in.Include, types.TaskDefinitionFieldTags) {
		out.Tags = cloneTags(d.tags)
	}
	return out, nil
}

func (c *Control) deregisterDefinition(in *sdk.DeregisterTaskDefinitionInput) (*sdk.DeregisterTaskDefinitionOutput, error) {
	d, err := c.deregister(aws.ToString(in.TaskDefinition))
	if err != nil {
		return nil, err
	}
	return &sdk.DeregisterTaskDefinitionOutput{TaskDefinition: d.view()}, nil
}

// tagged finds the tags of a task definition or a service.
func (c *Control) tagged(arn *string) (*[]types.Tag, error) {
	name := aws.ToString(arn)
	if d := c.definitions[name]; d != nil {
		return &d.tags, nil
	}
	for _, s := range c.services {
		if s.arn == name {
			return &s.tags, nil
		}
	}
	return nil, invalidParameter("The specified resource cannot be found: " + name)
}

func (c *Control) listTags(in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	tags, err := c.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &sdk.ListTagsForResourceOutput{Tags: cloneTags(*tags)}, nil
}

func (c *Control) tag(in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	tags, err := c.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, next := range cloneTags(in.Tags) {
		at := slices.IndexFunc(*tags, func(t types.Tag) bool { return aws.ToString(t.Key) == aws.ToString(next.Key) })
		if at < 0 {
			*tags = append(*tags, next)
		} else {
			(*tags)[at] = next
		}
	}
	return &sdk.TagResourceOutput{}, nil
}

func (c *Control) untag(in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	tags, err := c.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	*tags = slices.DeleteFunc(*tags, func(t types.Tag) bool { return slices.Contains(in.TagKeys, aws.ToString(t.Key)) })
	return &sdk.UntagResourceOutput{}, nil
}
