package ecsservice

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Status values that the SDK has no constants for.
const (
	statusActive  = "ACTIVE"
	statusPrimary = "PRIMARY"
	taskRunning   = "RUNNING"
	taskStopped   = "STOPPED"
)

// services reads both services in one call. A service that does not exist, or was deleted, is nil.
func (p *Pair) services(ctx context.Context, place Place) (primary, canary *types.Service, err error) {
	op := "describe services " + place.PrimaryService + " and " + place.CanaryService
	out, err := p.clients.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(place.Cluster), Services: []string{place.PrimaryService, place.CanaryService},
	})
	if awserr.Is(err, "ClusterNotFoundException") {
		return nil, nil, release.Errorf(release.NotFound, op, "cluster %s does not exist in this account and region; check %s.cluster", place.Cluster, place.Field)
	}
	if err != nil {
		return nil, nil, awserr.Wrap(op, err)
	}
	return serviceNamed(out.Services, place.PrimaryService), serviceNamed(out.Services, place.CanaryService), nil
}

func serviceNamed(services []types.Service, name string) *types.Service {
	for i := range services {
		if s := &services[i]; aws.ToString(s.ServiceName) == ShortName(name) && aws.ToString(s.Status) == statusActive {
			return s
		}
	}
	return nil
}

// describe reads a task definition with its tags. Deregistered ones can still be read, deleted ones are NotFound.
func (p *Pair) describe(ctx context.Context, definition string) (*types.TaskDefinition, []types.Tag, error) {
	op := "describe task definition " + ShortName(definition)
	out, err := p.clients.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(definition), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if awserr.Is(err, "ClientException", "InvalidParameterException") { // "Unable to describe task definition."
		return nil, nil, release.Errorf(release.NotFound, op, "it does not exist in this account and region")
	}
	if err != nil {
		return nil, nil, awserr.Wrap(op, err)
	}
	return out.TaskDefinition, out.Tags, nil
}

// definitions lists the active definitions of a family above a revision number, the newest first.
func (p *Pair) definitions(ctx context.Context, family string, above int32) ([]string, error) {
	var found []string
	in := &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String(family), Sort: types.SortOrderDesc, MaxResults: aws.Int32(100)}
	for {
		out, err := p.clients.ECS.ListTaskDefinitions(ctx, in)
		if err != nil {
			return nil, awserr.Wrap("list task definitions of "+family, err)
		}
		for _, arn := range out.TaskDefinitionArns {
			if familyOf(arn) != family {
				continue
			}
			if revisionNumber(arn) <= above {
				return found, nil
			}
			found = append(found, arn)
		}
		if aws.ToString(out.NextToken) == "" {
			return found, nil
		}
		in.NextToken = out.NextToken
	}
}

// newest returns the highest active revision number of a family, 0 where it has none.
func (p *Pair) newest(ctx context.Context, family string) (int32, error) {
	out, err := p.clients.ECS.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: aws.String(family), Sort: types.SortOrderDesc, MaxResults: aws.Int32(1),
	})
	if err != nil {
		return 0, awserr.Wrap("list task definitions of "+family, err)
	}
	if len(out.TaskDefinitionArns) == 0 {
		return 0, nil
	}
	return revisionNumber(out.TaskDefinitionArns[0]), nil
}

// tasks reads the tasks of a service that are wanted (RUNNING) or being stopped and stopped (STOPPED): a task that was
// told to stop works on for up to two minutes, and is listed as STOPPED all that time.
func (p *Pair) tasks(ctx context.Context, place Place, service string, statuses ...types.DesiredStatus) ([]*types.Task, error) {
	var arns []string
	for _, status := range statuses {
		in := &ecs.ListTasksInput{Cluster: aws.String(place.Cluster), ServiceName: aws.String(service), DesiredStatus: status}
		for {
			out, err := p.clients.ECS.ListTasks(ctx, in)
			if err != nil {
				return nil, awserr.Wrap("list tasks of "+service, err)
			}
			arns = append(arns, out.TaskArns...)
			if aws.ToString(out.NextToken) == "" {
				break
			}
			in.NextToken = out.NextToken
		}
	}
	found := make([]*types.Task, 0, len(arns))
	for batch := range slices.Chunk(arns, 100) { // DescribeTasks takes at most 100
		out, err := p.clients.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(place.Cluster), Tasks: batch})
		if err != nil {
			return nil, awserr.Wrap("describe tasks of "+service, err)
		}
		for i := range out.Tasks {
			found = append(found, &out.Tasks[i]) // large, and looked at again and again
		}
	}
	return found, nil
}

// revisions reads service revisions by their ARNs.
func (p *Pair) revisions(ctx context.Context, arns []string) ([]types.ServiceRevision, error) {
	var found []types.ServiceRevision
	for batch := range slices.Chunk(arns, 20) { // DescribeServiceRevisions takes at most 20
		out, err := p.clients.ECS.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: batch})
		if err != nil {
			return nil, awserr.Wrap("describe service revisions", err)
		}
		found = append(found, out.ServiceRevisions...)
	}
	return found, nil
}

// primaryDeployment returns the deployment that a service is going to or has reached.
func primaryDeployment(s *types.Service) *types.Deployment {
	for i := range s.Deployments {
		if d := &s.Deployments[i]; aws.ToString(d.Status) == statusPrimary {
			return d
		}
	}
	return &types.Deployment{}
}

// lastEvent returns the newest message of a service's event list, shortened.
func lastEvent(s *types.Service) string {
	if len(s.Events) == 0 {
		return "ECS reports no event"
	}
	return "ECS says: " + shorten(aws.ToString(s.Events[0].Message))
}

// shorten keeps a foreign text readable in one sentence.
func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 240 {
		return string(runes[:237]) + "..."
	}
	return text
}
