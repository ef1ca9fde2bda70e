package adopt

import (
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/goccy/go-yaml"

	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/release"
)

// The parts of /serin/live/<target> of a queue worker, in order; internal/platform/ecsqueue writes them.
const (
	liveImage  = 0
	liveCanary = 2
)

// Canary returns the CloudFormation template of the canary: one task beside the primary's, on a task definition of its
// own that says what the primary's says. It starts from what serves, so that deploying it again moves nothing.
func (w Worker) Canary() ([]byte, error) {
	definition, err := w.canaryDefinition()
	if err != nil {
		return nil, err
	}
	resources := yaml.MapSlice{
		{Key: "CanaryDefinition", Value: yaml.MapSlice{
			{Key: "Type", Value: "AWS::ECS::TaskDefinition"},
			{Key: "DeletionPolicy", Value: "Retain"}, // a service cannot go back to one that was deregistered
			{Key: "UpdateReplacePolicy", Value: "Retain"},
			{Key: "Properties", Value: definition},
		}},
		{Key: "Canary", Value: yaml.MapSlice{{Key: "Type", Value: "AWS::ECS::Service"}, {Key: "Properties", Value: w.canaryService()}}},
	}
	for _, alarm := range w.alarms() {
		resources = append(resources, yaml.MapItem{Key: alarm.id, Value: yaml.MapSlice{{Key: "Type", Value: "AWS::CloudWatch::Alarm"}, {Key: "Properties", Value: alarm.properties}}})
	}
	text, err := yaml.MarshalWithOptions(yaml.MapSlice{
		{Key: "AWSTemplateFormatVersion", Value: "2010-09-09"},
		{Key: "Description", Value: fmt.Sprintf("%s: the canary of %s, for serin", w.Name, w.Place.PrimaryService)},
		{Key: "Parameters", Value: map[string]any{"Live": map[string]any{
			"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": w.Name.LiveParameter(),
			"Description": "What serves: leave it as it is",
		}}},
		{Key: "Conditions", Value: map[string]any{"Released": map[string]any{"Fn::Not": []any{
			map[string]any{"Fn::Equals": []any{live(liveImage), w.nothingLive()}},
		}}}},
		{Key: "Resources", Value: resources},
	}, yaml.IndentSequence(true))
	if err != nil {
		return nil, release.Errorf(release.Unexpected, w.op(), "write the canary's template: %w", err)
	}
	return append([]byte(w.head()), text...), nil
}

func (w Worker) head() string {
	return fmt.Sprintf(`# The canary of %s, written by: serin init --service %s/%s
# It is yours to keep and to change. serin alone moves the service: from the first release on the task definition and the
# image are those that serve, whatever stands here; a change of the rest reaches the canary with the next release.
`, w.Place.PrimaryService, w.Place.Cluster, w.Place.PrimaryService)
}

// nothingLive is the image that serves before the first release.
func (w Worker) nothingLive() string {
	image, _, _ := strings.Cut(permit.NothingLive(&release.Target{Platform: release.PlatformECSQueue}), ",")
	return image
}

func live(part int) any {
	return map[string]any{"Fn::Select": []any{part, map[string]any{"Ref": "Live"}}}
}

// released is a part of what serves, and before the first release something else.
func released(part int, before any) any {
	return map[string]any{"Fn::If": []any{"Released", live(part), before}}
}

// canaryDefinition is the primary's registration in a family of the canary's own.
func (w Worker) canaryDefinition() (map[string]any, error) {
	definition, ok := properties(w.Registration).(map[string]any)
	if !ok {
		return nil, release.Errorf(release.Unexpected, w.op(), "%s has no properties", w.Definition)
	}
	definition["Family"] = w.Place.CanaryService
	containers, _ := definition["ContainerDefinitions"].([]any)
	for _, item := range containers {
		c, _ := item.(map[string]any)
		w.rename(c)
		if c["Name"] == w.Place.Container {
			c["Image"] = released(liveImage, c["Image"])
		}
	}
	return definition, nil
}

// rename lets a container that is told its service's name know the canary's: by that name its metrics are told apart.
func (w Worker) rename(container map[string]any) {
	variables, _ := container["Environment"].([]any)
	for _, item := range variables {
		if variable, ok := item.(map[string]any); ok && variable["Value"] == w.Place.PrimaryService {
			variable["Value"] = w.Place.CanaryService
		}
	}
}

// canaryService is the primary's service over again, but for what tells the two apart: its name, its definition, and
// its number of tasks, which is one until a release sets it and so is not named.
func (w Worker) canaryService() map[string]any {
	s := w.Service
	service := map[string]any{
		"ServiceName":    w.Place.CanaryService,
		"Cluster":        aws.ToString(s.ClusterArn),
		"TaskDefinition": released(liveCanary, map[string]any{"Ref": "CanaryDefinition"}),
		"DeploymentConfiguration": map[string]any{ // so that a single task can be replaced
			"MinimumHealthyPercent": 100, "MaximumPercent": 200,
			"DeploymentCircuitBreaker": map[string]any{"Enable": true, "Rollback": true},
		},
		"EnableECSManagedTags": s.EnableECSManagedTags,
		"EnableExecuteCommand": s.EnableExecuteCommand,
	}
	deployment := w.Deployed()
	optional := map[string]any{
		"LaunchType":                  properties(s.LaunchType),
		"CapacityProviderStrategy":    properties(s.CapacityProviderStrategy),
		"PlatformVersion":             properties(s.PlatformVersion),
		"NetworkConfiguration":        properties(s.NetworkConfiguration),
		"PlacementConstraints":        properties(s.PlacementConstraints),
		"PlacementStrategies":         properties(s.PlacementStrategy),
		"AvailabilityZoneRebalancing": properties(s.AvailabilityZoneRebalancing),
		"ServiceConnectConfiguration": properties(deployment.ServiceConnectConfiguration),
		"VolumeConfigurations":        properties(deployment.VolumeConfigurations),
	}
	if s.PropagateTags != types.PropagateTagsNone {
		optional["PropagateTags"] = properties(s.PropagateTags)
	}
	maps.DeleteFunc(optional, func(_ string, value any) bool { return value == nil })
	maps.Copy(service, optional)
	return service
}

// alarm is one alarm of the canary's template.
type alarm struct {
	id, name   string
	properties map[string]any
}

// alarms are the vetoes that the target file names: a message in the dead-letter queue, and work that is not kept up with.
func (w Worker) alarms() []alarm {
	define := func(id, name, says, queue, metric string, threshold, minutes int) alarm {
		name = string(w.Name) + "-" + name
		return alarm{id: id, name: name, properties: map[string]any{
			"AlarmName": name, "AlarmDescription": says, "Namespace": "AWS/SQS", "MetricName": metric,
			"Dimensions": []any{map[string]any{"Name": "QueueName", "Value": queue}}, "Statistic": "Maximum",
			"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": threshold,
			"Period": 60, "EvaluationPeriods": minutes, "DatapointsToAlarm": minutes, "TreatMissingData": "notBreaching",
		}}
	}
	list := []alarm{define("OldestMessage", "oldest-message", "The oldest message has waited for long: the worker does not keep up.",
		w.Place.Queue, "ApproximateAgeOfOldestMessage", 3*max(60, w.queue.visibility), 3)}
	if w.queue.deadLetter != "" {
		list = append(list, define("DeadLettersNotEmpty", "dlq-not-empty", "Messages could not be processed: they are in the dead-letter queue.",
			w.queue.deadLetter, "ApproximateNumberOfMessagesVisible", 1, 1))
	}
	return list
}
