package infra

import (
	"fmt"
	"maps"

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
}

// NewQueueWorkerCanary defines a canary beside a queue worker, and the worker where there is none yet. What serves is
// read from /serin/live/<target>, which AddTarget makes in a stack that is deployed before.
//
// Each service has a task definition of its own, the canary's a copy of the primary's. A later deployment registers
// what has changed and moves neither service: a release does.
func NewQueueWorkerCanary(scope constructs.Construct, id string, props *QueueWorkerCanaryProps) *QueueWorkerCanary {
	p := props.withDefaults()
	w := &QueueWorkerCanary{scope: constructs.NewConstruct(scope, &id), target: p.Target, Queue: p.Queue, DeadLetters: p.DeadLetters}
	if w.Queue == nil {
		w.newQueue(p)
	}
	w.Primary = p.Service
	if w.Primary == nil {
		w.newPrimary(p)
		w.scale(p)
	}
	w.newCanary()
	w.watch(p)
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

// newPrimary makes the worker. It reads its service's name from the task's metadata, so both services run the same
// definition but for the family.
func (w *QueueWorkerCanary) newPrimary(p QueueWorkerCanaryProps) {
	q := w.target.ECSQueue
	cluster := awsecs.NewCluster(w.scope, jsii.String("Cluster"), &awsecs.ClusterProps{
		ClusterName: jsii.String(lastPart(q.Cluster)), Vpc: p.Vpc, ContainerInsightsV2: awsecs.ContainerInsights_ENABLED,
	})
	environment := map[string]*string{"QUEUE_URL": w.Queue.QueueUrl()}
	maps.Copy(environment, p.Environment)
	definition := newDefinition(w.scope, task{
		family: q.PrimaryService, container: q.Container, logs: "worker", repository: p.Repository, tag: p.InitialTag,
		environment: environment, cpu: p.CPU, memory: p.Memory, x86: p.X86, taskRole: p.TaskRole, executionRole: p.ExecutionRole,
		retention: p.Retention, stop: awscdk.Duration_Seconds(jsii.Number(120)), // Fargate's most: a message in hand is finished or given back
	})
	w.Queue.GrantConsumeMessages(definition.TaskRole())
	w.Primary = newService(w.scope, q.PrimaryService, cluster, definition)
}

// newCanary makes the canary, which finds its work in the queue as the primary does.
func (w *QueueWorkerCanary) newCanary() {
	q := w.target.ECSQueue
	made := pair{
		scope: w.scope, canary: q.CanaryService, container: q.Container, live: newLive(w.scope, w.target),
	}.beside(w.Primary, func(*awsecs.CfnServiceProps) {})
	w.Canary, w.Revision, w.PassRoles = made.service, made.revision, made.passRoles
}
