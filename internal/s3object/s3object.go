// Package s3object finds a function's code in Amazon S3 and pins it as an image is pinned: to one version of an object,
// known by its content.
package s3object

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Client is what this package asks of Amazon S3.
type Client interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Object is one version of an object.
type Object struct {
	Name   release.CodeObject // with its version
	Digest release.Digest
	Put    time.Time
}

// unversioned is the id of an object's version where the bucket keeps none.
const unversioned = "null"

// Find finds the version that is meant, the newest where none is named, and what is in it. S3 knows an object's SHA-256 if
// whoever put it there gave it; if not, the object is read.
func Find(ctx context.Context, client Client, name release.CodeObject) (Object, error) {
	op := "look for " + name.String()
	in := &s3.GetObjectInput{Bucket: &name.Bucket, Key: &name.Key, ChecksumMode: types.ChecksumModeEnabled}
	if name.Version != "" {
		in.VersionId = &name.Version
	}
	out, err := client.GetObject(ctx, in)
	if err != nil {
		return Object{}, missing(op, name, err)
	}
	defer out.Body.Close() //nolint:errcheck // it was read to its end, or is not read
	found := Object{Name: name, Put: aws.ToTime(out.LastModified)}
	found.Name.Version = aws.ToString(out.VersionId)
	if found.Name.Version == "" || found.Name.Version == unversioned {
		return Object{}, release.Errorf(release.Invalid, op,
			"bucket %s keeps no versions, so what is released could change while it is released; turn versioning on (aws s3api put-bucket-versioning --bucket %s --versioning-configuration Status=Enabled) and put the object there again", name.Bucket, name.Bucket)
	}
	if err := found.Name.Check(); err != nil {
		return Object{}, release.Errorf(release.Unexpected, op, "S3 answered another object: %w", err)
	}
	found.Digest, err = digestOf(out)
	if err != nil {
		return Object{}, release.Errorf(release.Unavailable, op, "the object could not be read to its end: %w", err)
	}
	return found, nil
}

// digestOf returns the SHA-256 of a whole object. Of one that was put there in parts S3 has the hashes' hash only.
func digestOf(out *s3.GetObjectOutput) (release.Digest, error) {
	sum, err := base64.StdEncoding.DecodeString(aws.ToString(out.ChecksumSHA256))
	if err != nil || len(sum) != sha256.Size || out.ChecksumType == types.ChecksumTypeComposite {
		hash := sha256.New()
		if _, err := io.Copy(hash, out.Body); err != nil {
			return "", err
		}
		sum = hash.Sum(nil)
	}
	return release.Digest("sha256:" + hex.EncodeToString(sum)), nil
}

// missing says why there is no object. Whoever may not list a bucket is told that access is denied where there is none.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func missing(op string, name release.CodeObject, err error) error {
	switch {
	case awserr.Is(err, "NoSuchBucket"):
		return release.Errorf(release.NotFound, op, "there is no such bucket; check source.s3.bucket")
	case awserr.Is(err, "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"): // the last: a delete marker
		return release.Errorf(release.NotFound, op, "there is no such object or version, or it was deleted; put it there first (aws s3 cp --checksum-algorithm SHA256 FILE.zip s3://%s/%s)", name.Bucket, name.Key)
	case awserr.Is(err, "AccessDenied"):
		return release.Errorf(release.Denied, op, "S3 does not let serin read it, which is also what it says where there is no such object: check the name, the bucket's policy, and kms:Decrypt where a key of yours encrypts it: %w", err)
	case awserr.Is(err, "InvalidObjectState"):
		return release.Errorf(release.NotFound, op, "the object is archived and cannot be read; restore it first")
	case awserr.Is(err, "PermanentRedirect", "AuthorizationHeaderMalformed"):
		return release.Errorf(release.Invalid, op, "bucket %s is in another region; Lambda takes code from a bucket of the function's region only", name.Bucket)
	}
	return awserr.Wrap(op, err)
}
