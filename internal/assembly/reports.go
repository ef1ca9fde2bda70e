package assembly

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/report"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/telling"
)

// ObjectPutter is what serin needs of S3.
type ObjectPutter interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// reports keeps the report of a release that has ended, in a private bucket.
type reports struct {
	objects ObjectPutter // nil: none are kept
	bucket  string
	ledger  story.Ledger
	metrics func(context.Context, *release.Release) story.Metrics
}

func (s *Serin) reports() reports {
	return reports{objects: s.core.Objects, bucket: s.settings.Bucket, ledger: s.ledger, metrics: s.measured}
}

// measured finds the metrics of a release's workload, with the role that a function which ends releases may take on.
// Without them a report tells what the ledger knows, and says what is missing.
func (s *Serin) measured(ctx context.Context, r *release.Release) story.Metrics {
	clients, err := s.accounts(ctx, r.Target, r.ID, Change)
	if err != nil || clients.CloudWatch == nil {
		return unmeasured{}
	}
	return clients.CloudWatch
}

// unmeasured has no metrics.
type unmeasured struct{}

func (unmeasured) GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	return nil, errors.New("the account of the workload could not be reached")
}

// keep writes the report of a release that has ended. Written again it is another version of the same object.
func (k reports) keep(ctx context.Context, r *release.Release) error {
	if k.objects == nil || k.bucket == "" || !r.Phase.Final() {
		return nil
	}
	told, err := story.Read(ctx, k.ledger, k.metrics(ctx, r), r.ID)
	if err != nil {
		return fmt.Errorf("read the story for a report: %w", err)
	}
	var page bytes.Buffer
	if err := report.Write(&page, told); err != nil {
		return err
	}
	key := telling.ReportKey(r)
	_, err = k.objects.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(k.bucket), Key: aws.String(key), Body: bytes.NewReader(page.Bytes()),
		ContentType: aws.String("text/html; charset=utf-8"), ServerSideEncryption: types.ServerSideEncryptionAes256,
	})
	if err != nil {
		return fmt.Errorf("put the report %s into %s: %w", key, k.bucket, err)
	}
	return nil
}
