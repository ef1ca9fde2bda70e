package s3

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// Storage is Amazon S3 of one account. Its buckets keep versions.
type Storage struct {
	objects []object // in the order in which they were put there
	Sums    bool     // whoever puts an object there gives its SHA-256
}

type object struct {
	bucket, key, version, text string
	put                        time.Time
}

// New returns a storage without buckets.
func New() *Storage { return &Storage{} }

// Put puts an object there at a time, and returns the id of its version. A bucket is made with its first object.
func (s *Storage) Put(at time.Time, bucket, key, text string) string {
	version := fmt.Sprintf("version.%d", len(s.objects)+1)
	s.objects = append(s.objects, object{bucket, key, version, text, at})
	return version
}

// Sum is the hash by which Lambda knows an object as code; ok is false where there is no such object.
func (s *Storage) Sum(bucket, key, version string) (sum string, ok bool) {
	found, err := s.find(bucket, key, version)
	return SumOf(found.text), err == nil
}

// SumOf is the hash by which Lambda knows a zip file.
func SumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// GetObject is the operation of that name. IAM knows it under another name where a version is asked for.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func (s *Storage) GetObject(ctx context.Context, in *sdk.GetObjectInput, _ ...func(*sdk.Options)) (*sdk.GetObjectOutput, error) {
	action := "s3:GetObject"
	if in.VersionId != nil {
		action = "s3:GetObjectVersion"
	}
	return door.Call(ctx, action, in, func() (*sdk.GetObjectOutput, error) { return s.getObject(in) })
}

func (s *Storage) getObject(in *sdk.GetObjectInput) (*sdk.GetObjectOutput, error) {
	o, err := s.find(aws.ToString(in.Bucket), aws.ToString(in.Key), aws.ToString(in.VersionId))
	if err != nil {
		return nil, err
	}
	out := &sdk.GetObjectOutput{VersionId: aws.String(o.version), LastModified: aws.Time(o.put), Body: io.NopCloser(strings.NewReader(o.text))}
	if s.Sums && in.ChecksumMode == types.ChecksumModeEnabled {
		out.ChecksumSHA256, out.ChecksumType = aws.String(SumOf(o.text)), types.ChecksumTypeFullObject
	}
	return out, nil
}

// find returns a version of an object, the newest where none is named.
func (s *Storage) find(bucket, key, version string) (object, error) {
	found, code := object{}, "NoSuchBucket"
	for _, o := range s.objects {
		switch {
		case o.bucket != bucket:
		case o.key != key:
			code = "NoSuchKey"
		case version != "" && o.version != version:
			code = "NoSuchVersion"
		default:
			found = o
		}
	}
	if found.version == "" {
		return found, &smithy.GenericAPIError{Code: code, Message: "The specified one does not exist", Fault: smithy.FaultClient}
	}
	return found, nil
}
