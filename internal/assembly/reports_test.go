package assembly

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

// bucket keeps what is put into it, or fails.
type bucket struct {
	pages map[string]string
	sse   types.ServerSideEncryption
	err   error
}

func (b *bucket) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	page, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	b.pages[aws.ToString(in.Bucket)+"/"+aws.ToString(in.Key)], b.sse = string(page), in.ServerSideEncryption
	return &s3.PutObjectOutput{}, b.err
}

func TestTheReportOfAnEndedReleaseIsKept(t *testing.T) {
	for name, account := range map[string]storytest.Account{"rolled back": storytest.Bad(), "released": storytest.Good(), "dirty": storytest.Dirty()} {
		for _, metrics := range []story.Metrics{unmeasured{}, &storytest.Metrics{}} {
			b := &bucket{pages: map[string]string{}}
			r := account.Ledger.Release
			k := reports{objects: b, bucket: "reports", ledger: account.Ledger, metrics: func(context.Context, *release.Release) story.Metrics { return metrics }}
			if err := k.keep(context.Background(), &r); err != nil {
				t.Fatal(name, err)
			}
			page := b.pages["reports/reports/"+string(r.Target.Name)+"/"+string(r.ID)+".html"]
			if !strings.Contains(page, string(r.ID)) || !strings.HasPrefix(page, "<!") || b.sse != types.ServerSideEncryptionAes256 {
				t.Errorf("%s: kept %d pages, encrypted with %q", name, len(b.pages), b.sse)
			}
		}
	}
}

// A report that cannot be kept, or a topic that does not answer, is no reason for anything else to fail.
func TestAReportThatCannotBeKeptIsLogged(t *testing.T) {
	account := storytest.Bad()
	r := account.Ledger.Release
	var o outlets
	var metrics bytes.Buffer
	n := listening(&o, &metrics)
	n.reports = reports{
		objects: &bucket{pages: map[string]string{}, err: errors.New("no bucket there")}, bucket: "reports", ledger: account.Ledger,
		metrics: func(context.Context, *release.Release) story.Metrics { return unmeasured{} },
	}
	err := n.Notify(context.Background(), &r, release.Notice{Kind: release.NoticeRolledBack})
	if err == nil || len(o.published) != 1 || len(o.put) != 1 {
		t.Errorf("%v: published %d, put %d", err, len(o.published), len(o.put))
	}
}

func TestNoReportOfAReleaseThatGoesOn(t *testing.T) {
	b := &bucket{pages: map[string]string{}}
	r := &release.Release{State: release.State{Phase: release.Baking}}
	if err := (reports{objects: b, bucket: "reports"}).keep(context.Background(), r); err != nil || len(b.pages) > 0 {
		t.Errorf("%v, %d pages", err, len(b.pages))
	}
}
