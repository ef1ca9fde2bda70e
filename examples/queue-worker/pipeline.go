package queueworker

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodebuild"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipelineactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/examples/site"
	"github.com/serin-aws/serin/infra"
)

type pipelineProps struct {
	serin  *infra.Releaser
	target *infra.Target
	images awsecr.IRepository
}

// newPipeline makes commit -> test and image -> approval, if wanted -> release. The release stage ends when the release
// does: the pipeline is green when all work is on the new version, and red when it is on the old one again.
func newPipeline(stack awscdk.Stack, p pipelineProps) awscodepipeline.Pipeline {
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{
		EnableKeyRotation: jsii.Bool(true), RemovalPolicy: awscdk.RemovalPolicy_DESTROY, Description: jsii.String("orders-worker: encrypts what the pipeline hands on"),
	})
	artifacts := awss3.NewBucket(stack, jsii.String("Artifacts"), &awss3.BucketProps{
		EncryptionKey: key, EnforceSSL: jsii.Bool(true), BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(30))}},
		RemovalPolicy:  awscdk.RemovalPolicy_DESTROY,
	})
	code := awscodepipeline.NewArtifact(jsii.String("Code"), nil)
	build := awscodepipelineactions.NewCodeBuildAction(&awscodepipelineactions.CodeBuildActionProps{
		ActionName: jsii.String("Build"), Input: code, Project: project(stack, p, key), VariablesNamespace: jsii.String("Build"),
	})
	pipeline := awscodepipeline.NewPipeline(stack, jsii.String("Pipeline"), &awscodepipeline.PipelineProps{
		PipelineName: jsii.String(string(p.target.Name)), PipelineType: awscodepipeline.PipelineType_V2,
		// A newer commit supersedes an older one that waits; what is being released is superseded by serin.
		ExecutionMode: awscodepipeline.ExecutionMode_SUPERSEDED, ArtifactBucket: artifacts,
	})
	stage := func(name string, actions ...awscodepipeline.IAction) {
		pipeline.AddStage(&awscodepipeline.StageOptions{StageName: &name, Actions: &actions})
	}
	owner, repository := split(site.Context(stack, "repository", "example/orders-worker"))
	stage("Source", awscodepipelineactions.NewCodeStarConnectionsSourceAction(&awscodepipelineactions.CodeStarConnectionsSourceActionProps{
		ActionName: jsii.String("Source"), Output: code, Owner: &owner, Repo: &repository, Branch: jsii.String(site.Context(stack, "branch", "main")),
		ConnectionArn: jsii.String(site.Context(stack, "connection", "arn:aws:codeconnections:eu-central-1:111122223333:connection/00000000-0000-0000-0000-000000000000")),
	}))
	stage("Build", build)
	if site.Context(stack, "approval", "") == "true" {
		stage("Approve", awscodepipelineactions.NewManualApprovalAction(&awscodepipelineactions.ManualApprovalActionProps{
			ActionName: jsii.String("Approve"), NotificationTopic: p.serin.Topic,
			AdditionalInformation: jsii.String("The release itself can ask for approvals too: plan.steps[].approval in the target's file"),
		}))
	}
	stage("Release", infra.NewReleaseAction(p.serin.StateMachine, &infra.ReleaseActionProps{
		Target: p.target, Revision: infra.Revision{Image: *build.Variable(jsii.String("IMAGE"))},
	}))
	return pipeline
}

// project tests, builds the image for ARM64 and pushes it. Its variable IMAGE names the image by digest: a tag could
// move before the release reads it.
func project(stack awscdk.Stack, p pipelineProps, key awskms.IKey) awscodebuild.IProject {
	made := awscodebuild.NewPipelineProject(stack, jsii.String("Project"), &awscodebuild.PipelineProjectProps{
		EncryptionKey: key, Timeout: awscdk.Duration_Minutes(jsii.Number(30)),
		Environment: &awscodebuild.BuildEnvironment{
			BuildImage: awscodebuild.LinuxArmBuildImage_AMAZON_LINUX_2023_STANDARD_3_0(), Privileged: jsii.Bool(true), // builds an image
		},
		EnvironmentVariables: &map[string]*awscodebuild.BuildEnvironmentVariable{"REPOSITORY": {Value: p.images.RepositoryUri()}},
		Logging: &awscodebuild.LoggingOptions{CloudWatch: &awscodebuild.CloudWatchLoggingOptions{
			LogGroup: awslogs.NewLogGroup(stack, jsii.String("BuildLogs"), &awslogs.LogGroupProps{Retention: awslogs.RetentionDays_ONE_MONTH}),
		}},
		BuildSpec: awscodebuild.BuildSpec_FromObject(&map[string]any{
			"version": "0.2",
			"env":     map[string]any{"exported-variables": []any{"IMAGE"}},
			"phases": map[string]any{
				"install":   map[string]any{"runtime-versions": map[string]any{"golang": "1.26"}},
				"pre_build": map[string]any{"commands": []any{"go test ./examples/queue-worker/worker", "aws ecr get-login-password | docker login --username AWS --password-stdin ${REPOSITORY%%/*}"}},
				"build": map[string]any{"commands": []any{
					"TAG=build-$CODEBUILD_RESOLVED_SOURCE_VERSION",
					"docker build -f examples/queue-worker/Dockerfile -t $REPOSITORY:$TAG .",
					"docker push $REPOSITORY:$TAG || aws ecr describe-images --repository-name ${REPOSITORY#*/} --image-ids imageTag=$TAG", // tags are immutable: a second build of a commit keeps the first image
					"DIGEST=$(aws ecr describe-images --repository-name ${REPOSITORY#*/} --image-ids imageTag=$TAG --query 'imageDetails[0].imageDigest' --output text)",
					"export IMAGE=$REPOSITORY@$DIGEST",
				}},
			},
		}),
	})
	p.images.GrantPullPush(made)
	p.images.Grant(made, jsii.String("ecr:DescribeImages"))
	return made
}

// split parts owner/name.
func split(repository string) (owner, name string) {
	owner, name, _ = strings.Cut(repository, "/")
	return owner, name
}
