package lambdaalias

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// image is a container image that a version is made of.
type image struct {
	uri       string // with its digest
	candidate release.Candidate
}

// find finds the image that is meant, in the target's repository. function is the ARN of the alias or the function.
func (p *Platform) find(ctx context.Context, target release.Target, revision release.Revision, function string) (image, error) {
	op := "target " + string(target.Name)
	if target.Source.ECR == nil {
		return image{}, release.Errorf(release.Invalid, op, "releases an image only where source.ecr names the repository; add it to the target's file, or release a published version: {\"version\": \"8\"}")
	}
	ref, err := ecrimage.Parse(revision.Image)
	if err != nil {
		return image{}, err
	}
	at, err := arn.Parse(function)
	if err != nil {
		return image{}, release.Errorf(release.Unexpected, op, "AWS named the alias %q: %w", function, err)
	}
	repo := ecrimage.RepositoryOf(target.Source, ecrimage.Reference{}, ecrimage.Home{Partition: at.Partition, Region: at.Region, Account: at.AccountID})
	if ref.Registry == "" {
		ref.Registry = repo.Registry
	}
	if !repo.Holds(ref) {
		return image{}, release.Errorf(release.Forbidden, op, "releases images of %s/%s only, not %s", repo.Registry, repo.Name, revision.Image)
	}
	found, err := ecrimage.Look(ctx, p.ecr, repo, ref)
	if err != nil {
		return image{}, err
	}
	uri := ecrimage.Reference{Registry: repo.Registry, Repository: repo.Name}.At(found.Digest)
	return image{uri, release.Candidate{Revision: release.Revision{Image: uri, Digest: found.Digest}, Pushed: found.Pushed}}, nil
}

// admitImage refuses a function that cannot be given an image, and what it would be published with that an alias cannot
// route to beside the version that serves.
func (p *Platform) admitImage(ctx context.Context, function string, serving *lambda.GetFunctionConfigurationOutput) error {
	latest, err := p.latest(ctx, function)
	if err != nil {
		return err
	}
	if latest.PackageType != types.PackageTypeImage {
		return release.Errorf(release.Invalid, "function "+function, "is made of a zip file, so it cannot be given an image; publish a version and release that: {\"version\": \"8\"}")
	}
	return admit(serving, latest)
}

// holds reports whether a version was made of an image: Lambda's hash of an image's code is the image's digest.
func holds(f *lambda.GetFunctionConfigurationOutput, digest release.Digest) bool {
	sum, isHex := strings.CutPrefix(string(digest), "sha256:")
	if _, err := hex.DecodeString(sum); err != nil || !isHex {
		return false
	}
	return strings.EqualFold(aws.ToString(f.CodeSha256), sum)
}
