package lambda

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// option is what the SDK's calls accept and a simulated one ignores.
type option = func(*sdk.Options)

// GetAlias is the operation of that name.
func (c *Control) GetAlias(ctx context.Context, in *sdk.GetAliasInput, _ ...option) (*sdk.GetAliasOutput, error) {
	return door.Call(ctx, "lambda:GetAlias", in, func() (*sdk.GetAliasOutput, error) { return c.getAlias(in) })
}

// UpdateAlias is the operation of that name.
func (c *Control) UpdateAlias(ctx context.Context, in *sdk.UpdateAliasInput, _ ...option) (*sdk.UpdateAliasOutput, error) {
	return door.Call(ctx, "lambda:UpdateAlias", in, func() (*sdk.UpdateAliasOutput, error) { return c.updateAlias(in) })
}

func (c *Control) known(function, alias *string) (*Function, *Alias, error) {
	f := c.find(aws.ToString(function))
	if f == nil {
		return nil, nil, &types.ResourceNotFoundException{Message: aws.String("Function not found: " + aws.ToString(function))}
	}
	a := f.alias(aws.ToString(alias))
	if a == nil {
		return nil, nil, &types.ResourceNotFoundException{Message: aws.String("Cannot find alias arn: " + prefix + f.Name + ":" + aws.ToString(alias))}
	}
	return f, a, nil
}

func (c *Control) getAlias(in *sdk.GetAliasInput) (*sdk.GetAliasOutput, error) {
	f, a, err := c.known(in.FunctionName, in.Name)
	if err != nil {
		return nil, err
	}
	return &sdk.GetAliasOutput{
		AliasArn: aws.String(prefix + f.Name + ":" + a.Name), Name: aws.String(a.Name), FunctionVersion: aws.String(a.Version),
		RevisionId: aws.String(a.Revision), RoutingConfig: routing(a.Weights),
	}, nil
}

// routing is nil where an alias has no weights.
func routing(weights map[string]float64) *types.AliasRoutingConfiguration {
	if len(weights) == 0 {
		return nil
	}
	return &types.AliasRoutingConfiguration{AdditionalVersionWeights: maps.Clone(weights)}
}

// updateAlias changes what the request names; weights that it leaves out, or whose map is nil, stay.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
func (c *Control) updateAlias(in *sdk.UpdateAliasInput) (*sdk.UpdateAliasOutput, error) {
	f, a, err := c.known(in.FunctionName, in.Name)
	if err != nil {
		return nil, err
	}
	if in.RevisionId != nil && *in.RevisionId != a.Revision {
		return nil, &types.PreconditionFailedException{Message: aws.String("The Revision Id provided does not match the latest Revision Id. Call the GetAlias API to retrieve the latest Revision Id")}
	}
	version, weights := a.Version, a.Weights
	if in.FunctionVersion != nil {
		version = *in.FunctionVersion
	}
	if in.RoutingConfig != nil && in.RoutingConfig.AdditionalVersionWeights != nil {
		weights = in.RoutingConfig.AdditionalVersionWeights
	}
	if err := f.routable(version, weights); err != nil {
		return nil, err
	}
	a.set(version, weights)
	return &sdk.UpdateAliasOutput{
		AliasArn: aws.String(prefix + f.Name + ":" + a.Name), Name: aws.String(a.Name), FunctionVersion: aws.String(a.Version),
		RevisionId: aws.String(a.Revision), RoutingConfig: routing(a.Weights),
	}, nil
}

// routable holds AWS's rules: two versions at most, both published, with one role and one dead-letter queue.
func (f *Function) routable(version string, weights map[string]float64) error {
	wrong := func(text string) error { return &types.InvalidParameterValueException{Message: aws.String(text)} }
	serving := f.Version(version)
	if serving == nil {
		return &types.ResourceNotFoundException{Message: aws.String("Function not found: " + prefix + f.Name + ":" + version)}
	}
	if len(weights) > 1 {
		return wrong("Number of items in AdditionalVersionWeights cannot be greater than 1")
	}
	for other, weight := range weights {
		second := f.Version(other)
		switch {
		case second == nil:
			return wrong("Invalid function version " + other + " in AdditionalVersionWeights")
		case other == version:
			return wrong("The function version in AdditionalVersionWeights must differ from the alias's own")
		case weight < 0 || weight > 1:
			return wrong("Weights must be between 0 and 1")
		case second.Role != serving.Role || second.DeadLetters != serving.DeadLetters:
			return wrong("Versions behind one alias must have the same execution role and dead-letter queue")
		}
	}
	return nil
}
