package operate

import (
	"fmt"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/release"
)

// What a release is undone by is what its baseline was, and only where that can be released.
func TestBefore(t *testing.T) {
	sample := func(image, serves string) *release.Release {
		r := ledgertest.Sample("orders", "one", time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		r.Target.Source = release.Source{}
		r.Request.Revision, r.Baseline.Serves = release.Revision{Image: image}, serves
		return &r
	}
	digest := "sha256:" + fmt.Sprintf("%064d", 7)
	for _, c := range []struct {
		image, serves string
		want          release.Revision
	}{
		{"orders:42", digest, release.Revision{Image: "orders@" + digest}},
		{"registry:5000/team/orders@" + digest, digest, release.Revision{Image: "registry:5000/team/orders@" + digest}},
		{"registry:5000/team/orders", digest, release.Revision{Image: "registry:5000/team/orders@" + digest}},
		{"", "version 7", release.Revision{Version: "7"}},
		{"", digest, release.Revision{}},
		{"orders:42", "nothing", release.Revision{}},
	} {
		got, err := before(sample(c.image, c.serves))
		if got != c.want || (err == nil) == c.want.IsZero() {
			t.Errorf("%s over %s: %+v, %v", c.image, c.serves, got, err)
		}
	}
	r := sample("", digest)
	r.Request.Revision = release.Revision{TaskDefinition: "orders:43"}
	if got, err := before(r); err == nil {
		t.Errorf("nobody recorded what served: %+v", got)
	}
	r.Baseline.TaskDefinition = "arn:orders:42"
	if got, err := before(r); err != nil || got != (release.Revision{TaskDefinition: "arn:orders:42"}) {
		t.Errorf("a task definition that names digests: %+v, %v", got, err)
	}
	r.Made = []release.Made{{Kind: release.MadeDefinition, ID: "arn:orders:44", For: release.ForBaseline}, {Kind: release.MadeDefinition, ID: "arn:orders:45", For: "primary"}}
	if got, err := before(r); err != nil || got != (release.Revision{TaskDefinition: "arn:orders:44"}) {
		t.Errorf("one that did not, and was copied: %+v, %v", got, err)
	}
}
