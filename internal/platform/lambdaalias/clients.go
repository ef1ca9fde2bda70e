package lambdaalias

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/live"
	"github.com/serin-aws/serin/internal/s3object"
)

// Lambda is what this package asks of AWS Lambda. All of these calls but GetFunction share 15 a second with every other call
// of the account to Lambda's control plane.
type Lambda interface {
	GetAlias(context.Context, *lambda.GetAliasInput, ...func(*lambda.Options)) (*lambda.GetAliasOutput, error)
	UpdateAlias(context.Context, *lambda.UpdateAliasInput, ...func(*lambda.Options)) (*lambda.UpdateAliasOutput, error)
	GetFunctionConfiguration(context.Context, *lambda.GetFunctionConfigurationInput, ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error)
	GetFunction(context.Context, *lambda.GetFunctionInput, ...func(*lambda.Options)) (*lambda.GetFunctionOutput, error)
	UpdateFunctionCode(context.Context, *lambda.UpdateFunctionCodeInput, ...func(*lambda.Options)) (*lambda.UpdateFunctionCodeOutput, error)
	PublishVersion(context.Context, *lambda.PublishVersionInput, ...func(*lambda.Options)) (*lambda.PublishVersionOutput, error)
	GetProvisionedConcurrencyConfig(context.Context, *lambda.GetProvisionedConcurrencyConfigInput, ...func(*lambda.Options)) (*lambda.GetProvisionedConcurrencyConfigOutput, error)
}

// Clients are the doors to AWS. The SDK's own clients fit.
type Clients struct {
	Lambda Lambda
	ECR    ecrimage.Client // of targets that release images
	S3     s3object.Client // of targets that release zip files
	SSM    live.Client
}

// Platform moves lambda-alias workloads. It holds no state of them: every call looks at the alias.
type Platform struct {
	lambda Lambda
	ecr    ecrimage.Client
	s3     s3object.Client
	ssm    live.Client
	now    func() time.Time
}

// New returns the platform over the given clients; now is the time of the account.
func New(clients Clients, now func() time.Time) *Platform {
	return &Platform{lambda: clients.Lambda, ecr: clients.ECR, s3: clients.S3, ssm: clients.SSM, now: now}
}
