package reporting

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
	"github.com/serin-aws/serin/internal/telling"
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

// event is serin's own event of a release, as EventBridge delivers it.
func event(r *release.Release) []byte {
	e := telling.Place{}.Event(r, release.Notice{Kind: release.NoticeRolledBack}, time.Time{})
	return []byte(`{"source":"` + e.Source + `","detail-type":"` + e.DetailType + `","detail":` + e.Detail + `}`)
}

// reported gives the event of an account's release to the function, which keeps its pages in b.
func reported(account storytest.Account, b *bucket, metrics story.Metrics, failure error) (Kept, error) {
	k := Reporter{Objects: b, Bucket: "kept", Ledger: account.Ledger, Metrics: func(context.Context, *release.Release) (story.Metrics, error) { return metrics, failure }}
	return k.Handle(context.Background(), event(&account.Ledger.Release))
}

func TestTheReportOfAnEndedReleaseIsKept(t *testing.T) {
	for name, account := range map[string]storytest.Account{"rolled back": storytest.Bad(), "released": storytest.Good(), "dirty": storytest.Dirty(), "abandoned": storytest.Abandoned()} {
		for _, failure := range []error{nil, errors.New("no role there")} {
			b := &bucket{pages: map[string]string{}}
			r := &account.Ledger.Release
			r.ID = "r-0123456789ab"
			got, err := reported(account, b, &storytest.Metrics{}, failure)
			if err != nil {
				t.Fatal(name, err)
			}
			at := "kept/reports/" + string(r.Target.Name) + "/" + string(r.ID) + ".html"
			if page := b.pages[at]; !strings.Contains(page, string(r.ID)) || !strings.HasPrefix(page, "<!") || b.sse != types.ServerSideEncryptionAes256 || got.Report != "s3://"+at {
				t.Errorf("%s: kept %d pages, encrypted with %q, answered %+v", name, len(b.pages), b.sse, got)
			}
		}
	}
}

func TestAReportThatCannotBeKeptIsAnError(t *testing.T) {
	account := storytest.Bad()
	account.Ledger.Release.ID = "r-0123456789ab"
	b := &bucket{pages: map[string]string{}, err: errors.New("no bucket there")}
	if _, err := reported(account, b, &storytest.Metrics{}, nil); release.CodeOf(err) != release.Unavailable {
		t.Errorf("%v: Lambda would not try again", err)
	}
}

func TestWhatIsNotReported(t *testing.T) {
	account := storytest.Bad()
	account.Ledger.Release.ID, account.Ledger.Release.Phase = "r-0123456789ab", release.Baking
	b := &bucket{pages: map[string]string{}}
	if got, err := reported(account, b, &storytest.Metrics{}, nil); err != nil || got.Report != "" || len(b.pages) > 0 {
		t.Errorf("a release that goes on: %+v, %v", got, err)
	}
	k := Reporter{Ledger: account.Ledger}
	for _, other := range []string{``, `[]`, `{}`, `{"source":"aws.ecr","detail":{"release":"r-0123456789ab"}}`, `{"source":"serin","detail":{"release":"../../x"}}`} {
		if _, err := k.Handle(context.Background(), []byte(other)); release.CodeOf(err) != release.Invalid {
			t.Errorf("%s: %v", other, err)
		}
	}
}
