package infra

import (
	"fmt"
	"maps"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// QueueWorkerCanaryProps describes a queue worker with a canary. Target is required, and one of Service and NewService.
type QueueWorkerCanaryProps struct {
	// Target is the worker's target, of the platform ecs-queue. It names the cluster, both services, the container and
	// the queue.
	Target *Target

	// Service is a worker that exists already: a canary is put beside it, and its service becomes serin's to move. Its
	// name, cluster and container must be those of the target.
	Service awsecs.FargateService
	// NewService describes a worker that is made. It finds its queue in the variable QUEUE_URL.
	NewService *ServiceProps
	// Queue is the queue that an existing worker reads, DeadLetters where its failed messages go. Nil: made.
	Queue       awssqs.IQueue
	DeadLetters awssqs.IQueue
	// Topic is told by the alarms. Nil: they tell nobody but serin.
	Topic awssns.ITopic

	Backlog      float64         // messages that wait for each task, which scaling of a worker that is made aims at; zero means 100
	Visibility   awscdk.Duration // how long one message may take; nil means five minutes
	Receives     float64         // before a message is a dead letter; zero means 5
	FailureShare float64         // of the canary's messages, above which an alarm vetoes; zero means 0.05
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
	oneOf(p.Target, p.Service, p.NewService)
	if p.Service != nil && p.Queue == nil {
		panic(fmt.Sprintf("infra: the worker %s exists already, so name the Queue that it reads", p.Target.Name))
	}
	p.NewService = p.NewService.withDefaults()
	orElse(&p.Backlog, 100)
	orElse(&p.Receives, 5)
	orElse(&p.FailureShare, 0.05)
	if p.Visibility == nil {
		p.Visibility = awscdk.Duration_Minutes(jsii.Number(5))
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
	environment := map[string]*string{"QUEUE_URL": w.Queue.QueueUrl()}
	maps.Copy(environment, p.NewService.Environment)
	definition := p.NewService.define(w.scope, q.PrimaryService, task{
		container: q.Container, logs: "worker", environment: environment,
		stop: awscdk.Duration_Seconds(jsii.Number(120)), // Fargate's most: a message in hand is finished or given back
	})
	w.Queue.GrantConsumeMessages(definition.TaskRole())
	w.Primary = p.NewService.build(w.scope, q.Cluster, q.PrimaryService, definition)
}

// newCanary makes the canary, which finds its work in the queue as the primary does.
func (w *QueueWorkerCanary) newCanary() {
	q := w.target.ECSQueue
	made := pair{
		scope: w.scope, canary: q.CanaryService, container: q.Container, live: newLive(w.scope, w.target),
	}.beside(w.Primary, func(*awsecs.CfnServiceProps) {})
	w.Canary, w.Revision, w.PassRoles = made.service, made.revision, made.passRoles
}
