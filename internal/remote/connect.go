package remote

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/serin-aws/serin/internal/adopt"
	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/platform/ecsqueue"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Where says which account and region a command goes to, and how. Empty fields are found by the standard chain:
// environment, shared configuration and credentials files, single sign-on, instance and container roles.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
type Where struct {
	Profile  string
	Region   string
	Endpoint string // one URL for every service, for emulators and private endpoints
}

// Connect returns the account. No region or no credentials is an error of code Invalid: nothing was asked of AWS.
func Connect(ctx context.Context, where Where, now func() time.Time) (*Account, error) {
	cfg, err := where.config(ctx)
	if err != nil {
		return nil, err
	}
	systems := ssm.NewFromConfig(cfg)
	clients := Clients{
		SSM: systems, Runbooks: systems, DynamoDB: dynamodb.NewFromConfig(cfg), StepFunctions: sfn.NewFromConfig(cfg),
		CloudWatch: metrics(cfg),
	}
	return New(clients, where.place(cfg.Region), now), nil
}

// Workers returns the queue workers of an account, for adoption. It needs no serin there.
func Workers(ctx context.Context, where Where) (adopt.Reader, error) {
	cfg, err := where.config(ctx)
	if err != nil {
		return nil, err
	}
	return ecsqueue.New(ecsqueue.Clients{
		Clients: ecsservice.Clients{ECS: ecs.NewFromConfig(cfg), Scaling: applicationautoscaling.NewFromConfig(cfg)}, SQS: sqs.NewFromConfig(cfg),
	}, nil), nil
}

// config reads the configuration. The error is of code Invalid: nothing was asked of AWS.
func (w Where) config(ctx context.Context) (aws.Config, error) {
	// What the SDK remarks on the way would be written across the live view, and is nothing that a person can act on:
	// what fails comes back as an error.
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})}
	if w.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(w.Profile))
	}
	if w.Region != "" {
		options = append(options, config.WithRegion(w.Region))
	}
	if w.Endpoint != "" {
		if at, err := url.Parse(w.Endpoint); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
			return aws.Config{}, release.Errorf(release.Invalid, "", "--endpoint-url is %q but must be an address like http://localhost:4566", w.Endpoint)
		}
		options = append(options, config.WithBaseEndpoint(w.Endpoint))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, release.Errorf(release.Invalid, "AWS configuration", "%w", err)
	}
	if cfg.Region == "" {
		return aws.Config{}, release.Errorf(release.Invalid, "", "no region: give --region, set AWS_REGION, or write region into the profile")
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return aws.Config{}, release.Errorf(release.Invalid, "", "no credentials%s: give --profile, set AWS_PROFILE, or log in (aws sso login): %w", of(w.Profile), err)
	}
	return cfg, nil
}

// metrics reads with the caller's own permissions where the target is in the caller's account, and else with the
// target's own role for looking.
func metrics(cfg aws.Config) Watch {
	return func(_ context.Context, self string, target release.Target, id release.ID) (story.Metrics, error) {
		role, err := assembly.RoleARN(self, target, assembly.Look)
		if err != nil {
			return nil, err
		}
		theirs, err := arn.Parse(role)
		if err != nil {
			return nil, release.Errorf(release.Invalid, "target "+string(target.Name), "its role %q is no ARN", role)
		}
		if ours, err := arn.Parse(self); err == nil && ours.AccountID == theirs.AccountID {
			return cloudwatch.NewFromConfig(cfg), nil
		}
		in := cfg.Copy()
		in.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName, o.ExternalID = string(id), aws.String(string(target.Name))
		}))
		return cloudwatch.NewFromConfig(in), nil
	}
}

func of(profile string) string {
	if profile == "" {
		return ""
	}
	return " in profile " + profile
}

func (w Where) place(region string) string {
	parts := []string{region}
	if w.Profile != "" {
		parts = append(parts, "profile "+w.Profile)
	}
	if w.Endpoint != "" {
		parts = append(parts, w.Endpoint)
	}
	return strings.Join(parts, ", ")
}

// LoggedOut reports whether an error says that the caller's credentials are over, or none at all: nothing but another login
// mends that. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
func LoggedOut(err error) bool {
	_, session := errors.AsType[*ssocreds.InvalidTokenError](err)
	return session || awserr.Is(err, "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException", "TokenRefreshRequired")
}
