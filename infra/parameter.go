package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/core"
)

// newCoreParameter writes down where everything is, for the command line.
func newCoreParameter(r *Releaser) {
	at := map[string]any{
		"schema":       core.Schema,
		"stateMachine": r.StateMachine.StateMachineArn(),
		"table":        r.Ledger.TableName(),
		"topic":        r.Topic.TopicArn(),
		"bucket":       r.Reports.BucketName(),
	}
	awsssm.NewStringParameter(r.scope, jsii.String("Core"), &awsssm.StringParameterProps{
		ParameterName: jsii.String(core.Parameter),
		Description:   jsii.String("serin: where its state machine, ledger, topic and reports are"),
		StringValue:   awscdk.Stack_Of(r.scope).ToJsonString(at, nil),
	})
}
