package infra

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ServiceProps describes an ECS service that is made, on Fargate. Vpc and Repository are required.
type ServiceProps struct {
	Vpc        awsec2.IVpc        // with private subnets in several availability zones
	Repository awsecr.IRepository // where the images are
	// TaskRole and ExecutionRole are what the tasks run with: AddTarget, in a stack that is deployed before, takes the
	// same. Nil: made.
	TaskRole, ExecutionRole awsiam.IRole

	InitialTag  string // of the image that runs until the first release; empty means "initial"
	Environment map[string]*string
	CPU, Memory float64 // CPU units and MiB; zero means 256 and 512
	X86         bool    // for images without an ARM64 variant
	Min, Max    float64 // of the primary's tasks; zero means 2 and 20
	Retention   awslogs.RetentionDays
}

// oneOf says which of the two a workload has: a service that exists already, or the description of one that is made.
func oneOf(target *Target, exists awsecs.FargateService, made *ServiceProps) {
	if (exists == nil) == (made == nil) {
		panic(fmt.Sprintf("infra: of %s name either the Service that exists or the NewService to make", target.Name))
	}
	if made != nil && (made.Vpc == nil || made.Repository == nil) {
		panic(fmt.Sprintf("infra: the NewService of %s needs a Vpc and a Repository", target.Name))
	}
}

func (props *ServiceProps) withDefaults() *ServiceProps {
	if props == nil {
		return nil
	}
	p := *props
	orElse(&p.CPU, 256)
	orElse(&p.Memory, 512)
	orElse(&p.Min, 2)
	orElse(&p.Max, 20)
	if p.InitialTag == "" {
		p.InitialTag = "initial"
	}
	if p.Retention == "" {
		p.Retention = awslogs.RetentionDays_ONE_MONTH
	}
	return &p
}

// task is what one workload's tasks have of their own.
type task struct {
	container   string
	logs        string // prefix of its log streams
	environment map[string]*string
	port        float64 // zero: it takes no connections
	stop        awscdk.Duration
}

// define makes the service's task definition.
func (props *ServiceProps) define(scope constructs.Construct, service string, t task) awsecs.FargateTaskDefinition {
	architecture := awsecs.CpuArchitecture_ARM64()
	if props.X86 {
		architecture = awsecs.CpuArchitecture_X86_64()
	}
	definition := awsecs.NewFargateTaskDefinition(scope, jsii.String("Definition"), &awsecs.FargateTaskDefinitionProps{
		Family: jsii.String(lastPart(service)), Cpu: &props.CPU, MemoryLimitMiB: &props.Memory,
		TaskRole: props.TaskRole, ExecutionRole: props.ExecutionRole,
		RuntimePlatform: &awsecs.RuntimePlatform{CpuArchitecture: architecture, OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX()},
	})
	options := &awsecs.ContainerDefinitionOptions{
		Image: awsecs.ContainerImage_FromEcrRepository(props.Repository, &props.InitialTag), Environment: &t.environment, StopTimeout: t.stop,
		ReadonlyRootFilesystem: jsii.Bool(true), User: jsii.String("65532"),
		Logging: awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
			StreamPrefix: &t.logs,
			LogGroup:     awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{Retention: props.Retention}),
		}),
	}
	if t.port != 0 {
		options.PortMappings = &[]*awsecs.PortMapping{{ContainerPort: &t.port}}
	}
	definition.AddContainer(&t.container, options)
	return definition
}

// build makes the service, in a cluster of its own and in private subnets of every availability zone of the network.
func (props *ServiceProps) build(scope constructs.Construct, cluster, service string, definition awsecs.FargateTaskDefinition) awsecs.FargateService {
	return awsecs.NewFargateService(scope, jsii.String("Primary"), &awsecs.FargateServiceProps{
		ServiceName: jsii.String(lastPart(service)), TaskDefinition: definition,
		Cluster: awsecs.NewCluster(scope, jsii.String("Cluster"), &awsecs.ClusterProps{
			ClusterName: jsii.String(lastPart(cluster)), Vpc: props.Vpc, ContainerInsightsV2: awsecs.ContainerInsights_ENABLED,
		}),
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
