package remote

import (
	"bytes"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// Result says what became of a target's parameter.
type Result string

// The results.
const (
	Created   Result = "created"
	Changed   Result = "changed"
	Unchanged Result = "unchanged"
)

// Application is what applying a target does, or would do.
type Application struct {
	Target    release.TargetName `json:"target"`
	Parameter string             `json:"parameter"`
	Bytes     int                `json:"bytes"`
	Tier      string             `json:"tier"` // Standard up to 4 KB, Advanced up to 8 KB
	Result    Result             `json:"result"`
	DryRun    bool               `json:"dryRun"`
	Version   int64              `json:"version,omitempty"` // of the parameter; absent before it exists
	Changes   []Change           `json:"changes"`           // of the effective settings, defaults included
	Warnings  []string           `json:"warnings"`

	text []byte
}

// Compare says what applying a valid target would do. Nothing is written.
func (a *Account) Compare(ctx context.Context, target release.Target) (Application, error) {
	if _, err := a.Core(ctx); err != nil { // the wrong account is found before anything is written to it
		return Application{}, err
	}
	text, err := targetfile.Marshal(target)
	if err != nil {
		return Application{}, err
	}
	p := Application{
		Target: target.Name, Parameter: assembly.TargetParameter(target.Name), Bytes: len(text), Tier: string(tier(text)),
		Result: Created, Changes: []Change{}, Warnings: []string{}, text: text,
	}
	there, err := a.clients.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(p.Parameter)})
	switch {
	case awserr.Is(err, "ParameterNotFound"):
	case err != nil:
		return p, a.failed("get parameter "+p.Parameter, err)
	default:
		p.Version = there.Parameter.Version
		if err := p.compare([]byte(aws.ToString(there.Parameter.Value))); err != nil {
			return p, err
		}
	}
	p.Warnings = append(p.Warnings, a.openReleases(ctx, target.Name)...)
	return p, nil
}

// compare takes in what stands in the parameter.
func (p *Application) compare(there []byte) error {
	if bytes.Equal(there, p.text) {
		p.Result = Unchanged
		return nil
	}
	p.Result = Changed
	before, err := targetfile.Parse(p.Parameter, there)
	if err != nil {
		p.Warnings = append(p.Warnings, "what stands in the parameter is no valid target and is replaced: "+err.Error())
		return nil //nolint:nilerr // what is replaced need not have been valid
	}
	text, err := targetfile.Marshal(before)
	if err != nil {
		return err
	}
	found, err := changes(text, p.text)
	p.Changes = append(p.Changes, found...)
	if err == nil && len(found) == 0 {
		p.Warnings = append(p.Warnings, "no setting changes; what stands there is written out in full, with every default")
	}
	return err
}

// openReleases warns of releases that go on with the target as it was.
func (a *Account) openReleases(ctx context.Context, name release.TargetName) []string {
	open, err := a.Open(ctx)
	if err != nil {
		return []string{"whether a release of " + string(name) + " is open could not be seen: " + err.Error()}
	}
	var warnings []string
	for _, r := range open {
		if r.Target.Name == name {
			warnings = append(warnings, "release "+string(r.ID)+" of "+string(name)+" is open ("+string(r.Phase)+"): it goes on with the target as it was when it began")
		}
	}
	return warnings
}

// Apply writes what Compare found out. The write does not depend on what was there: SSM knows no condition. Where
// somebody else wrote in between, a warning says so, and the parameter's history holds what they wrote.
func (a *Account) Apply(ctx context.Context, p Application) (Application, error) {
	if p.Result == Unchanged {
		return p, nil
	}
	out, err := a.put(ctx, p, tier(p.text))
	if awserr.Is(err, "ValidationException") && p.Version > 0 && tier(p.text) == types.ParameterTierStandard {
		// A parameter that was larger once stays in the advanced tier: SSM refuses to make it smaller.
		p.Tier = string(types.ParameterTierAdvanced)
		out, err = a.put(ctx, p, types.ParameterTierAdvanced)
	}
	if err != nil {
		return p, a.failed("put parameter "+p.Parameter, err)
	}
	if p.Version > 0 && out.Version != p.Version+1 {
		p.Warnings = append(p.Warnings, "somebody else wrote the parameter in the meantime; look at its history")
	}
	p.Version = out.Version
	return p, nil
}

func (a *Account) put(ctx context.Context, p Application, tier types.ParameterTier) (*ssm.PutParameterOutput, error) {
	return a.clients.SSM.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(p.Parameter), Value: aws.String(string(p.text)), Type: types.ParameterTypeString,
		Tier: tier, Overwrite: aws.Bool(p.Version > 0),
	})
}

// tier returns where a text fits. Targets above 8 KB are refused when they are read.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
func tier(text []byte) types.ParameterTier {
	if len(text) > targetfile.StandardParameter {
		return types.ParameterTierAdvanced
	}
	return types.ParameterTierStandard
}
