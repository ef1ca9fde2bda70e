// Package site is what the examples stand on: a network, a place for images, and what is said on the command line.
package site

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
)

// Place is where an example is rendered from.
type Place struct {
	Folder   string // of the example: its target.yaml
	Programs string // of serin's functions
}

// Target reads the example's target.
func (p Place) Target() *infra.Target { return infra.ReadTarget(p.Folder + "/target.yaml") }

// Stacks makes an example's stacks.
type Stacks struct {
	app awscdk.App
	All []awscdk.Stack // in the order in which they are deployed
}

// In begins an example.
func In(app awscdk.App) *Stacks {
	// A stack that others read from is not changed beneath them.
	app.Node().SetContext(jsii.String("@aws-cdk/core:defaultCrossStackReferences"), "strong")
	return &Stacks{app: app}
}

// Stack makes one stack.
func (s *Stacks) Stack(name, says string) awscdk.Stack {
	stack := awscdk.NewStack(s.app, &name, &awscdk.StackProps{Description: &says})
	s.All = append(s.All, stack)
	return stack
}

// Network has private subnets in three availability zones.
func Network(scope constructs.Construct) awsec2.IVpc {
	vpc := awsec2.NewVpc(scope, jsii.String("Network"), &awsec2.VpcProps{MaxAzs: jsii.Number(3), NatGateways: jsii.Number(1)})
	vpc.AddFlowLog(jsii.String("Flows"), &awsec2.FlowLogOptions{
		Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(awslogs.NewLogGroup(scope, jsii.String("FlowLogs"), &awslogs.LogGroupProps{
			Retention: awslogs.RetentionDays_ONE_MONTH,
		}), nil),
		TrafficType: awsec2.FlowLogTrafficType_REJECT,
	})
	return vpc
}

// Images is the repository that a target's images are released from. A tag never means another image.
func Images(scope constructs.Construct, target *infra.Target) awsecr.Repository {
	return awsecr.NewRepository(scope, jsii.String("Images"), &awsecr.RepositoryProps{
		RepositoryName: jsii.String(target.Source.ECR.Repository), ImageTagMutability: awsecr.TagMutability_IMMUTABLE, ImageScanOnPush: jsii.Bool(true),
		LifecycleRules: &[]*awsecr.LifecycleRule{{
			Description: jsii.String("images without a tag go; tagged ones stay: a rollback may need them"),
			TagStatus:   awsecr.TagStatus_UNTAGGED, MaxImageAge: awscdk.Duration_Days(jsii.Number(30)),
		}},
	})
}

// TaskRole makes a role of ECS tasks.
func TaskRole(scope constructs.Construct, name, says string) awsiam.Role {
	return awsiam.NewRole(scope, &name, &awsiam.RoleProps{
		Description: &says, AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
}

// Known is a role of another stack. What it is granted stays in the stack that grants it.
func Known(scope constructs.Construct, name string, role awsiam.IRole) awsiam.IRole {
	return awsiam.Role_FromRoleArn(scope, &name, role.RoleArn(), nil)
}

// Context is what the command line says: cdk deploy --context name=value.
func Context(scope constructs.Construct, name, usual string) string {
	if value, ok := scope.Node().TryGetContext(&name).(string); ok && value != "" {
		return value
	}
	return usual
}

// Topic is serin's, where the context names its ARN: the output Topic of the core stack.
func Topic(scope constructs.Construct) awssns.ITopic {
	arn := Context(scope, "topic", "")
	if arn == "" {
		return nil
	}
	return awssns.Topic_FromTopicArn(scope, jsii.String("Topic"), &arn)
}
