package infra

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/permit"
)

// live is what serves, as CloudFormation reads it from /serin/live/<target> at every deployment. serin writes it at the
// end of each release; before the first, everything is none.
type live struct {
	parameter awscdk.CfnParameter
	released  awscdk.CfnCondition
}

// The parts of the parameter of a target over ECS, in order.
const (
	liveImage = iota
	livePrimary
	liveCanary
)

// liveVersion is the only part of a lambda-alias target's.
const liveVersion = 0

// NewLive defines the parameter that says what serves, for serin to write. AddTarget does it by itself; it is apart for
// a target that is not known in full before its services are deployed, which read the parameter: the ARN of the
// listener rule that NewLoadBalancedCanary makes is such a thing. Deploy it before them, and hand it to AddTarget.
func NewLive(scope constructs.Construct, id string, target *Target) awsssm.CfnParameter {
	// A parameter of CloudFormation's is written when its definition changes and at no other time. This one never
	// changes, so what serin writes stays.
	made := awsssm.NewCfnParameter(scope, &id, &awsssm.CfnParameterProps{
		Name: jsii.String(target.Name.LiveParameter()), Type: jsii.String("StringList"), Value: jsii.String(permit.NothingLive(target)),
		Description: jsii.String("serin writes here what serves; infrastructure code reads it"),
	})
	made.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	return made
}

func newLive(scope constructs.Construct, target *Target) live {
	l := live{parameter: awscdk.NewCfnParameter(scope, jsii.String("Live"), &awscdk.CfnParameterProps{
		Type: jsii.String("AWS::SSM::Parameter::Value<List<String>>"), Default: jsii.String(target.Name.LiveParameter()),
		Description: jsii.String("What serves " + string(target.Name) + ": leave it as it is"),
	})}
	nothing := l.part(liveImage)
	l.released = awscdk.NewCfnCondition(scope, jsii.String("Released"), &awscdk.CfnConditionProps{
		Expression: awscdk.Fn_ConditionNot(awscdk.Fn_ConditionEquals(nothing, jsii.String("none"))),
	})
	return l
}

func (l live) part(index float64) *string {
	return awscdk.Fn_Select(&index, l.parameter.ValueAsList())
}

// or is a part of what serves, and before the first release something else.
func (l live) or(index float64, before any) awscdk.IResolvable {
	return awscdk.Fn_ConditionIf(l.released.LogicalId(), l.part(index), before)
}

// handOver makes a service serin's to move. Infrastructure code goes on to register task definitions, with the image
// that serves; which of them runs is decided by a release. The number of tasks belongs to scaling, or to serin.
func (l live) handOver(service awsecs.CfnService, index float64, before any) {
	service.AddPropertyOverride(jsii.String("TaskDefinition"), l.or(index, before))
	service.AddPropertyDeletionOverride(jsii.String("DesiredCount"))
}

// keep makes a task definition start from the image that serves, and stay registered when a later one takes its place:
// a service cannot go back to one that was deregistered. image is the container's own, unresolved: it may name a
// repository of another stack.
func (l live) keep(definition awsecs.CfnTaskDefinition, container string, image *string) {
	definition.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	containers, _ := awscdk.Stack_Of(definition).Resolve(definition.ContainerDefinitions()).([]any)
	for i, item := range containers {
		if c, ok := item.(map[string]any); ok && c["name"] == container {
			definition.AddPropertyOverride(jsii.String(fmt.Sprintf("ContainerDefinitions.%d.Image", i)), l.or(liveImage, image))
			return
		}
	}
	panic(fmt.Sprintf("infra: the container %q is not in its own task definition", container))
}

// serviceOf returns the CloudFormation resource of a service, and definitionOf that of a task definition.
func serviceOf(service awsecs.FargateService) awsecs.CfnService {
	resource, ok := service.Node().FindChild(jsii.String("Service")).(awsecs.CfnService)
	if !ok {
		panic("infra: the service has no CfnService")
	}
	return resource
}

func definitionOf(definition awsecs.TaskDefinition) awsecs.CfnTaskDefinition {
	resource, ok := definition.Node().DefaultChild().(awsecs.CfnTaskDefinition)
	if !ok {
		panic("infra: the task definition has no CfnTaskDefinition")
	}
	return resource
}
