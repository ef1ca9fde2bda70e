package lambda

import (
	"context"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// GetFunctionConfiguration is the operation of that name, for published versions.
func (c *Control) GetFunctionConfiguration(ctx context.Context, in *sdk.GetFunctionConfigurationInput, _ ...option) (*sdk.GetFunctionConfigurationOutput, error) {
	return door.Call(ctx, "lambda:GetFunctionConfiguration", in, func() (*sdk.GetFunctionConfigurationOutput, error) { return c.configuration(in) })
}

// GetProvisionedConcurrencyConfig is the operation of that name, for aliases.
func (c *Control) GetProvisionedConcurrencyConfig(ctx context.Context, in *sdk.GetProvisionedConcurrencyConfigInput, _ ...option) (*sdk.GetProvisionedConcurrencyConfigOutput, error) {
	return door.Call(ctx, "lambda:GetProvisionedConcurrencyConfig", in, func() (*sdk.GetProvisionedConcurrencyConfigOutput, error) { return c.provisioned(in) })
}

// GetFunction is the operation of that name, for the unpublished function.
func (c *Control) GetFunction(ctx context.Context, in *sdk.GetFunctionInput, _ ...option) (*sdk.GetFunctionOutput, error) {
	return door.Call(ctx, "lambda:GetFunction", in, func() (*sdk.GetFunctionOutput, error) {
		f := c.find(aws.ToString(in.FunctionName))
		if f == nil || f.latest == nil {
			return nil, &types.ResourceNotFoundException{Message: aws.String("Function not found: " + aws.ToString(in.FunctionName))}
		}
		out := &sdk.GetFunctionOutput{Code: &types.FunctionCodeLocation{}}
		if f.latest.Key != "" {
			out.Code.SourceKMSKeyArn = aws.String(f.latest.Key)
		}
		return out, nil
	})
}

func (c *Control) configuration(in *sdk.GetFunctionConfigurationInput) (*sdk.GetFunctionConfigurationOutput, error) {
	f := c.find(aws.ToString(in.FunctionName))
	if f != nil && in.Qualifier == nil {
		return c.latestConfiguration(f), nil
	}
	if f == nil || f.Version(aws.ToString(in.Qualifier)) == nil {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Function not found: " + prefix + aws.ToString(in.FunctionName) + ":" + aws.ToString(in.Qualifier))}
	}
	v := f.Version(*in.Qualifier)
	state, reason := c.state(v)
	out := &sdk.GetFunctionConfigurationOutput{
		FunctionName: aws.String(f.Name), FunctionArn: aws.String(prefix + f.Name + ":" + v.Number), Version: aws.String(v.Number),
		CodeSha256: aws.String(v.CodeSHA256), Role: aws.String(v.Role), State: state, StateReason: reason,
		LastModified: modified(v.Published),
		Environment:  &types.EnvironmentResponse{Variables: maps.Clone(v.Environment)},
	}
	if v.DeadLetters != "" {
		out.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String(v.DeadLetters)}
	}
	return out, nil
}

func (c *Control) state(v *Version) (types.State, *string) {
	switch {
	case v.Broken != "":
		return types.StateFailed, aws.String(v.Broken)
	case v.Inactive:
		return types.StateInactive, aws.String("The function is inactive")
	case c.loop.Now().Before(v.PendingUntil):
		return types.StatePending, aws.String("The function is being created")
	}
	return types.StateActive, nil
}

func (c *Control) provisioned(in *sdk.GetProvisionedConcurrencyConfigInput) (*sdk.GetProvisionedConcurrencyConfigOutput, error) {
	_, a, err := c.known(in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if a.Provisioned == 0 {
		return nil, &types.ProvisionedConcurrencyConfigNotFoundException{Message: aws.String("No Provisioned Concurrency Config found for this function")}
	}
	n := int32(a.Provisioned) //nolint:gosec // a scenario's small number
	out := &sdk.GetProvisionedConcurrencyConfigOutput{
		RequestedProvisionedConcurrentExecutions: &n, Status: types.ProvisionedConcurrencyStatusEnumReady,
		LastModified: aws.String(a.ReadyAt.Format(time.RFC3339)),
	}
	if c.loop.Now().Before(a.ReadyAt) {
		out.Status = types.ProvisionedConcurrencyStatusEnumInProgress
	}
	return out, nil
}

// modified writes a time as Lambda does.
func modified(at time.Time) *string { return aws.String(at.Format("2006-01-02T15:04:05.000-0700")) }
