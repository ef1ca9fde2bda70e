// Command queue-worker is a whole reference installation: from a commit to a promoted release of a queue worker.
//
//	Serin           the core, once per account and region
//	OrdersTarget    what serin knows of the worker, and may do for it; the images' repository
//	OrdersWorker    the worker: network, queue, both services, alarms, dashboard
//	OrdersPipeline  commit -> test -> image -> approval, if wanted -> release
//
// Deploy them in this order (cdk deploy --all does). The first image is pushed by hand, with the tag "initial", before
// OrdersWorker; from then on the pipeline releases. Context: connection (ARN of a CodeConnections connection),
// repository (owner/name), branch (main), approval (true for a person's approval before each release).
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
)

func main() {
	defer jsii.Close()
	props := &awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)}
	if os.Getenv("CDK_OUTDIR") == "" { // the CDK's command line sets it
		props.Outdir = jsii.String("cdk.out/queue-worker")
	}
	app := awscdk.NewApp(props)
	define(app, "examples/queue-worker/target.yaml", "build/functions")
	app.Synth(nil)
}

// installation is everything, for tests.
type installation struct {
	core, target, worker, pipeline awscdk.Stack
}

func define(app awscdk.App, file, programs string) installation {
	// A stack that others read from is not changed beneath them.
	app.Node().SetContext(jsii.String("@aws-cdk/core:defaultCrossStackReferences"), "strong")
	var in installation
	stack := func(name, says string) awscdk.Stack {
		return awscdk.NewStack(app, &name, &awscdk.StackProps{Description: &says})
	}
	in.core = stack("Serin", "serin: canary releases")
	serin := infra.NewReleaser(in.core, "Releaser", &infra.ReleaserProps{Code: programs})

	in.target = stack("OrdersTarget", "orders-worker: what serin knows of it, and its images")
	target := infra.ReadTarget(file)
	images := awsecr.NewRepository(in.target, jsii.String("Images"), &awsecr.RepositoryProps{
		RepositoryName: jsii.String(target.Source.ECR.Repository), ImageTagMutability: awsecr.TagMutability_IMMUTABLE, ImageScanOnPush: jsii.Bool(true),
		LifecycleRules: &[]*awsecr.LifecycleRule{{
			Description: jsii.String("images without a tag go; tagged ones stay: a rollback may need them"),
			TagStatus:   awsecr.TagStatus_UNTAGGED, MaxImageAge: awscdk.Duration_Days(jsii.Number(30)),
		}},
	})
	role := func(name, says string) awsiam.Role {
		return awsiam.NewRole(in.target, &name, &awsiam.RoleProps{
			Description: &says, AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
		})
	}
	task, execution := role("TaskRole", "orders-worker: what the worker may do"), role("ExecutionRole", "orders-worker: pulls images, writes logs")
	infra.AddTarget(in.target, "Serin", &infra.TargetProps{Target: target, PassRoles: []awsiam.IRole{task, execution}})

	in.worker = stack("OrdersWorker", "orders-worker: a queue worker with a canary")
	in.worker.AddDependency(in.target, nil)
	infra.NewQueueWorkerCanary(in.worker, "Worker", &infra.QueueWorkerCanaryProps{
		Target: target, Vpc: network(in.worker), Repository: images, Topic: serin.Topic,
		TaskRole: known(in.worker, "TaskRole", task), ExecutionRole: known(in.worker, "ExecutionRole", execution),
	})

	in.pipeline = stack("OrdersPipeline", "orders-worker: from a commit to a release")
	newPipeline(in.pipeline, pipelineProps{serin: serin, target: target, images: images})
	return in
}

// known is a role of another stack. What it is granted stays in the stack that grants it.
func known(scope constructs.Construct, name string, role awsiam.Role) awsiam.IRole {
	return awsiam.Role_FromRoleArn(scope, &name, role.RoleArn(), nil)
}

// network has private subnets in three availability zones.
func network(scope constructs.Construct) awsec2.IVpc {
	vpc := awsec2.NewVpc(scope, jsii.String("Network"), &awsec2.VpcProps{MaxAzs: jsii.Number(3), NatGateways: jsii.Number(1)})
	vpc.AddFlowLog(jsii.String("Flows"), &awsec2.FlowLogOptions{
		Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(awslogs.NewLogGroup(scope, jsii.String("FlowLogs"), &awslogs.LogGroupProps{
			Retention: awslogs.RetentionDays_ONE_MONTH,
		}), nil),
		TrafficType: awsec2.FlowLogTrafficType_REJECT,
	})
	return vpc
}
