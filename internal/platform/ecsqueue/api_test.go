package ecsqueue

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
)

func (w *world) answerService(s *fakeService) types.Service {
	out := s.Service
	out.Deployments, out.CurrentServiceRevisions = nil, nil
	out.RunningCount, out.PendingCount = int32(runningOf(s.wantedOf(nil))), int32(len(s.wantedOf(nil))-runningOf(s.wantedOf(nil)))
	for i, d := range s.deployments {
		status := "ACTIVE"
		if i == 0 {
			status = statusPrimary
			out.CurrentServiceRevisions = []types.ServiceCurrentRevisionSummary{{Arn: aws.String(revisionARN(s, d))}}
		}
		out.Deployments = append(out.Deployments, types.Deployment{
			Id: aws.String(d.id), Status: aws.String(status), TaskDefinition: aws.String(d.definition), RolloutState: d.state,
			RolloutStateReason: aws.String(d.reason), CreatedAt: aws.Time(d.created), DesiredCount: s.DesiredCount,
			RunningCount: int32(runningOf(s.wantedOf(d))), FailedTasks: d.failed,
		})
	}
	return out
}

func revisionARN(s *fakeService, d *fakeDeployment) string {
	return arnOf("service-revision", "prod/"+aws.ToString(s.ServiceName)+"/"+strings.TrimPrefix(d.id, "ecs-svc/"))
}

// The ECS API.

func (w *world) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	return serve(w, "DescribeServices", "", func() (*ecs.DescribeServicesOutput, error) {
		if ecsservice.ShortName(aws.ToString(in.Cluster)) != "prod" {
			return nil, apiError("ClusterNotFoundException", "Cluster not found.")
		}
		out := &ecs.DescribeServicesOutput{}
		for _, name := range in.Services {
			if s := w.service(name); s != nil {
				out.Services = append(out.Services, w.view(s))
			} else {
				out.Failures = append(out.Failures, types.Failure{Arn: aws.String(name), Reason: aws.String("MISSING")})
			}
		}
		return out, nil
	})
}

func (w *world) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	note := ecsservice.ShortName(aws.ToString(in.Service))
	if in.TaskDefinition != nil {
		note += " " + ecsservice.ShortName(*in.TaskDefinition)
	}
	if in.DesiredCount != nil {
		note += fmt.Sprintf(" %d", *in.DesiredCount)
	}
	return serve(w, "UpdateService", note, func() (*ecs.UpdateServiceOutput, error) {
		s := w.service(aws.ToString(in.Service))
		if s == nil {
			return nil, apiError("ServiceNotFoundException", "Service not found.")
		}
		definition := aws.ToString(s.TaskDefinition)
		if in.TaskDefinition != nil {
			d := w.definition(*in.TaskDefinition)
			if d == nil || d.Status != types.TaskDefinitionStatusActive {
				return nil, apiError("ClientException", "TaskDefinition is inactive")
			}
			definition = aws.ToString(d.TaskDefinitionArn)
		}
		starts := definition != aws.ToString(s.TaskDefinition) || in.ForceNewDeployment
		if starts && len(s.deployments) >= 5 {
			return nil, apiError("InvalidParameterException", "5 active deployments exist, unable to create new deployment.")
		}
		if in.DesiredCount != nil {
			s.DesiredCount = *in.DesiredCount
		}
		if starts {
			w.deploy(s, definition, nil)
		}
		answer := w.answerService(s)
		return &ecs.UpdateServiceOutput{Service: &answer}, nil
	})
}

func (w *world) DescribeTaskDefinition(_ context.Context, in *ecs.DescribeTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	return serve(w, "DescribeTaskDefinition", ecsservice.ShortName(aws.ToString(in.TaskDefinition)), func() (*ecs.DescribeTaskDefinitionOutput, error) {
		d := w.definition(aws.ToString(in.TaskDefinition))
		if d == nil {
			return nil, apiError("ClientException", "Unable to describe task definition.")
		}
		out := &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &d.TaskDefinition}
		if slices.Contains(in.Include, types.TaskDefinitionFieldTags) {
			out.Tags = slices.Clone(d.tags)
		}
		return out, nil
	})
}

func (w *world) ListTaskDefinitions(_ context.Context, in *ecs.ListTaskDefinitionsInput, _ ...func(*ecs.Options)) (*ecs.ListTaskDefinitionsOutput, error) {
	return serve(w, "ListTaskDefinitions", aws.ToString(in.FamilyPrefix), func() (*ecs.ListTaskDefinitionsOutput, error) {
		var arns []string
		shown := w.shown()
		for _, d := range slices.Backward(w.definitions) {
			if aws.ToString(d.Family) == aws.ToString(in.FamilyPrefix) && d.Status == types.TaskDefinitionStatusActive && !aws.ToTime(d.RegisteredAt).After(shown) {
				arns = append(arns, aws.ToString(d.TaskDefinitionArn))
			}
		}
		out := &ecs.ListTaskDefinitionsOutput{}
		out.TaskDefinitionArns, out.NextToken = page(arns, in.NextToken, w.pageSize)
		return out, nil
	})
}

func page(all []string, token *string, size int) ([]string, *string) {
	if size == 0 {
		size = 100
	}
	start := 0
	_, _ = fmt.Sscan(aws.ToString(token), &start)
	end := min(len(all), start+size)
	if end == len(all) {
		return all[start:end], nil
	}
	return all[start:end], aws.String(fmt.Sprint(end))
}

func (w *world) RegisterTaskDefinition(_ context.Context, in *ecs.RegisterTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.RegisterTaskDefinitionOutput, error) {
	return serve(w, "RegisterTaskDefinition", aws.ToString(in.Family)+" "+ecsservice.TagValue(in.Tags, "serin:for"), func() (*ecs.RegisterTaskDefinitionOutput, error) {
		d := w.register(in)
		return &ecs.RegisterTaskDefinitionOutput{TaskDefinition: &d.TaskDefinition, Tags: d.tags}, nil
	})
}

func (w *world) register(in *ecs.RegisterTaskDefinitionInput) *fakeDefinition {
	revision := int32(1)
	for _, d := range w.definitions {
		if aws.ToString(d.Family) == aws.ToString(in.Family) {
			revision = max(revision, d.Revision+1)
		}
	}
	d := &fakeDefinition{tags: slices.Clone(in.Tags), TaskDefinition: types.TaskDefinition{
		ContainerDefinitions: slices.Clone(in.ContainerDefinitions), Cpu: in.Cpu, EnableFaultInjection: in.EnableFaultInjection,
		EphemeralStorage: in.EphemeralStorage, ExecutionRoleArn: in.ExecutionRoleArn, Family: in.Family,
		InferenceAccelerators: in.InferenceAccelerators, //nolint:staticcheck // deprecated, and still copied
		IpcMode:               in.IpcMode, Memory: in.Memory, NetworkMode: in.NetworkMode,
		PidMode: in.PidMode, PlacementConstraints: in.PlacementConstraints, ProxyConfiguration: in.ProxyConfiguration,
		RequiresCompatibilities: in.RequiresCompatibilities, RuntimePlatform: in.RuntimePlatform, TaskRoleArn: in.TaskRoleArn,
		Volumes: in.Volumes, Revision: revision, Status: types.TaskDefinitionStatusActive, RegisteredAt: aws.Time(w.at),
		TaskDefinitionArn: aws.String(arnOf("task-definition", fmt.Sprintf("%s:%d", aws.ToString(in.Family), revision))),
	}}
	w.definitions = append(w.definitions, d)
	return d
}

func (w *world) DeregisterTaskDefinition(_ context.Context, in *ecs.DeregisterTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.DeregisterTaskDefinitionOutput, error) {
	return serve(w, "DeregisterTaskDefinition", ecsservice.ShortName(aws.ToString(in.TaskDefinition)), func() (*ecs.DeregisterTaskDefinitionOutput, error) {
		d := w.definition(aws.ToString(in.TaskDefinition))
		if d == nil {
			return nil, apiError("ClientException", "The specified task definition does not exist.")
		}
		d.Status = types.TaskDefinitionStatusInactive
		return &ecs.DeregisterTaskDefinitionOutput{TaskDefinition: &d.TaskDefinition}, nil
	})
}

func (w *world) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	return serve(w, "ListTasks", ecsservice.ShortName(aws.ToString(in.ServiceName)), func() (*ecs.ListTasksOutput, error) {
		s := w.service(aws.ToString(in.ServiceName))
		if s == nil {
			return nil, apiError("ServiceNotFoundException", "Service not found.")
		}
		var arns []string
		for _, t := range s.tasks {
			if aws.ToString(t.DesiredStatus) == string(in.DesiredStatus) {
				arns = append(arns, aws.ToString(t.TaskArn))
			}
		}
		out := &ecs.ListTasksOutput{}
		out.TaskArns, out.NextToken = page(arns, in.NextToken, w.pageSize)
		return out, nil
	})
}

func (w *world) DescribeTasks(_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	return serve(w, "DescribeTasks", "", func() (*ecs.DescribeTasksOutput, error) {
		if n := len(in.Tasks); n == 0 || n > 100 {
			return nil, apiError("InvalidParameterException", "Tasks must have 1 to 100 items.")
		}
		out := &ecs.DescribeTasksOutput{}
		for _, t := range w.tasksByARN(in.Tasks) {
			copied := t.Task
			copied.Containers = slices.Clone(t.Containers)
			out.Tasks = append(out.Tasks, copied)
		}
		return out, nil
	})
}

func (w *world) tasksByARN(arns []string) []*fakeTask {
	var found []*fakeTask
	for _, name := range slices.Sorted(maps.Keys(w.services)) {
		for _, t := range w.services[name].tasks {
			if slices.Contains(arns, aws.ToString(t.TaskArn)) {
				found = append(found, t)
			}
		}
	}
	return found
}

func (w *world) UpdateTaskProtection(_ context.Context, in *ecs.UpdateTaskProtectionInput, _ ...func(*ecs.Options)) (*ecs.UpdateTaskProtectionOutput, error) {
	return serve(w, "UpdateTaskProtection", fmt.Sprint(in.ProtectionEnabled), func() (*ecs.UpdateTaskProtectionOutput, error) {
		if len(in.Tasks) > 10 {
			return nil, apiError("InvalidParameterException", "Tasks must have at most 10 items.")
		}
		for _, t := range w.tasksByARN(in.Tasks) {
			t.protected = in.ProtectionEnabled
		}
		return &ecs.UpdateTaskProtectionOutput{}, nil
	})
}

func (w *world) ListServiceDeployments(_ context.Context, in *ecs.ListServiceDeploymentsInput, _ ...func(*ecs.Options)) (*ecs.ListServiceDeploymentsOutput, error) {
	return serve(w, "ListServiceDeployments", ecsservice.ShortName(aws.ToString(in.Service)), func() (*ecs.ListServiceDeploymentsOutput, error) {
		out := &ecs.ListServiceDeploymentsOutput{}
		s := w.service(aws.ToString(in.Service))
		shown := w.shown()
		for _, d := range slices.Backward(s.past) {
			if d.reverts != nil || d.created.After(shown) || in.CreatedAt != nil && d.created.Before(aws.ToTime(in.CreatedAt.After)) {
				continue
			}
			out.ServiceDeployments = append(out.ServiceDeployments, types.ServiceDeploymentBrief{
				ServiceDeploymentArn:     aws.String(arnOf("service-deployment", "prod/"+aws.ToString(s.ServiceName)+"/"+d.id[8:])),
				TargetServiceRevisionArn: aws.String(revisionARN(s, d)), Status: d.status, StatusReason: aws.String(d.reason), CreatedAt: aws.Time(d.created),
			})
		}
		return out, nil
	})
}

func (w *world) DescribeServiceRevisions(_ context.Context, in *ecs.DescribeServiceRevisionsInput, _ ...func(*ecs.Options)) (*ecs.DescribeServiceRevisionsOutput, error) {
	return serve(w, "DescribeServiceRevisions", "", func() (*ecs.DescribeServiceRevisionsOutput, error) {
		if n := len(in.ServiceRevisionArns); n == 0 || n > 20 {
			return nil, apiError("InvalidParameterException", "1 to 20 service revisions.")
		}
		out := &ecs.DescribeServiceRevisionsOutput{}
		for _, name := range slices.Sorted(maps.Keys(w.services)) {
			s := w.services[name]
			for _, d := range s.past {
				if slices.Contains(in.ServiceRevisionArns, revisionARN(s, d)) {
					out.ServiceRevisions = append(out.ServiceRevisions, w.answerRevision(s, d))
				}
			}
		}
		return out, nil
	})
}

func (w *world) answerRevision(s *fakeService, d *fakeDeployment) types.ServiceRevision {
	revision := types.ServiceRevision{ServiceRevisionArn: aws.String(revisionARN(s, d)), TaskDefinition: aws.String(d.definition)}
	for _, c := range w.definition(d.definition).ContainerDefinitions {
		image := types.ContainerImage{ContainerName: c.Name, Image: c.Image}
		if c.VersionConsistency != types.VersionConsistencyDisabled && len(s.tasks) > 0 {
			image.ImageDigest = aws.String(d.digests[aws.ToString(c.Name)])
		}
		revision.ContainerImages = append(revision.ContainerImages, image)
	}
	// What ECS adds by itself is listed like any other container.
	revision.ContainerImages = append(revision.ContainerImages, types.ContainerImage{ContainerName: aws.String("aws-guardduty-agent-x1"), ImageDigest: aws.String(digest("guard"))})
	return revision
}

// ECR, SQS and scaling.

func (w *world) DescribeImages(_ context.Context, in *ecr.DescribeImagesInput, _ ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	return serve(w, "DescribeImages", aws.ToString(in.RepositoryName), func() (*ecr.DescribeImagesOutput, error) {
		if aws.ToString(in.RepositoryName) != "orders-worker" || aws.ToString(in.RegistryId) != "111122223333" {
			return nil, apiError("RepositoryNotFoundException", "The repository does not exist")
		}
		out := &ecr.DescribeImagesOutput{}
		for _, id := range in.ImageIds {
			found := aws.ToString(id.ImageDigest)
			if found == "" {
				found = w.digestOf("orders-worker:" + aws.ToString(id.ImageTag))
			}
			tags, ok := w.images[found]
			if !ok {
				return nil, apiError("ImageNotFoundException", "The image does not exist")
			}
			status := ecrtypes.ImageStatusActive
			if w.archived[found] {
				status = ecrtypes.ImageStatusArchived
			}
			out.ImageDetails = append(out.ImageDetails, ecrtypes.ImageDetail{ImageDigest: aws.String(found), ImageTags: tags, RegistryId: aws.String("111122223333"), ImageStatus: status})
		}
		return out, nil
	})
}

func (w *world) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return serve(w, "GetQueueUrl", aws.ToString(in.QueueName), func() (*sqs.GetQueueUrlOutput, error) {
		if _, ok := w.queues[aws.ToString(in.QueueName)]; !ok {
			return nil, apiError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
		}
		return &sqs.GetQueueUrlOutput{QueueUrl: aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/" + aws.ToString(in.QueueName))}, nil
	})
}

func (w *world) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return serve(w, "GetQueueAttributes", "", func() (*sqs.GetQueueAttributesOutput, error) {
		attributes, ok := w.queues[ecsservice.ShortName(aws.ToString(in.QueueUrl))]
		if !ok {
			return nil, &sqstypes.QueueDoesNotExist{}
		}
		return &sqs.GetQueueAttributesOutput{Attributes: attributes}, nil
	})
}

func (w *world) DescribeScalableTargets(_ context.Context, in *applicationautoscaling.DescribeScalableTargetsInput, _ ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DescribeScalableTargetsOutput, error) {
	return serve(w, "DescribeScalableTargets", "", func() (*applicationautoscaling.DescribeScalableTargetsOutput, error) {
		out := &applicationautoscaling.DescribeScalableTargetsOutput{}
		for _, target := range w.targets {
			if slices.Contains(in.ResourceIds, aws.ToString(target.ResourceId)) {
				out.ScalableTargets = append(out.ScalableTargets, target)
			}
		}
		return out, nil
	})
}

func (w *world) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	return serve(w, "GetParameter", aws.ToString(in.Name), func() (*ssm.GetParameterOutput, error) {
		value, ok := w.parameters[aws.ToString(in.Name)]
		if !ok {
			return nil, &ssmtypes.ParameterNotFound{}
		}
		return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: aws.String(value)}}, nil
	})
}

func (w *world) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	return serve(w, "PutParameter", aws.ToString(in.Name), func() (*ssm.PutParameterOutput, error) {
		if w.parameters == nil {
			w.parameters = map[string]string{}
		}
		w.parameters[aws.ToString(in.Name)] = aws.ToString(in.Value)
		return &ssm.PutParameterOutput{}, nil
	})
}
