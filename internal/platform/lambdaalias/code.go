package lambdaalias

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/s3object"
)

// code is what a version is made of: a container image, or a zip file in S3. One of the two is named.
type code struct {
	Image string             `json:"image,omitempty"` // with its digest
	Zip   release.CodeObject `json:"zip,omitzero"`    // with its version
	Key   string             `json:"key,omitempty"`   // under which Lambda keeps a zip file: the ARN of a key of the customer's; empty: one of AWS's
}

// found is code that a release asked for.
type found struct {
	code      code
	candidate release.Candidate // pinned
}

// String names the code.
func (c code) String() string {
	if c.Image != "" {
		return "the image " + c.Image
	}
	return "the code " + c.Zip.String()
}

// isPublished reports whether a revision is a version that exists already: there is no code to make one of.
func isPublished(revision release.Revision) bool { return revision.Image == "" && revision.Code == "" }

// find finds the code that is meant, where the target has its own, and pins it. alias is the ARN of the alias.
func (p *Platform) find(ctx context.Context, target release.Target, revision release.Revision, alias string) (found, error) {
	if revision.Code != "" {
		return p.findZip(ctx, target, revision)
	}
	return p.findImage(ctx, target, revision, alias)
}

func (p *Platform) findImage(ctx context.Context, target release.Target, revision release.Revision, alias string) (found, error) {
	op := "target " + string(target.Name)
	if target.Source.ECR == nil {
		return found{}, release.Errorf(release.Invalid, op, "releases an image only where source.ecr names the repository; add it to the target's file, or release a published version: {\"version\": \"8\"}")
	}
	ref, err := ecrimage.Parse(revision.Image)
	if err != nil {
		return found{}, err
	}
	at, err := arn.Parse(alias)
	if err != nil {
		return found{}, release.Errorf(release.Unexpected, op, "AWS named the alias %q: %w", alias, err)
	}
	repo := ecrimage.RepositoryOf(target.Source, ecrimage.Reference{}, ecrimage.Home{Partition: at.Partition, Region: at.Region, Account: at.AccountID})
	if ref.Registry == "" {
		ref.Registry = repo.Registry
	}
	if !repo.Holds(ref) {
		return found{}, release.Errorf(release.Forbidden, op, "releases images of %s/%s only, not %s", repo.Registry, repo.Name, revision.Image)
	}
	image, err := ecrimage.Look(ctx, p.ecr, repo, ref)
	if err != nil {
		return found{}, err
	}
	uri := ecrimage.Reference{Registry: repo.Registry, Repository: repo.Name}.At(image.Digest)
	return found{code{Image: uri}, release.Candidate{Revision: release.Revision{Image: uri, Digest: image.Digest}, Pushed: image.Pushed}}, nil
}

func (p *Platform) findZip(ctx context.Context, target release.Target, revision release.Revision) (found, error) {
	op := "target " + string(target.Name)
	if target.Source.S3 == nil {
		return found{}, release.Errorf(release.Invalid, op, "releases code only where source.s3 names bucket and prefix; add it to the target's file, or release a published version: {\"version\": \"8\"}")
	}
	name, err := release.ParseCodeObject(revision.Code)
	if err != nil {
		return found{}, err
	}
	if !target.Source.S3.Within(name) {
		return found{}, release.Errorf(release.Forbidden, op, "releases code of s3://%s/%s* only, not %s", target.Source.S3.Bucket, target.Source.S3.Prefix, revision.Code)
	}
	object, err := s3object.Find(ctx, p.s3, name)
	if err != nil {
		return found{}, err
	}
	return found{code{Zip: object.Name}, release.Candidate{Revision: release.Revision{Code: object.Name.String(), Digest: object.Digest}, Pushed: object.Put}}, nil
}

// admitCode refuses a function that cannot be given the code, and what it would be published with that an alias cannot
// route to beside the version that serves.
func (p *Platform) admitCode(ctx context.Context, function string, given code, serving *lambda.GetFunctionConfigurationOutput) error {
	latest, err := p.latest(ctx, function)
	if err != nil {
		return err
	}
	switch isImage := latest.PackageType == types.PackageTypeImage; {
	case given.Image != "" && !isImage:
		return release.Errorf(release.Invalid, "function "+function, "is made of a zip file, so it cannot be given an image; release a zip file in S3: {\"code\": \"s3://bucket/key?versionId=...\"}, or a published version: {\"version\": \"8\"}")
	case given.Image == "" && isImage:
		return release.Errorf(release.Invalid, "function "+function, "is made of a container image, so it cannot be given a zip file; release an image, or a published version: {\"version\": \"8\"}")
	}
	return admit(serving, latest)
}

// key returns the key under which Lambda keeps the function's zip file, so that the next one is kept under it, too: a request
// that names none would have it under one of AWS's. No other call tells it.
// https://docs.aws.amazon.com/lambda/latest/dg/encrypt-zip-package.html
func (p *Platform) key(ctx context.Context, function string, given code) (string, error) {
	if given.Image != "" {
		return "", nil
	}
	op := "read the key of the code of function " + function
	out, err := p.lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &function})
	switch {
	case err != nil:
		return "", awserr.Wrap(op, err)
	case out.Code == nil:
		return "", release.Errorf(release.Unexpected, op, "AWS answered nothing of its code")
	}
	return aws.ToString(out.Code.SourceKMSKeyArn), nil
}

// request asks Lambda to give a function the code. It names the revision of the function that was read, so that nobody's
// change in between is overwritten, and the function's architecture, for which the API has a default.
func (c code) request(function string, latest *lambda.GetFunctionConfigurationOutput) *lambda.UpdateFunctionCodeInput {
	in := &lambda.UpdateFunctionCodeInput{FunctionName: &function, RevisionId: latest.RevisionId, Architectures: latest.Architectures}
	if c.Image != "" {
		in.ImageUri = &c.Image
	} else {
		in.S3Bucket, in.S3Key, in.S3ObjectVersion = &c.Zip.Bucket, &c.Zip.Key, &c.Zip.Version
		if c.Key != "" {
			in.SourceKMSKeyArn = &c.Key
		}
	}
	return in
}

// holds reports whether a version was made of some code. Lambda's hash of an image's code is the image's digest in hex
// digits, that of a zip file's the file's SHA-256 in base 64.
func holds(f *lambda.GetFunctionConfigurationOutput, digest release.Digest) bool {
	text, named := strings.CutPrefix(string(digest), "sha256:")
	sum, err := hex.DecodeString(text)
	if err != nil || !named {
		return false
	}
	known := aws.ToString(f.CodeSha256)
	zip, err := base64.StdEncoding.DecodeString(known)
	return strings.EqualFold(known, text) || err == nil && bytes.Equal(zip, sum)
}
