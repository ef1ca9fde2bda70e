package lambdaalias

import (
	"context"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

var published = regexp.MustCompile(`^[1-9]\d{0,18}$`)

// version reads the configuration of one published version.
func (p *Platform) version(ctx context.Context, function, version string) (*lambda.GetFunctionConfigurationOutput, error) {
	op := fmt.Sprintf("read version %s of function %s", version, function)
	if !published.MatchString(version) {
		return nil, release.Errorf(release.Invalid, op,
			"%q is not a published version, and an alias can only be weighted between published ones; run \"aws lambda publish-version --function-name %s\" and release the version that it prints", version, function)
	}
	out, err := p.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &function, Qualifier: &version})
	if awserr.Is(err, "ResourceNotFoundException") {
		return nil, release.Errorf(release.NotFound, op, "there is no such version; \"aws lambda list-versions-by-function --function-name %s\" lists those that are", function)
	}
	return out, awserr.Wrap(op, err)
}

// admit refuses a new version that an alias cannot route to beside the one that serves.
func admit(serving, fresh *lambda.GetFunctionConfigurationOutput) error {
	op := fmt.Sprintf("version %s of function %s", aws.ToString(fresh.Version), aws.ToString(fresh.FunctionName))
	for _, field := range []struct{ name, serving, fresh, rule string }{
		{"execution role", aws.ToString(serving.Role), aws.ToString(fresh.Role), "both versions behind an alias must have the same"},
		{"dead-letter queue", deadLetters(serving), deadLetters(fresh), "both versions behind an alias must have the same, or none"},
	} {
		if field.serving != field.fresh {
			return release.Errorf(release.Forbidden, op, "its %s is %s, but version %s, which serves, has %s; %s (AWS's rule): change it back, or change it in a deployment of its own without a canary",
				field.name, orNone(field.fresh), aws.ToString(serving.Version), orNone(field.serving), field.rule)
		}
	}
	return nil
}

func deadLetters(f *lambda.GetFunctionConfigurationOutput) string {
	if f.DeadLetterConfig == nil {
		return ""
	}
	return aws.ToString(f.DeadLetterConfig.TargetArn)
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// readiness says whether a version can be invoked. A version with SnapStart stays Pending for minutes after it was
// published. LastUpdateStatus says nothing of a version and may be missing.
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
func readiness(f *lambda.GetFunctionConfigurationOutput) (ready bool, trouble string) {
	version := aws.ToString(f.Version)
	switch f.State {
	case types.StateActive, "":
		return true, ""
	case types.StatePending:
		return false, ""
	case types.StateFailed:
		return false, fmt.Sprintf("version %s is Failed: %s", version, aws.ToString(f.StateReason))
	case types.StateInactive:
		return false, fmt.Sprintf("version %s is Inactive: AWS took its resources back because it was not used; invoke it once and wait until it is Active", version)
	}
	return false, fmt.Sprintf("version %s is %s: %s", version, f.State, aws.ToString(f.StateReason))
}
