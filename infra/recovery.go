package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdadestinations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/telling"
)

const (
	// sweepMinutes is how often recover looks at all open releases: a status event may be lost.
	sweepMinutes = 5
	// eventHours and eventAttempts are how long an event is tried to be delivered.
	eventHours, eventAttempts = 6, 60
)

// watchExecutions lets recover see every execution that ended otherwise than by its own states. A person's "Stop
// execution" and the machine's timeout cannot be caught inside the machine.
func watchExecutions(r *Releaser, recovery awslambda.Function) {
	dropIntoMissed(r, recovery)
	awsevents.NewRule(r.scope, jsii.String("ExecutionEnded"), &awsevents.RuleProps{
		Description: jsii.String("serin: an execution of its state machine was stopped, timed out or failed"),
		EventPattern: &awsevents.EventPattern{
			Source:     jsii.Strings("aws.states"),
			DetailType: jsii.Strings("Step Functions Execution Status Change"),
			Detail: &map[string]any{
				"stateMachineArn": []any{r.StateMachine.StateMachineArn()},
				"status":          []any{"ABORTED", "FAILED", "TIMED_OUT"},
			},
		},
		Targets: &[]awsevents.IRuleTarget{deliverTo(r, recovery, nil)},
	})
	awsevents.NewRule(r.scope, jsii.String("Sweep"), &awsevents.RuleProps{
		Description: jsii.String("serin: looks after all open releases, in case an event was lost"),
		Schedule:    awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(sweepMinutes))),
		Targets:     &[]awsevents.IRuleTarget{deliverTo(r, recovery, awsevents.RuleTargetInput_FromObject(map[string]any{"sweep": true}))},
	})
}

// watchCleanups raises an alarm as long as the sweep finds a release whose cleanup is pending: an hour after it could not
// be finished. It is nothing to get up for.
func watchCleanups(r *Releaser) {
	awscloudwatch.NewAlarm(r.scope, jsii.String("CleanupPending"), &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("serin could not remove something that it made for a release. It is not in use, and serin tries again for two days and a half; " +
			"what it is: serin list. Nothing is urgent."),
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String(telling.Namespace), MetricName: jsii.String(telling.MetricPending),
			Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(15)),
		}),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(4),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	}).AddAlarmAction(awscloudwatchactions.NewSnsAction(r.Topic))
}

// deliverTo makes a function the target of a rule. Nil is the event as it is.
func deliverTo(r *Releaser, function awslambda.Function, input awsevents.RuleTargetInput) awsevents.IRuleTarget {
	return awseventstargets.NewLambdaFunction(function, &awseventstargets.LambdaFunctionProps{
		DeadLetterQueue: r.Missed,
		MaxEventAge:     awscdk.Duration_Hours(jsii.Number(eventHours)),
		RetryAttempts:   jsii.Number(eventAttempts),
		Event:           input,
	})
}

// dropIntoMissed keeps an event that a function was given and could not work off, after Lambda's own attempts.
func dropIntoMissed(r *Releaser, function awslambda.Function) {
	function.ConfigureAsyncInvoke(&awslambda.EventInvokeConfigOptions{
		MaxEventAge:   awscdk.Duration_Hours(jsii.Number(1)),
		RetryAttempts: jsii.Number(2),
		OnFailure:     awslambdadestinations.NewSqsDestination(r.Missed),
	})
}

// newMissed makes a queue for events that could not be delivered, and an alarm on it that tells people.
func newMissed(scope constructs.Construct, topic awssns.ITopic, says string) awssqs.Queue {
	queue := awssqs.NewQueue(scope, jsii.String("Missed"), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	alarm := queue.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
		Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(1)),
	}).CreateAlarm(scope, jsii.String("MissedAlarm"), &awscloudwatch.CreateAlarmOptions{
		AlarmDescription:   &says,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
	return queue
}
