package statemachine

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	tasks "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctionstasks"
	"github.com/aws/jsii-runtime-go"
)

// callSeconds is how long one call of a service may take.
const callSeconds = 60

// dirty is the way to Dirty: mark the execution in the ledger, count it, call a person. Each is a direct call of a
// service, because what led here may be that our functions do not run; and each goes on when it fails, because the
// next one may still be heard.
func (s *states) dirty() sfn.TaskStateBase {
	mark, count, call := s.mark(), s.count(), s.call()
	end := sfn.NewFail(s.scope, jsii.String("Dirty"), &sfn.FailProps{
		Comment: jsii.String("The work could not be brought home. The lock is kept. A person is needed."),
		Error:   jsii.String("Dirty"),
		Cause: jsii.String("serin could not bring the work back to the recorded baseline and has stopped trying. " +
			"The target stays locked. The state before MarkDirty says why; " +
			"when that is mended: serin recover, or an execution with the intent rollback for this release. What can never come home is given up: serin abandon."),
	})
	mark.Next(count)
	count.Next(call)
	call.Next(end)
	mark.AddRetry(callRetry.props())
	count.AddRetry(callRetry.props())
	call.AddRetry(callRetry.props())
	mark.AddCatch(count, discarded())
	count.AddCatch(call, discarded())
	call.AddCatch(end, discarded())
	return mark
}

func discarded() *sfn.CatchProps {
	return &sfn.CatchProps{Errors: jsii.Strings(everything()...), ResultPath: sfn.JsonPath_DISCARD()}
}

// mark puts one item beside the execution's release: it stands outside the release's chain of events, and whoever
// reads the ledger takes it for Dirty.
func (s *states) mark() sfn.TaskStateBase {
	text := tasks.DynamoAttributeValue_FromString
	return tasks.NewDynamoPutItem(s.scope, jsii.String("MarkDirty"), &tasks.DynamoPutItemProps{
		Comment:     jsii.String("Leaves a mark in the ledger without any function of ours."),
		Table:       s.props.Ledger,
		TaskTimeout: callTimeout(),
		ResultPath:  sfn.JsonPath_DISCARD(),
		Item: &map[string]tasks.DynamoAttributeValue{
			"pk":    text(sfn.JsonPath_Format(jsii.String("execution#{}"), sfn.JsonPath_ExecutionId())),
			"sk":    text(jsii.String("dirty")),
			"at":    text(sfn.JsonPath_StateEnteredTime()),
			"input": text(sfn.JsonPath_JsonToString(sfn.JsonPath_ObjectAt(jsii.String("$$.Execution.Input")))),
		},
	})
}

// call tells a person. What the data says goes along: the release, and the error that led here.
func (s *states) call() sfn.TaskStateBase {
	message := "serin could not bring the work of a release back to the recorded baseline and has stopped trying. " +
		"The target stays locked, so nothing else is released. " +
		"What to do, in this order: 1. Open the execution and see why Rollback failed. 2. Mend that. " +
		"3. Let serin bring the baseline back: serin recover RELEASE --reason ... (serin list names the release), or start an execution " +
		"of the same state machine with the intent rollback for it. 4. Wait until it says RolledBack: serin watch RELEASE. " +
		"What can never come home is given up, which changes nothing and frees the lock: serin abandon RELEASE --reason ... " +
		"Execution: {} Last known: {}"
	return tasks.NewSnsPublish(s.scope, jsii.String("CallPerson"), &tasks.SnsPublishProps{
		Comment:     jsii.String("Calls a person."),
		Topic:       s.props.Topic,
		TaskTimeout: callTimeout(),
		ResultPath:  sfn.JsonPath_DISCARD(),
		Subject:     jsii.String("serin: DIRTY, a release needs a person now"),
		Message: sfn.TaskInput_FromText(sfn.JsonPath_Format(&message,
			sfn.JsonPath_ExecutionId(),
			sfn.JsonPath_JsonToString(sfn.JsonPath_ObjectAt(jsii.String("$"))))),
	})
}

func callTimeout() sfn.Timeout {
	return sfn.Timeout_Duration(awscdk.Duration_Seconds(jsii.Number(callSeconds)))
}

// count raises the metric that the Dirty alarm watches. It is written out, not a CDK task, because that would grant
// PutMetricData for every namespace; see grantDirtyMetric.
func (s *states) count() sfn.CustomState {
	resource := awscdk.Fn_Join(jsii.String(""), jsii.Strings(
		"arn:", *awscdk.Aws_PARTITION(), ":states:::aws-sdk:cloudwatch:putMetricData"))
	return sfn.NewCustomState(s.scope, jsii.String("CountDirty"), &sfn.CustomStateProps{
		StateJson: &map[string]any{
			"Comment":        "Raises the alarm on Dirty.",
			"Type":           "Task",
			"Resource":       resource,
			"TimeoutSeconds": callSeconds,
			"ResultPath":     sfn.JsonPath_DISCARD(),
			"Parameters": map[string]any{
				"Namespace": MetricNamespace,
				"MetricData": []any{map[string]any{
					"MetricName": MetricDirty,
					"Value":      1,
					"Unit":       "Count",
					"Dimensions": []any{map[string]any{"Name": MetricDimension, "Value.$": "$$.StateMachine.Name"}},
				}},
			},
		},
	})
}

// grantDirtyMetric lets the machine put metrics of serin's namespace. PutMetricData knows no resources; the
// condition is what keeps it narrow.
func grantDirtyMetric(machine sfn.StateMachine) {
	machine.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("cloudwatch:PutMetricData"),
		Resources: jsii.Strings("*"),
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"cloudwatch:namespace": MetricNamespace},
		},
	}))
}
