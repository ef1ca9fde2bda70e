package assembly

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/hook"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// The functions' environment variables.
const (
	TableVariable   = "SERIN_TABLE"
	TopicVariable   = "SERIN_TOPIC"
	BusVariable     = "SERIN_BUS"     // name or ARN; without it no events are sent
	BucketVariable  = "SERIN_BUCKET"  // without it no reports are kept
	MachineVariable = "SERIN_MACHINE" // ARN; operate, recover and pipeline need it
)

// OnAWS puts serin together for a Lambda function: settings from the environment, clients from the function's role,
// logs as JSON to out.
func OnAWS(ctx context.Context, getenv func(string) string, out io.Writer) (*Serin, error) {
	settings := Settings{
		Table: getenv(TableVariable), Topic: getenv(TopicVariable), Bus: getenv(BusVariable),
		Bucket: getenv(BucketVariable), Machine: getenv(MachineVariable),
	}
	for name, value := range map[string]string{TableVariable: settings.Table, TopicVariable: settings.Topic} {
		if value == "" {
			return nil, release.Errorf(release.Invalid, "environment", "the variable %s is not set; deploy the function with the core stack", name)
		}
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, release.Errorf(release.Unavailable, "AWS configuration", "%w", err)
	}
	systems := ssm.NewFromConfig(cfg)
	core := Core{
		DynamoDB: dynamodb.NewFromConfig(cfg), SSM: systems, Runbooks: systems, SNS: sns.NewFromConfig(cfg),
		Events: eventbridge.NewFromConfig(cfg), StepFunctions: sfn.NewFromConfig(cfg),
	}
	runtime := conductor.Runtime{Now: wallClock, Request: requestID}
	return New(core, assumed(cfg), settings, runtime, slog.New(slog.NewJSONHandler(out, nil)), out), nil
}

// wallClock is the one clock of the functions.
func wallClock() time.Time { return time.Now().UTC() }

func requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

func invokedARN(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.InvokedFunctionArn
	}
	return ""
}

// CodePipeline returns the client of the function pipeline, from its role. It is not part of Core: no other function
// needs it, and a client makes every program larger that may reach it.
func CodePipeline(ctx context.Context) (JobAnswerer, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, release.Errorf(release.Unavailable, "AWS configuration", "%w", err)
	}
	return codepipeline.NewFromConfig(cfg), nil
}

// assumed reaches a target's account through the target's roles.
func assumed(cfg aws.Config) Accounts {
	client := sts.NewFromConfig(cfg)
	return func(ctx context.Context, target release.Target, id release.ID, access Access) (Workload, error) {
		role, err := RoleARN(invokedARN(ctx), target, access)
		if err != nil {
			return Workload{}, err
		}
		provider := stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = string(id)
			o.ExternalID = aws.String(string(target.Name))
		})
		in := cfg.Copy()
		in.Credentials = aws.NewCredentialsCache(provider)
		return Workload{
			Clients: ecsservice.Clients{
				ECS: ecs.NewFromConfig(in), ECR: ecr.NewFromConfig(in),
				Scaling: applicationautoscaling.NewFromConfig(in), SSM: ssm.NewFromConfig(in),
			},
			SQS: sqs.NewFromConfig(in), Lambda: lambda.NewFromConfig(in), Code: s3.NewFromConfig(in), CloudFormation: cloudformation.NewFromConfig(in), ELB: elb.NewFromConfig(in), Rules: elb.NewFromConfig(in),
			CloudWatch: cloudwatch.NewFromConfig(in), Scans: ecr.NewFromConfig(in), Hooks: hooksClient(in),
		}, nil
	}
}

// hooksClient calls a function once and gives up on it in time: what was called goes on, and is asked again later.
func hooksClient(cfg aws.Config) *lambda.Client {
	return lambda.NewFromConfig(cfg, func(o *lambda.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(hook.Patience)
		o.Retryer = aws.NopRetryer{}
	})
}

// RoleARN returns the ARN of one of a target's two roles: serin-<target>-look and serin-<target>-change in the account
// of self, or the names or ARNs that the target's role field is the beginning of. self is any ARN of serin's account.
func RoleARN(self string, target release.Target, access Access) (string, error) {
	base := target.Role
	if base == "" {
		base = "serin-" + string(target.Name)
	}
	name := base + "-" + string(access)
	if strings.HasPrefix(name, "arn:") {
		return name, nil
	}
	me, err := arn.Parse(self)
	if err != nil {
		return "", release.Errorf(release.Unexpected, "the function's own ARN", "%q: %w", self, err)
	}
	return arn.ARN{Partition: me.Partition, Service: "iam", AccountID: me.AccountID, Resource: "role/" + name}.String(), nil
}
