package infra

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// pair are two ECS services that run the same definition but for its family.
type pair struct {
	scope             constructs.Construct
	canary, container string // names, of the canary's service and of the container that is released
	live              live
}

// twin is what is put beside a primary.
type twin struct {
	service   awsecs.CfnService
	revision  awsecs.TaskDefinition // the primary's
	passRoles []awsiam.IRole
}

// beside makes the canary's service and definition as copies of the primary's, and hands both services over. change sets
// what is the canary's own.
func (p pair) beside(primary awsecs.FargateService, change func(*awsecs.CfnServiceProps)) twin {
	revision := primary.TaskDefinition()
	definition, service := definitionOf(revision), serviceOf(primary)
	copied := awsecs.NewCfnTaskDefinition(p.scope, jsii.String("CanaryDefinition"), &awsecs.CfnTaskDefinitionProps{
		Family:               jsii.String(lastPart(p.canary)),
		ContainerDefinitions: definition.ContainerDefinitions(), Volumes: definition.Volumes(),
		Cpu: definition.Cpu(), Memory: definition.Memory(), NetworkMode: definition.NetworkMode(),
		RequiresCompatibilities: definition.RequiresCompatibilities(), RuntimePlatform: definition.RuntimePlatform(),
		EphemeralStorage: definition.EphemeralStorage(), ProxyConfiguration: definition.ProxyConfiguration(),
		TaskRoleArn: definition.TaskRoleArn(), ExecutionRoleArn: definition.ExecutionRoleArn(),
	})
	props := &awsecs.CfnServiceProps{
		ServiceName: jsii.String(lastPart(p.canary)), Cluster: service.Cluster(), TaskDefinition: copied.Ref(),
		LaunchType: service.LaunchType(), CapacityProviderStrategy: service.CapacityProviderStrategy(), PlatformVersion: service.PlatformVersion(),
		NetworkConfiguration: service.NetworkConfiguration(), DeploymentConfiguration: service.DeploymentConfiguration(),
		EnableEcsManagedTags: service.EnableEcsManagedTags(), PropagateTags: service.PropagateTags(),
		AvailabilityZoneRebalancing: service.AvailabilityZoneRebalancing(),
	}
	change(props)
	canary := awsecs.NewCfnService(p.scope, jsii.String("Canary"), props)
	canary.Node().AddDependency(primary)
	container := revision.FindContainer(&p.container)
	if container == nil {
		panic(fmt.Sprintf("infra: the task definition has no container %q; check the container in the target's file", p.container))
	}
	p.live.keep(definition, p.container, container.ImageName())
	p.live.keep(copied, p.container, container.ImageName())
	p.live.handOver(service, livePrimary, definition.Ref())
	p.live.handOver(canary, liveCanary, copied.Ref())
	made := twin{service: canary, revision: revision, passRoles: []awsiam.IRole{revision.TaskRole()}}
	if role := revision.ExecutionRole(); role != nil {
		made.passRoles = append(made.passRoles, role)
	}
	return made
}
