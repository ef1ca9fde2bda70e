package lambda

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (c *Control) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	switch in := params.(type) {
	case *sdk.GetAliasInput:
		out, err = c.GetAlias(ctx, in)
	case *sdk.UpdateAliasInput:
		out, err = c.UpdateAlias(ctx, in)
	case *sdk.UpdateFunctionCodeInput:
		out, err = c.UpdateFunctionCode(ctx, in)
	case *sdk.PublishVersionInput:
		out, err = c.PublishVersion(ctx, in)
	case *sdk.GetFunctionInput:
		out, err = c.GetFunction(ctx, in)
	case *sdk.GetFunctionConfigurationInput:
		out, err = c.GetFunctionConfiguration(ctx, in)
	case *sdk.GetProvisionedConcurrencyConfigInput:
		out, err = c.GetProvisionedConcurrencyConfig(ctx, in)
	default:
		return nil, false, nil
	}
	return out, true, err
}
