package ssm

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// Bounds of a parameter and of a call.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const (
	standardBytes = 4 << 10
	advancedBytes = 8 << 10
	namesPerCall  = 10
)

const arnPrefix = "arn:aws:ssm:eu-central-1:123456789012:parameter"

// Service is the Parameter Store of one simulated account, and the executions of its runbooks.
type Service struct {
	loop        *loop.Loop
	parameters  map[string]parameter
	automations map[string]*types.AutomationExecution
}

// parameter is the newest version of one.
type parameter struct {
	value    string
	kind     types.ParameterType
	tier     types.ParameterTier
	version  int64
	modified time.Time
}

// New returns an empty Parameter Store.
func New(l *loop.Loop) *Service {
	return &Service{loop: l, parameters: map[string]parameter{}, automations: map[string]*types.AutomationExecution{}}
}

// Set writes a parameter past the door, to furnish an account.
func (s *Service) Set(name, value string) {
	tier := types.ParameterTierStandard
	if len(value) > standardBytes {
		tier = types.ParameterTierAdvanced
	}
	s.parameters[name] = parameter{
		value: value, kind: types.ParameterTypeString, tier: tier, version: s.parameters[name].version + 1, modified: s.loop.Now(),
	}
}

// Value returns what a parameter holds; ok is false where there is none.
func (s *Service) Value(name string) (value string, ok bool) {
	p, ok := s.parameters[name]
	return p.value, ok
}

// GetParameter answers one parameter by its name or ARN.
func (s *Service) GetParameter(ctx context.Context, in *sdk.GetParameterInput, _ ...func(*sdk.Options)) (*sdk.GetParameterOutput, error) {
	return door.Call(ctx, "ssm:GetParameter", in, func() (*sdk.GetParameterOutput, error) {
		p, ok := s.answer(aws.ToString(in.Name))
		if !ok {
			return nil, &types.ParameterNotFound{}
		}
		return &sdk.GetParameterOutput{Parameter: &p}, nil
	})
}

// GetParameters answers up to ten parameters; the names of those that do not exist come back as invalid.
func (s *Service) GetParameters(ctx context.Context, in *sdk.GetParametersInput, _ ...func(*sdk.Options)) (*sdk.GetParametersOutput, error) {
	return door.Call(ctx, "ssm:GetParameters", in, func() (*sdk.GetParametersOutput, error) {
		if len(in.Names) == 0 || len(in.Names) > namesPerCall {
			return nil, invalid("1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to 10")
		}
		out := &sdk.GetParametersOutput{}
		for _, name := range in.Names {
			if p, ok := s.answer(name); ok {
				out.Parameters = append(out.Parameters, p)
			} else {
				out.InvalidParameters = append(out.InvalidParameters, name)
			}
		}
		return out, nil
	})
}

func (s *Service) answer(name string) (types.Parameter, bool) {
	if after, isARN := strings.CutPrefix(name, arnPrefix); isARN {
		name = after
		if _, ok := s.parameters[name]; !ok {
			name = strings.TrimPrefix(name, "/") // the ARN of a name without a leading slash
		}
	}
	p, ok := s.parameters[name]
	if !ok {
		return types.Parameter{}, false
	}
	return types.Parameter{
		ARN: aws.String(arnOf(name)), Name: aws.String(name), Value: aws.String(p.value), Type: p.kind,
		Version: p.version, LastModifiedDate: aws.Time(p.modified), DataType: aws.String("text"),
	}, true
}

func arnOf(name string) string {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	return arnPrefix + name
}

// PutParameter writes a parameter: 4 KB in the standard tier, 8 KB in the advanced one. A parameter that became
// advanced stays so.
func (s *Service) PutParameter(ctx context.Context, in *sdk.PutParameterInput, _ ...func(*sdk.Options)) (*sdk.PutParameterOutput, error) {
	return door.Call(ctx, "ssm:PutParameter", in, func() (*sdk.PutParameterOutput, error) { return s.put(in) })
}

var nameForm = regexp.MustCompile(`^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$`)

func (s *Service) put(in *sdk.PutParameterInput) (*sdk.PutParameterOutput, error) {
	name, value := aws.ToString(in.Name), aws.ToString(in.Value)
	before, exists := s.parameters[name]
	tier, ok := tierFor(in.Tier, before.tier, len(value))
	kind := in.Type
	if kind == "" {
		kind = before.kind
	}
	switch {
	case !nameForm.MatchString(name):
		return nil, invalid("Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive) and may hold letters, digits and ._-/ only.")
	case value == "":
		return nil, invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case exists && !aws.ToBool(in.Overwrite):
		return nil, &types.ParameterAlreadyExists{Message: aws.String("The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")}
	case !slices.Contains(kind.Values(), kind):
		return nil, invalid("A parameter type is required when you create a parameter.")
	case !ok:
		return nil, invalid("Parameter value is too large: " + string(tier) + " tier parameters support a maximum parameter value of " + limitText(tier) + " characters.")
	}
	p := parameter{value: value, kind: kind, tier: tier, version: before.version + 1, modified: s.loop.Now()}
	s.parameters[name] = p
	return &sdk.PutParameterOutput{Tier: tier, Version: p.version}, nil
}

// tierFor returns the tier that a value of the given size gets; ok is false where it is too large.
func tierFor(asked, before types.ParameterTier, size int) (tier types.ParameterTier, ok bool) {
	tier = asked
	if tier == "" {
		tier = types.ParameterTierStandard
	}
	if tier == types.ParameterTierIntelligentTiering {
		tier = types.ParameterTierStandard
		if size > standardBytes {
			tier = types.ParameterTierAdvanced
		}
	}
	if before == types.ParameterTierAdvanced {
		tier = before
	}
	if tier == types.ParameterTierAdvanced {
		return tier, size <= advancedBytes
	}
	return tier, size <= standardBytes
}

func limitText(tier types.ParameterTier) string {
	if tier == types.ParameterTierAdvanced {
		return "8192"
	}
	return "4096"
}

func invalid(message string) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: message, Fault: smithy.FaultClient}
}
