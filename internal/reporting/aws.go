package reporting

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/entry"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// OnAWS returns the handler of the function report: settings from the environment, clients from the function's role,
// logs as JSON to out.
func OnAWS(ctx context.Context, getenv func(string) string, out io.Writer) (entry.Function[Kept], error) {
	table, bucket := getenv(assembly.TableVariable), getenv(assembly.BucketVariable)
	if table == "" || bucket == "" {
		return nil, release.Errorf(release.Invalid, "environment", "%s and %s must be set; deploy the function with the core stack", assembly.TableVariable, assembly.BucketVariable)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, release.Errorf(release.Unavailable, "AWS configuration", "%w", err)
	}
	reporter := &Reporter{
		Objects: s3.NewFromConfig(cfg), Bucket: bucket, Metrics: measured(cfg),
		Ledger: ledger.New(dynamodb.NewFromConfig(cfg), table, never), // it only reads
	}
	return entry.Raw(reporter.Handle, slog.New(slog.NewJSONHandler(out, nil))), nil
}

// never is the clock of a ledger that is not written.
func never() time.Time { return time.Time{} }

// measured reads the workload's metrics with the role that looks at it.
func measured(cfg aws.Config) func(context.Context, *release.Release) (story.Metrics, error) {
	client := sts.NewFromConfig(cfg)
	return func(ctx context.Context, r *release.Release) (story.Metrics, error) {
		self := ""
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			self = lc.InvokedFunctionArn
		}
		role, err := assembly.RoleARN(self, r.Target, assembly.Look)
		if err != nil {
			return nil, err
		}
		in := cfg.Copy()
		in.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName, o.ExternalID = string(r.ID), aws.String(string(r.Target.Name))
		}))
		return cloudwatch.NewFromConfig(in), nil
	}
}
