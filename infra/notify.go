package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/statemachine"
)

// newTopic makes the topic that people subscribe to, encrypted and over TLS only. An alarm cannot publish to a topic
// that is encrypted with the key AWS manages for SNS, so it takes a key of ours, and both the key and the topic must
// let CloudWatch in. Source: Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs".
func newTopic(r *Releaser, p ReleaserProps) (awskms.IKey, awssns.Topic) {
	cloudWatch := awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)
	key := p.Key
	if key == nil {
		made := awskms.NewKey(r.scope, jsii.String("Key"), &awskms.KeyProps{
			Description:       jsii.String("serin: encrypts what people are told"),
			EnableKeyRotation: jsii.Bool(true),
			RemovalPolicy:     awscdk.RemovalPolicy_DESTROY, // it guards messages in flight, nothing that is kept
		})
		made.Grant(cloudWatch, keyActions()...)
		key = made
	}
	topic := awssns.NewTopic(r.scope, jsii.String("Topic"), &awssns.TopicProps{
		DisplayName: jsii.String("serin"),
		MasterKey:   key,
		EnforceSSL:  jsii.Bool(true),
	})
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("AllowAlarms"),
		Principals: &[]awsiam.IPrincipal{cloudWatch},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Stack_Of(r.scope).Account()},
		},
	}))
	return key, topic
}

// newDirtyAlarm calls a person when the state machine ends Dirty, whether or not its own message got through.
func newDirtyAlarm(r *Releaser) awscloudwatch.Alarm {
	alarm := awscloudwatch.NewAlarm(r.scope, jsii.String("Dirty"), &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("serin could not bring a release home. Its target stays locked and a person is needed: " +
			"the last failed execution of the state machine says which release and why."),
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace:     jsii.String(statemachine.MetricNamespace),
			MetricName:    jsii.String(statemachine.MetricDirty),
			DimensionsMap: &map[string]*string{statemachine.MetricDimension: r.StateMachine.StateMachineName()},
			Statistic:     jsii.String("Sum"),
			Period:        awscdk.Duration_Minutes(jsii.Number(1)),
		}),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(r.Topic))
	return alarm
}
