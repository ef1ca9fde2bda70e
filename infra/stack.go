package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// StackProps is how the core is installed as a stack of its own.
type StackProps struct {
	awscdk.StackProps
	ReleaserProps
}

// NewStack defines the core as a stack. Its outputs are what the command line and pipelines need: StateMachine (ARN),
// Ledger (table name) and Topic (ARN).
func NewStack(scope constructs.Construct, id string, props *StackProps) awscdk.Stack {
	stack := awscdk.NewStack(scope, &id, &props.StackProps)
	releaser := NewReleaser(stack, "Releaser", &props.ReleaserProps)
	output := func(name, description string, value *string) {
		awscdk.NewCfnOutput(stack, &name, &awscdk.CfnOutputProps{Value: value, Description: jsii.String(description)})
	}
	output("StateMachine", "Starts a release: its ARN", releaser.StateMachine.StateMachineArn())
	output("Ledger", "Holds the story of every release: its name", releaser.Ledger.TableName())
	output("Topic", "Calls people; subscribe to it: its ARN", releaser.Topic.TopicArn())
	return stack
}
