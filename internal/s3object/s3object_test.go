package s3object_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/s3object"
)

// answer is what S3 says to the next call.
type answer struct {
	out  *s3.GetObjectOutput
	err  error
	told *s3.GetObjectInput
}

func (a *answer) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	a.told = in
	return a.out, a.err
}

func sumOf(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }

func TestFind(t *testing.T) {
	put, sum := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC), sumOf("the zip file")
	whole, parts := base64.StdEncoding.EncodeToString(sum[:]), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	unread := io.NopCloser(iotest.ErrReader(errors.New("connection lost")))
	for name, out := range map[string]*s3.GetObjectOutput{
		"its hash is known":        {Body: unread, ChecksumSHA256: &whole, ChecksumType: types.ChecksumTypeFullObject},
		"its hash is not known":    {Body: io.NopCloser(strings.NewReader("the zip file"))},
		"it was put there in bits": {Body: io.NopCloser(strings.NewReader("the zip file")), ChecksumSHA256: aws.String(parts), ChecksumType: types.ChecksumTypeComposite},
		"the hash has a suffix":    {Body: io.NopCloser(strings.NewReader("the zip file")), ChecksumSHA256: aws.String(parts + "-3")},
	} {
		out.VersionId, out.LastModified = aws.String("v7"), &put
		client := &answer{out: out}
		found, err := s3object.Find(context.Background(), client, release.CodeObject{Bucket: "orders-code", Key: "a.zip"})
		if err != nil || found.Name.String() != "s3://orders-code/a.zip?versionId=v7" || !found.Put.Equal(put) || string(found.Digest) != "sha256:"+hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %+v %v", name, found, err)
		}
		if client.told.VersionId != nil {
			t.Errorf("%s: asked for version %q", name, *client.told.VersionId)
		}
	}
}

func TestWhatIsNotFound(t *testing.T) {
	refused := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: code} }
	ok := func(version string, body io.Reader) *s3.GetObjectOutput {
		return &s3.GetObjectOutput{VersionId: &version, Body: io.NopCloser(body)}
	}
	for says, c := range map[string]struct {
		answer answer
		code   release.Code
	}{
		"there is no such bucket":      {answer{err: refused("NoSuchBucket")}, release.NotFound},
		"put it there first":           {answer{err: refused("NoSuchKey")}, release.NotFound},
		"or it was deleted":            {answer{err: refused("MethodNotAllowed")}, release.NotFound},
		"does not let serin read it":   {answer{err: refused("AccessDenied")}, release.Denied},
		"is archived":                  {answer{err: refused("InvalidObjectState")}, release.NotFound},
		"in another region":            {answer{err: refused("PermanentRedirect")}, release.Invalid},
		"SlowDown":                     {answer{err: refused("SlowDown")}, release.Throttled},
		"keeps no versions":            {answer{out: ok("null", strings.NewReader(""))}, release.Invalid},
		"S3 answered another object":   {answer{out: ok("a b", strings.NewReader(""))}, release.Unexpected},
		"could not be read to its end": {answer{out: ok("v7", iotest.ErrReader(errors.New("connection lost")))}, release.Unavailable},
	} {
		_, err := s3object.Find(context.Background(), &c.answer, release.CodeObject{Bucket: "orders-code", Key: "a.zip", Version: "v7"})
		if err == nil || release.CodeOf(err) != c.code || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		if aws.ToString(c.answer.told.VersionId) != "v7" {
			t.Errorf("%s: asked for version %v", says, c.answer.told.VersionId)
		}
	}
}
