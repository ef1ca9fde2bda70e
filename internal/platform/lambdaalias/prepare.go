package lambdaalias

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Prepare reads what serves and whether the new version may stand beside it. It changes nothing. It refuses an alias in
// the middle of somebody's shift, a version that is not published, cannot be invoked or has another role or
// dead-letter queue, and provisioned concurrency that is still being prepared.
func (p *Platform) Prepare(ctx context.Context, target release.Target, revision release.Revision) (release.Prepared, error) {
	at := target.LambdaAlias
	if isPublished(revision) && revision.Version == "" {
		return release.Prepared{}, release.Errorf(release.Invalid, "revision of "+string(target.Name),
			"names %s, but a lambda-alias target releases a published version, an image or code in S3; write {\"version\": \"8\"}", revision)
	}
	alias, err := p.alias(ctx, at.Function, at.Alias)
	if err != nil {
		return release.Prepared{}, err
	}
	if err := atRest(at, alias); err != nil {
		return release.Prepared{}, err
	}
	serving, err := p.version(ctx, at.Function, alias.version)
	if err != nil {
		return release.Prepared{}, err
	}
	d := detail{
		Schema: detailSchema, Function: aws.ToString(serving.FunctionName), Alias: at.Alias, ARN: alias.arn,
		Version: alias.version, CodeSHA256: aws.ToString(serving.CodeSha256), RevisionID: alias.revision,
	}
	if d.Provisioned, err = p.provisioned(ctx, at); err != nil {
		return release.Prepared{}, err
	}
	if !isPublished(revision) {
		return p.prepareCode(ctx, target, revision, d, serving)
	}
	baseline, err := d.baseline()
	if err != nil {
		return release.Prepared{}, err
	}
	prepared := release.Prepared{
		Revision: release.Revision{Version: revision.Version}, Live: revision.Version == alias.version,
		Baseline: baseline, Resources: []release.Resource{release.Resource(alias.arn)},
		Metrics: d.metrics(revision.Version),
	}
	if prepared.Live {
		return prepared, nil
	}
	return prepared, p.admissible(ctx, at.Function, serving, revision.Version)
}

// prepareCode finds the code that a version is going to be made of. Where that version is measured nobody knows before it
// exists.
func (p *Platform) prepareCode(ctx context.Context, target release.Target, revision release.Revision, d detail, serving *lambda.GetFunctionConfigurationOutput) (release.Prepared, error) {
	asked, err := p.find(ctx, target, revision, d.ARN)
	if err != nil {
		return release.Prepared{}, err
	}
	d.code = asked.code
	if d.Key, err = p.key(ctx, d.Function, d.code); err != nil {
		return release.Prepared{}, err
	}
	baseline, err := d.baseline()
	if err != nil {
		return release.Prepared{}, err
	}
	function := strings.TrimSuffix(d.ARN, ":"+d.Alias)
	prepared := release.Prepared{
		Revision: asked.candidate.Revision, Pushed: asked.candidate.Pushed, Live: holds(serving, asked.candidate.Revision.Digest),
		Baseline: baseline, Resources: []release.Resource{release.Resource(d.ARN), release.Resource(function)},
		Metrics: release.Metrics{Baseline: d.metrics("").Baseline},
	}
	if prepared.Live {
		return prepared, nil
	}
	return prepared, p.admitCode(ctx, d.Function, d.code, serving)
}

// admissible refuses a version that cannot be given work. One that is still Pending is waited for by Shift.
func (p *Platform) admissible(ctx context.Context, function string, serving *lambda.GetFunctionConfigurationOutput, version string) error {
	fresh, err := p.version(ctx, function, version)
	if err != nil {
		return err
	}
	if _, trouble := readiness(fresh); trouble != "" {
		return release.Errorf(release.Unstable, "function "+function, "%s", trouble)
	}
	return admit(serving, fresh)
}

// atRest refuses an alias that somebody is shifting, or that points to no published version.
func atRest(at *release.LambdaAlias, alias seen) error {
	op := fmt.Sprintf("alias %s of function %s", at.Alias, at.Function)
	if !published.MatchString(alias.version) {
		return release.Errorf(release.Invalid, op,
			"it points to %s, which cannot be weighted; publish a version (aws lambda publish-version --function-name %s) and point the alias to it first (aws lambda update-alias --function-name %s --name %s --function-version N)",
			alias.version, at.Function, at.Function, at.Alias)
	}
	if len(alias.weights) > 0 {
		return release.Errorf(release.Unstable, op,
			"it routes %s already, and serin did not do that; end that deployment, or remove the weights (aws lambda update-alias --function-name %s --name %s --routing-config AdditionalVersionWeights={})",
			alias.weightText(), at.Function, at.Alias)
	}
	return nil
}

// provisioned returns the concurrency that is kept ready behind the alias. It cannot be changed while the alias is
// weighted, so one that is still being prepared is refused.
// https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
func (p *Platform) provisioned(ctx context.Context, at *release.LambdaAlias) (int32, error) {
	op := fmt.Sprintf("read the provisioned concurrency of %s:%s", at.Function, at.Alias)
	out, err := p.lambda.GetProvisionedConcurrencyConfig(ctx, &lambda.GetProvisionedConcurrencyConfigInput{FunctionName: &at.Function, Qualifier: &at.Alias})
	switch {
	case awserr.Is(err, "ProvisionedConcurrencyConfigNotFoundException", "ResourceNotFoundException"):
		return 0, nil
	case err != nil:
		return 0, awserr.Wrap(op, err)
	case out.Status == types.ProvisionedConcurrencyStatusEnumInProgress:
		return 0, release.Errorf(release.Unstable, op, "it is still being prepared, and it cannot be managed while the alias is weighted; start again when it is READY")
	}
	return aws.ToInt32(out.RequestedProvisionedConcurrentExecutions), nil
}
