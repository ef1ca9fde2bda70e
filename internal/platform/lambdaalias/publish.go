package lambdaalias

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// What a release of code makes. Both are found again without this record: the same code has the same hash, and what
// has not changed since its last version is published as that version.
const (
	kindCode    = "code"       // ID: the hash by which Lambda knows the code that the function was given
	kindGiven   = "code given" // ID: when that was, as Lambda tells it
	kindVersion = "version"    // ID: the number that it was published as
)

// made returns what the release made of a kind, or "".
func made(rel *release.Release, kind string) string {
	i := slices.IndexFunc(rel.Made, func(m release.Made) bool { return m.Kind == kind })
	if i < 0 {
		return ""
	}
	return rel.Made[i].ID
}

// freshOf returns the version that is released: the one that was asked for, or the one that the code was published as;
// "" before it was.
func freshOf(rel *release.Release) string {
	if rel.Revision.Version != "" {
		return rel.Revision.Version
	}
	return made(rel, kindVersion)
}

// publish makes a version of the release's image or zip file: the function's code first, then, when Lambda has taken it over, the
// version. It is Reached when the version exists. Everything else of the function goes into the version as it is.
func (c *call) publish(ctx context.Context) (release.Progress, error) {
	if c.fresh != "" {
		return release.Reached.Says(""), nil
	}
	latest, err := c.latest(ctx, c.base.Function)
	if gone(err) {
		return release.Failed.Says(err.Error()), nil
	}
	if err != nil {
		return release.Progress{}, err
	}
	code := made(c.rel, kindCode)
	switch {
	case latest.LastUpdateStatus == types.LastUpdateStatusInProgress:
		return working("Lambda is updating the function", false), nil
	case code == "":
		return c.giveCode(ctx, latest)
	case !sameCode(latest, code) && c.old(latest):
		return working("Lambda does not show the new code yet", false), nil
	case !sameCode(latest, code):
		return release.Failed.Says(fmt.Sprintf("somebody else changed the code of function %s while it was being published", c.base.Function)), nil
	case latest.LastUpdateStatus == types.LastUpdateStatusFailed:
		return release.Failed.Says(fmt.Sprintf("Lambda could not take the code over: %s", aws.ToString(latest.LastUpdateStatusReason))), nil
	}
	return c.publishVersion(ctx, latest, code)
}

// noSum stands for a hash that Lambda did not name; then the function's RevisionId alone says whether it is as it was read.
const noSum = "given"

// sameCode reports whether the function still has the code that the release has given it.
func sameCode(latest *lambda.GetFunctionConfigurationOutput, code string) bool {
	now := aws.ToString(latest.CodeSha256)
	return now == code || now == "" || code == noSum
}

// old reports whether an answer is of before the release gave the function its code: Lambda's reads may be behind.
func (c *call) old(latest *lambda.GetFunctionConfigurationOutput) bool {
	const layout = "2006-01-02T15:04:05.000-0700" // https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
	given, err := time.Parse(layout, made(c.rel, kindGiven))
	if err != nil {
		return false
	}
	shown, err := time.Parse(layout, aws.ToString(latest.LastModified))
	return err == nil && shown.Before(given)
}

// latest reads the function's unpublished configuration.
func (p *Platform) latest(ctx context.Context, function string) (*lambda.GetFunctionConfigurationOutput, error) {
	op := "read function " + function
	out, err := p.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &function})
	if awserr.Is(err, "ResourceNotFoundException") {
		return nil, release.Errorf(release.NotFound, op, "there is no such function; check lambdaAlias.function")
	}
	return out, awserr.Wrap(op, err)
}

// giveCode gives the function the code.
func (c *call) giveCode(ctx context.Context, latest *lambda.GetFunctionConfigurationOutput) (release.Progress, error) {
	op := fmt.Sprintf("give function %s %s", c.base.Function, c.base.code)
	out, err := c.lambda.UpdateFunctionCode(ctx, c.base.request(c.base.Function, latest))
	if progress, answered := refused(op, err); answered {
		return progress, nil
	}
	if err != nil {
		return release.Progress{Changed: true}, awserr.Wrap(op, err)
	}
	progress := working("the function is given "+c.rel.Revision.String(), true)
	progress.Made = []release.Made{{Kind: kindCode, ID: cmp.Or(aws.ToString(out.CodeSha256), noSum), For: "canary"}}
	if out.LastModified != nil {
		progress.Made = append(progress.Made, release.Made{Kind: kindGiven, ID: *out.LastModified, For: "canary"})
	}
	return progress, nil
}

// publishVersion publishes the code that the release has given, and no other. What has not changed since the last
// version is that version.
func (c *call) publishVersion(ctx context.Context, latest *lambda.GetFunctionConfigurationOutput, code string) (release.Progress, error) {
	op := "publish a version of function " + c.base.Function
	in := &lambda.PublishVersionInput{FunctionName: &c.base.Function, RevisionId: latest.RevisionId}
	if code != noSum {
		in.CodeSha256 = &code
	}
	out, err := c.lambda.PublishVersion(ctx, in)
	if progress, answered := refused(op, err); answered {
		return progress, nil
	}
	if err != nil {
		return release.Progress{Changed: true}, awserr.Wrap(op, err)
	}
	version := aws.ToString(out.Version)
	switch {
	case !published.MatchString(version):
		return release.Progress{Changed: true}, release.Errorf(release.Unexpected, op, "AWS answered version %q", version)
	case version == c.base.Version:
		return release.Failed.Says(fmt.Sprintf("the code and the configuration are those of version %s, which serves: there is nothing to release", version)), nil
	}
	progress := working("published as version "+version, true)
	progress.Made = []release.Made{{Kind: kindVersion, ID: version, For: "canary"}}
	return progress, nil
}

// refused answers what AWS did not do: because the function was changed in between, which passes, or because it cannot be
// done.
func refused(op string, err error) (release.Progress, bool) {
	switch {
	case awserr.Is(err, "PreconditionFailedException", "ResourceConflictException"):
		return working("the function changed while it was read; looking again", true), true
	case awserr.Is(err, "InvalidParameterValueException", "ResourceNotFoundException", "CodeVerificationFailedException", "CodeStorageExceededException"):
		return release.Failed.Says(fmt.Sprintf("%s: AWS refused it: %v", op, err)), true
	}
	return release.Progress{}, false
}
