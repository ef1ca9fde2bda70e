package infra

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
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

// task is one task of a primary that is made.
type task struct {
	family, container       string
	logs                    string // prefix of its log streams
	repository              awsecr.IRepository
	tag                     string
	environment             map[string]*string
	cpu, memory             float64
	x86                     bool
	port                    float64 // zero: it takes no connections
	taskRole, executionRole awsiam.IRole
	retention               awslogs.RetentionDays
	stop                    awscdk.Duration
}

// newDefinition makes a primary's task definition, for Fargate.
func newDefinition(scope constructs.Construct, t task) awsecs.FargateTaskDefinition {
	architecture := awsecs.CpuArchitecture_ARM64()
	if t.x86 {
		architecture = awsecs.CpuArchitecture_X86_64()
	}
	definition := awsecs.NewFargateTaskDefinition(scope, jsii.String("Definition"), &awsecs.FargateTaskDefinitionProps{
		Family: jsii.String(lastPart(t.family)), Cpu: &t.cpu, MemoryLimitMiB: &t.memory,
		TaskRole: t.taskRole, ExecutionRole: t.executionRole,
		RuntimePlatform: &awsecs.RuntimePlatform{CpuArchitecture: architecture, OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX()},
	})
	options := &awsecs.ContainerDefinitionOptions{
		Image: awsecs.ContainerImage_FromEcrRepository(t.repository, &t.tag), Environment: &t.environment, StopTimeout: t.stop,
		ReadonlyRootFilesystem: jsii.Bool(true), User: jsii.String("65532"),
		Logging: awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
			StreamPrefix: &t.logs,
			LogGroup:     awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{Retention: t.retention}),
		}),
	}
	if t.port != 0 {
		options.PortMappings = &[]*awsecs.PortMapping{{ContainerPort: &t.port}}
	}
	definition.AddContainer(&t.container, options)
	return definition
}

// newService makes a primary: a service in private subnets of every availability zone of the cluster's network.
func newService(scope constructs.Construct, name string, cluster awsecs.ICluster, definition awsecs.FargateTaskDefinition) awsecs.FargateService {
	return awsecs.NewFargateService(scope, jsii.String("Primary"), &awsecs.FargateServiceProps{
		ServiceName: jsii.String(lastPart(name)), Cluster: cluster, TaskDefinition: definition,
		MinHealthyPercent: jsii.Number(100), MaxHealthyPercent: jsii.Number(200),
		CircuitBreaker:              &awsecs.DeploymentCircuitBreaker{Rollback: jsii.Bool(true)},
		AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_ENABLED,
		PropagateTags:               awsecs.PropagatedTagSource_SERVICE,
		EnableECSManagedTags:        jsii.Bool(true),
	})
}

// orElse sets what was left out.
func orElse(value *float64, usual float64) {
	if *value == 0 {
		*value = usual
	}
}
