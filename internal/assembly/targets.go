package assembly

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// ParameterGetter is what serin needs of SSM.
type ParameterGetter interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// TargetParameter returns the name of the SSM parameter that holds a target.
func TargetParameter(name release.TargetName) string { return "/serin/targets/" + string(name) }

// targets finds targets in SSM.
type targets struct {
	client ParameterGetter
	parse  Parse
}

func (s *Serin) targets() targets {
	if s.core.Parse != nil {
		return targets{s.core.SSM, s.core.Parse}
	}
	return targets{s.core.SSM, targetfile.Parse}
}

// Target reads and validates a target's parameter.
func (t targets) Target(ctx context.Context, name release.TargetName) (release.Target, string, error) {
	return ReadTarget(ctx, t.client, name, t.parse)
}

// ReadTarget reads a target's parameter and validates it, because what was written past serin's own tools stands there
// all the same. It returns the hash of the text with it.
func ReadTarget(ctx context.Context, client ParameterGetter, name release.TargetName, parse Parse) (release.Target, string, error) {
	parameter := TargetParameter(name)
	out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(parameter)})
	if awserr.Is(err, "ParameterNotFound") {
		return release.Target{}, "", release.Errorf(release.NotFound, "target "+string(name),
			"there is no SSM parameter %s in this account and region; write it with: serin apply -f FILE", parameter)
	}
	if err != nil {
		return release.Target{}, "", awserr.Wrap("get parameter "+parameter, err)
	}
	text := []byte(aws.ToString(out.Parameter.Value))
	target, err := parse(parameter, text)
	if err != nil {
		return release.Target{}, "", release.Errorf(release.Invalid, "target "+string(name), "%w", err)
	}
	if target.Name != name {
		return release.Target{}, "", release.Errorf(release.Invalid, "target "+string(name),
			"the parameter %s holds a target of another name, %s", parameter, target.Name)
	}
	return target, targetfile.Hash(text), nil
}
