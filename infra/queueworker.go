package infra

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// QueueWorkerCanaryProps describes a queue worker with a canary. Target is required, and Vpc and Repository where there
// is no Service yet.
type QueueWorkerCanaryProps struct {
	// Target is the worker's target, of the platform ecs-queue. It names the cluster, both services, the container and
	// the queue.
	Target *Target

	// Service is a worker that exists already: a canary is put beside it, and its service becomes serin's to move. Its
	// name, cluster and container must be those of the target. Nil: the worker is made too.
	Service awsecs.FargateService
	// Queue is the queue that an existing worker reads, DeadLetters where its failed messages go. Nil: made.
	Queue       awssqs.IQueue
	DeadLetters awssqs.IQueue
	// Topic is told by the alarms. Nil: they tell nobody but serin.
	Topic awssns.ITopic

	Vpc        awsec2.IVpc        // with private subnets in several availability zones
	Repository awsecr.IRepository // where the images are
	// TaskRole and ExecutionRole are what the worker runs with: AddTarget, in a stack that is deployed before, takes the
	// same. Nil: made.
	TaskRole, ExecutionRole awsiam.IRole

	InitialTag   string             // of the image that runs until the first release; empty means "initial"
	Environment  map[string]*string // beside QUEUE_URL
	CPU, Memory  float64            // CPU units and MiB; zero means 256 and 512
	X86          bool               // for images without an ARM64 variant
	Min, Max     float64            // of the primary's tasks; zero means 2 and 20
	Backlog      float64            // messages that wait for each task, which scaling aims at; zero means 100
	Visibility   awscdk.Duration    // how long one message may take; nil means five minutes
	Receives     float64            // before a message is a dead letter; zero means 5
	FailureShare float64            // of the canary's messages, above which an alarm vetoes; zero means 0.05
	Retention    awslogs.RetentionDays
}

// QueueWorkerCanary is a queue worker with a canary: a primary service that is scaled, a canary service that is not, one
// queue that both read.
type QueueWorkerCanary struct {
	Queue       awssqs.IQueue
	DeadLetters awssqs.IQueue
	Primary     awsecs.FargateService
	Canary      awsecs.CfnService
	// Revision is the primary's task definition as this deployment registered it. A release brings it out:
	// serin start TARGET --task-definition ...
	Revision  awsecs.TaskDefinition
	PassRoles []awsiam.IRole // for AddTarget
	Alarms    []awscloudwatch.Alarm
	Dashboard awscloudwatch.Dashboard

	scope  constructs.Construct
	target *Target
	live   live
}

// NewQueueWorkerCanary defines a canary beside a queue worker, and the worker where there is none yet. What serves is
// read from /serin/live/<target>, which AddTarget makes in a stack that is deployed before.
//
// Each service has a task definition of its own, the canary's a copy of the primary's. A later deployment registers
// what has changed and moves neither service: a release does.
func NewQueueWorkerCanary(scope constructs.Construct, id string, props *QueueWorkerCanaryProps) *QueueWorkerCanary {
	p := props.withDefaults()
	w := &QueueWorkerCanary{scope: constructs.NewConstruct(scope, &id), target: p.Target, Queue: p.Queue, DeadLetters: p.DeadLetters}
	w.live = newLive(w.scope, p.Target)
	if w.Queue == nil {
		w.newQueue(p)
	}
	w.Primary = p.Service
	if w.Primary == nil {
		w.newPrimary(p)
		w.scale(p)
	}
	w.newCanary()
	w.alarms(p)
	w.dashboard()
	return w
}

func (props *QueueWorkerCanaryProps) withDefaults() QueueWorkerCanaryProps {
	p := *props
	if p.Target == nil || p.Target.ECSQueue == nil {
		panic("infra: NewQueueWorkerCanary needs a target of the platform ecs-queue")
	}
	if p.Service == nil && (p.Vpc == nil || p.Repository == nil) {
		panic(fmt.Sprintf("infra: the worker %s needs a Vpc and a Repository, or the Service that exists", p.Target.Name))
	}
	if p.Service != nil && p.Queue == nil {
		panic(fmt.Sprintf("infra: the worker %s exists already, so name the Queue that it reads", p.Target.Name))
	}
	orElse := func(value *float64, usual float64) {
		if *value == 0 {
			*value = usual
		}
	}
	orElse(&p.CPU, 256)
	orElse(&p.Memory, 512)
	orElse(&p.Min, 2)
	orElse(&p.Max, 20)
	orElse(&p.Backlog, 100)
	orElse(&p.Receives, 5)
	orElse(&p.FailureShare, 0.05)
	if p.InitialTag == "" {
		p.InitialTag = "initial"
	}
	if p.Visibility == nil {
		p.Visibility = awscdk.Duration_Minutes(jsii.Number(5))
	}
	if p.Retention == "" {
		p.Retention = awslogs.RetentionDays_ONE_MONTH
	}
	return p
}

// newQueue makes the queue and where its messages go when they were received too often.
func (w *QueueWorkerCanary) newQueue(p QueueWorkerCanaryProps) {
	name := lastPart(w.target.ECSQueue.Queue)
	w.DeadLetters = awssqs.NewQueue(w.scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
		QueueName: jsii.String(name + "-dlq"), Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	w.Queue = awssqs.NewQueue(w.scope, jsii.String("Queue"), &awssqs.QueueProps{
		QueueName: &name, Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
		VisibilityTimeout: p.Visibility, RetentionPeriod: awscdk.Duration_Days(jsii.Number(4)),
		ReceiveMessageWaitTime: awscdk.Duration_Seconds(jsii.Number(20)),
		DeadLetterQueue:        &awssqs.DeadLetterQueue{Queue: w.DeadLetters, MaxReceiveCount: &p.Receives},
	})
}

// newPrimary makes the worker: a service in private subnets of every availability zone of the network.
func (w *QueueWorkerCanary) newPrimary(p QueueWorkerCanaryProps) {
	q := w.target.ECSQueue
	cluster := awsecs.NewCluster(w.scope, jsii.String("Cluster"), &awsecs.ClusterProps{
		ClusterName: jsii.String(lastPart(q.Cluster)), Vpc: p.Vpc, ContainerInsightsV2: awsecs.ContainerInsights_ENABLED,
	})
	w.Primary = awsecs.NewFargateService(w.scope, jsii.String("Primary"), &awsecs.FargateServiceProps{
		ServiceName: jsii.String(lastPart(q.PrimaryService)), Cluster: cluster, TaskDefinition: w.newDefinition(p),
		MinHealthyPercent: jsii.Number(100), MaxHealthyPercent: jsii.Number(200),
		CircuitBreaker:              &awsecs.DeploymentCircuitBreaker{Rollback: jsii.Bool(true)},
		AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_ENABLED,
		PropagateTags:               awsecs.PropagatedTagSource_SERVICE,
		EnableECSManagedTags:        jsii.Bool(true),
	})
}

// newDefinition makes the primary's task definition. The worker reads its service's name from the task's metadata, so
// both services run the same definition but for the family.
func (w *QueueWorkerCanary) newDefinition(p QueueWorkerCanaryProps) awsecs.FargateTaskDefinition {
	architecture := awsecs.CpuArchitecture_ARM64()
	if p.X86 {
		architecture = awsecs.CpuArchitecture_X86_64()
	}
	definition := awsecs.NewFargateTaskDefinition(w.scope, jsii.String("Definition"), &awsecs.FargateTaskDefinitionProps{
		Family: jsii.String(lastPart(w.target.ECSQueue.PrimaryService)), Cpu: &p.CPU, MemoryLimitMiB: &p.Memory,
		TaskRole: p.TaskRole, ExecutionRole: p.ExecutionRole,
		RuntimePlatform: &awsecs.RuntimePlatform{CpuArchitecture: architecture, OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX()},
	})
	environment := map[string]*string{"QUEUE_URL": w.Queue.QueueUrl()}
	for name, value := range p.Environment {
		environment[name] = value
	}
	definition.AddContainer(jsii.String(w.target.ECSQueue.Container), &awsecs.ContainerDefinitionOptions{
		Image: awsecs.ContainerImage_FromEcrRepository(p.Repository, &p.InitialTag), Environment: &environment,
		StopTimeout:            awscdk.Duration_Seconds(jsii.Number(120)), // Fargate's most: a message in hand is finished or given back
		ReadonlyRootFilesystem: jsii.Bool(true), User: jsii.String("65532"),
		Logging: awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
			StreamPrefix: jsii.String("worker"),
			LogGroup:     awslogs.NewLogGroup(w.scope, jsii.String("Logs"), &awslogs.LogGroupProps{Retention: p.Retention}),
		}),
	})
	w.Queue.GrantConsumeMessages(definition.TaskRole())
	return definition
}

// newCanary makes the canary's service and definition as copies of the primary's, and hands both services over.
func (w *QueueWorkerCanary) newCanary() {
	q := w.target.ECSQueue
	w.Revision = w.Primary.TaskDefinition()
	definition, service := definitionOf(w.Revision), serviceOf(w.Primary)
	copied := awsecs.NewCfnTaskDefinition(w.scope, jsii.String("CanaryDefinition"), &awsecs.CfnTaskDefinitionProps{
		Family:               jsii.String(lastPart(q.CanaryService)),
		ContainerDefinitions: definition.ContainerDefinitions(), Volumes: definition.Volumes(),
		Cpu: definition.Cpu(), Memory: definition.Memory(), NetworkMode: definition.NetworkMode(),
		RequiresCompatibilities: definition.RequiresCompatibilities(), RuntimePlatform: definition.RuntimePlatform(),
		EphemeralStorage: definition.EphemeralStorage(), ProxyConfiguration: definition.ProxyConfiguration(),
		TaskRoleArn: definition.TaskRoleArn(), ExecutionRoleArn: definition.ExecutionRoleArn(),
	})
	w.Canary = awsecs.NewCfnService(w.scope, jsii.String("Canary"), &awsecs.CfnServiceProps{
		ServiceName: jsii.String(lastPart(q.CanaryService)), Cluster: service.Cluster(), TaskDefinition: copied.Ref(),
		LaunchType: service.LaunchType(), CapacityProviderStrategy: service.CapacityProviderStrategy(), PlatformVersion: service.PlatformVersion(),
		NetworkConfiguration: service.NetworkConfiguration(), DeploymentConfiguration: service.DeploymentConfiguration(),
		EnableEcsManagedTags: service.EnableEcsManagedTags(), PropagateTags: service.PropagateTags(),
		AvailabilityZoneRebalancing: service.AvailabilityZoneRebalancing(),
	})
	w.Canary.Node().AddDependency(w.Primary)
	container := w.Revision.FindContainer(&q.Container)
	if container == nil {
		panic(fmt.Sprintf("infra: the task definition has no container %q; check ecsQueue.container in the target's file", q.Container))
	}
	w.live.keep(definition, q.Container, container.ImageName())
	w.live.keep(copied, q.Container, container.ImageName())
	w.live.handOver(service, livePrimary, definition.Ref())
	w.live.handOver(w.Canary, liveCanary, copied.Ref())
	w.PassRoles = []awsiam.IRole{w.Revision.TaskRole()}
	if role := w.Revision.ExecutionRole(); role != nil {
		w.PassRoles = append(w.PassRoles, role)
	}
}
