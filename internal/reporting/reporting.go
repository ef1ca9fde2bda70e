package reporting

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/report"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/telling"
)

// ObjectPutter is what is needed of S3.
type ObjectPutter interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Reporter writes reports.
type Reporter struct {
	Objects ObjectPutter
	Bucket  string
	Ledger  story.Ledger
	Metrics func(context.Context, *release.Release) (story.Metrics, error) // of the release's workload
}

// Kept is what the function report answers.
type Kept struct {
	Report string `json:"report"` // s3://bucket/key; empty where the release goes on
}

var releaseForm = regexp.MustCompile(`^r-[0-9a-f]{12}$`)

// Handle keeps the report of the release that an event of serin's own tells of. What the event says beside the
// release's id is not believed: the ledger is read.
func (k *Reporter) Handle(ctx context.Context, event []byte) (Kept, error) {
	var e struct {
		Source string         `json:"source"`
		Detail telling.Detail `json:"detail"`
	}
	if err := json.Unmarshal(event, &e); err != nil || e.Source != telling.Source || !releaseForm.MatchString(string(e.Detail.Release)) {
		return Kept{}, release.Errorf(release.Invalid, "the function's event", "is no event of a release of serin's")
	}
	r, err := k.Ledger.Load(ctx, e.Detail.Release)
	if err != nil || !r.Phase.Final() {
		return Kept{}, err
	}
	return k.keep(ctx, r)
}

// keep writes the report of a release that has ended. Written again it is another version of the same object. Without
// the workload's metrics it tells what the ledger knows, and says what is missing.
func (k *Reporter) keep(ctx context.Context, r *release.Release) (Kept, error) {
	metrics, err := k.Metrics(ctx, r)
	if err != nil {
		metrics = unmeasured{err}
	}
	told, err := story.Read(ctx, k.Ledger, metrics, r.ID)
	if err != nil {
		return Kept{}, err
	}
	var page bytes.Buffer
	if err := report.Write(&page, told); err != nil {
		return Kept{}, err
	}
	key := telling.ReportKey(r)
	_, err = k.Objects.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(k.Bucket), Key: aws.String(key), Body: bytes.NewReader(page.Bytes()),
		ContentType: aws.String("text/html; charset=utf-8"), ServerSideEncryption: types.ServerSideEncryptionAes256,
	})
	if err != nil {
		return Kept{}, awserr.Wrap("put the report "+key+" into "+k.Bucket, err)
	}
	return Kept{Report: "s3://" + k.Bucket + "/" + key}, nil
}

// unmeasured has no metrics.
type unmeasured struct{ err error }

// GetMetricData says why there are none.
func (u unmeasured) GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	return nil, fmt.Errorf("the account of the workload could not be reached: %w", u.err)
}
