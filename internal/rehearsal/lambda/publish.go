package lambda

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// Latest is the unpublished state of a function that is given code.
type Latest struct {
	Version                                           // Number is empty
	Zip       bool                                    // it is made of a zip file, and not of a container image
	Resolve   func(code string) (sum string, ok bool) // the hash of an image, or of an object s3://bucket/key?versionId=...; false where it cannot be read
	UpdatedAt time.Time                               // until when LastUpdateStatus is InProgress
	Optimises time.Duration                           // how long that takes after new code, and how long a new version is Pending
	BreaksAs  string                                  // not empty: versions of new code are Failed, for this reason
	modified  time.Time                               // by an update
	rival     string                                  // not empty: the code that somebody else gives once, as soon as it can be after the next update
	revision  int
	serves    string // the code of the versions that were there at first
}

// Unpublished gives a function an unpublished state with the code of its last version.
func (f *Function) Unpublished(latest Latest) *Latest {
	last := f.Versions[len(f.Versions)-1]
	latest.Version = *last
	latest.Number, latest.serves, latest.modified = "", last.CodeSHA256, last.Published
	f.latest = &latest
	return f.latest
}

// Foreign gives a function other code, as somebody does who knows nothing of a release.
func (f *Function) Foreign(sum string, now time.Time) {
	f.latest.give(sum, now)
}

// Race lets somebody else give the function code as soon as Lambda has taken over the next that it is given.
func (f *Function) Race(sum string) { f.latest.rival = sum }

// race gives the code of the rival.
func (f *Function) race(c *Control) {
	sum := f.latest.rival
	if sum == "" {
		return
	}
	f.latest.rival = ""
	c.loop.At(f.latest.UpdatedAt, func() { f.Foreign(sum, c.loop.Now()) })
}

// give gives the function other code, which Lambda then takes over.
func (l *Latest) give(sum string, now time.Time) {
	l.CodeSHA256, l.modified, l.UpdatedAt = sum, now, now.Add(l.Optimises)
	l.revision++
}

// Revision is the RevisionId of the unpublished state.
func (l *Latest) Revision() string {
	return fmt.Sprintf("00000000-0000-4000-9000-%012d", l.revision)
}

// UpdateFunctionCode is the operation of that name, for images and for zip files in S3.
func (c *Control) UpdateFunctionCode(ctx context.Context, in *sdk.UpdateFunctionCodeInput, _ ...option) (*sdk.UpdateFunctionCodeOutput, error) {
	return door.Call(ctx, "lambda:UpdateFunctionCode", in, func() (*sdk.UpdateFunctionCodeOutput, error) { return c.updateCode(in) })
}

// PublishVersion is the operation of that name.
func (c *Control) PublishVersion(ctx context.Context, in *sdk.PublishVersionInput, _ ...option) (*sdk.PublishVersionOutput, error) {
	return door.Call(ctx, "lambda:PublishVersion", in, func() (*sdk.PublishVersionOutput, error) { return c.publish(in) })
}

// unpublished finds a function's unpublished state, if it may be changed as it was read.
func (c *Control) unpublished(function, revision *string) (*Function, error) {
	f := c.find(aws.ToString(function))
	switch {
	case f == nil:
		return nil, &types.ResourceNotFoundException{Message: aws.String("Function not found: " + aws.ToString(function))}
	case f.latest == nil:
		return nil, &types.InvalidParameterValueException{Message: aws.String("Please don't provide ImageUri when updating a function with packageType Zip")}
	case c.loop.Now().Before(f.latest.UpdatedAt):
		return nil, &types.ResourceConflictException{Message: aws.String("The operation cannot be performed at this time. An update is in progress for resource: " + prefix + f.Name)}
	case revision != nil && *revision != f.latest.Revision():
		return nil, &types.PreconditionFailedException{Message: aws.String("The Revision Id provided does not match the latest Revision Id")}
	}
	return f, nil
}

func (c *Control) updateCode(in *sdk.UpdateFunctionCodeInput) (*sdk.UpdateFunctionCodeOutput, error) {
	f, err := c.unpublished(in.FunctionName, in.RevisionId)
	if err != nil {
		return nil, err
	}
	given, err := f.latest.given(in)
	if err != nil {
		return nil, err
	}
	sum, ok := f.latest.Resolve(given)
	if !ok {
		return nil, &types.InvalidParameterValueException{Message: aws.String("Source " + given + " does not exist. Provide a valid source.")}
	}
	f.latest.give(sum, c.loop.Now())
	f.latest.Key = aws.ToString(in.SourceKMSKeyArn)
	f.race(c)
	return &sdk.UpdateFunctionCodeOutput{
		FunctionName: aws.String(f.Name), CodeSha256: aws.String(sum), RevisionId: aws.String(f.latest.Revision()), LastUpdateStatus: types.LastUpdateStatusInProgress,
		LastModified: modified(f.latest.modified),
	}, nil
}

// given names the code that a request gives. Lambda takes images for functions of images only, and zip files likewise.
func (l *Latest) given(in *sdk.UpdateFunctionCodeInput) (string, error) {
	switch {
	case l.Zip && in.ImageUri != nil:
		return "", &types.InvalidParameterValueException{Message: aws.String("Please don't provide ImageUri when updating a function with packageType Zip")}
	case !l.Zip && in.ImageUri == nil:
		return "", &types.InvalidParameterValueException{Message: aws.String("Please provide ImageUri when updating a function with packageType Image")}
	case l.Zip:
		return "s3://" + aws.ToString(in.S3Bucket) + "/" + aws.ToString(in.S3Key) + "?versionId=" + aws.ToString(in.S3ObjectVersion), nil
	}
	return *in.ImageUri, nil
}

// publish makes a version of the unpublished state, or answers the last one where nothing has changed since.
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
func (c *Control) publish(in *sdk.PublishVersionInput) (*sdk.PublishVersionOutput, error) {
	f, err := c.unpublished(in.FunctionName, in.RevisionId)
	if err != nil {
		return nil, err
	}
	if in.CodeSha256 != nil && *in.CodeSha256 != f.latest.CodeSHA256 {
		return nil, &types.InvalidParameterValueException{Message: aws.String("CodeSHA256 (" + *in.CodeSha256 + ") is different from current CodeSHA256 in $LATEST (" + f.latest.CodeSHA256 + "). Please try again with the CodeSHA256 in $LATEST.")}
	}
	last := f.Versions[len(f.Versions)-1]
	if last.CodeSHA256 != f.latest.CodeSHA256 {
		version := f.latest.Version
		version.Number, version.Published = f.Next(), c.loop.Now()
		version.PendingUntil = c.loop.Now().Add(f.latest.Optimises)
		if version.CodeSHA256 != f.latest.serves {
			version.Broken = f.latest.BreaksAs
		}
		f.Versions = append(f.Versions, &version)
		f.latest.revision++
		last = &version
	}
	return &sdk.PublishVersionOutput{FunctionName: aws.String(f.Name), Version: aws.String(last.Number), CodeSha256: aws.String(last.CodeSHA256)}, nil
}

// latestConfiguration is what GetFunctionConfiguration answers without a qualifier.
func (c *Control) latestConfiguration(f *Function) *sdk.GetFunctionConfigurationOutput {
	out := &sdk.GetFunctionConfigurationOutput{
		FunctionName: aws.String(f.Name), FunctionArn: aws.String(prefix + f.Name), Version: aws.String("$LATEST"),
		State: types.StateActive, LastUpdateStatus: types.LastUpdateStatusSuccessful, PackageType: types.PackageTypeZip,
	}
	shown := f.Versions[len(f.Versions)-1]
	if l := f.latest; l != nil {
		shown, out.RevisionId, out.LastModified = &l.Version, aws.String(l.Revision()), modified(l.modified)
		if !l.Zip {
			out.PackageType = types.PackageTypeImage
		}
		if c.loop.Now().Before(l.UpdatedAt) {
			out.LastUpdateStatus = types.LastUpdateStatusInProgress
		}
	}
	out.CodeSha256, out.Role = aws.String(shown.CodeSHA256), aws.String(shown.Role)
	if shown.DeadLetters != "" {
		out.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String(shown.DeadLetters)}
	}
	return out
}
