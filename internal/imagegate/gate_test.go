package imagegate

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

const digest = "sha256:41d0000000000000000000000000000000000000000000000000000000000000"

// registry has one image, orders@digest, and what its scan has come to.
type registry struct {
	status   types.ScanStatus // empty: there is no scan
	basic    []types.ImageScanFinding
	enhanced []types.EnhancedImageScanFinding
	sums     map[string]int32
	silent   bool // it says nothing of findings
	size     int  // findings of a page
	frequent types.ScanFrequency
	fails    error
	pages    int
}

func (r *registry) DescribeImageScanFindings(_ context.Context, in *ecr.DescribeImageScanFindingsInput, _ ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error) {
	switch {
	case r.fails != nil:
		return nil, r.fails
	case aws.ToString(in.RepositoryName) != "orders" || aws.ToString(in.ImageId.ImageDigest) != digest:
		return nil, &types.ImageNotFoundException{}
	case r.status == "":
		return nil, &types.ScanNotFoundException{}
	}
	r.pages++
	out := &ecr.DescribeImageScanFindingsOutput{ImageScanStatus: &types.ImageScanStatus{Status: r.status, Description: aws.String("so ECR says")}}
	if r.silent {
		return out, nil
	}
	from, _ := strconv.Atoi(aws.ToString(in.NextToken))
	to := from + max(1, r.size)
	cut := func(n int) (int, int) { return min(from, n), min(to, n) }
	out.ImageScanFindings = &types.ImageScanFindings{FindingSeverityCounts: r.sums}
	a, b := cut(len(r.basic))
	out.ImageScanFindings.Findings = r.basic[a:b]
	a, b = cut(len(r.enhanced))
	out.ImageScanFindings.EnhancedFindings = r.enhanced[a:b]
	if to < max(len(r.basic), len(r.enhanced)) {
		out.NextToken = aws.String(strconv.Itoa(to))
	}
	return out, nil
}

func (r *registry) BatchGetRepositoryScanningConfiguration(_ context.Context, in *ecr.BatchGetRepositoryScanningConfigurationInput, _ ...func(*ecr.Options)) (*ecr.BatchGetRepositoryScanningConfigurationOutput, error) {
	return &ecr.BatchGetRepositoryScanningConfigurationOutput{ScanningConfigurations: []types.RepositoryScanningConfiguration{
		{RepositoryName: aws.String(in.RepositoryNames[0]), ScanFrequency: r.frequent},
	}}, nil
}

func basic(severities ...string) (list []types.ImageScanFinding) {
	for i, s := range severities {
		list = append(list, types.ImageScanFinding{Name: aws.String(fmt.Sprint("CVE-", i)), Severity: types.FindingSeverity(s)})
	}
	return list
}

// enhanced takes severities with a status behind a slash.
func enhanced(severities ...string) (list []types.EnhancedImageScanFinding) {
	for i, s := range severities {
		severity, status, _ := strings.Cut(s, "/")
		list = append(list, types.EnhancedImageScanFinding{
			Title: aws.String("a title"), Severity: &severity, Status: &status,
			PackageVulnerabilityDetails: &types.PackageVulnerabilityDetails{VulnerabilityId: aws.String(fmt.Sprint("CVE-", i))},
		})
	}
	return list
}

func target(below release.Severity) release.Target {
	return release.Target{Name: "orders", Source: release.Source{ECR: &release.ECRSource{Repository: "orders", Require: &release.ImageRequirement{FindingsBelow: below}}}}
}

// Nobody passes but by a scan that has ended and found nothing so severe.
func TestAdmit(t *testing.T) {
	for _, c := range []struct {
		name     string
		registry registry
		waits    string
		note     string
		code     release.Code
		says     string
	}{
		{name: "clean", registry: registry{status: "COMPLETE"}, note: "the scan of sha256:41d00000 found nothing"},
		{name: "below", registry: registry{status: "COMPLETE", basic: basic("LOW", "MEDIUM", "MEDIUM", "INFORMATIONAL")}, note: "the scan of sha256:41d00000 found 2 medium, 1 low, 1 informational"},
		{name: "as severe", registry: registry{status: "COMPLETE", basic: basic("LOW", "HIGH")}, code: release.Forbidden, says: "found 1 high (CVE-1); source.ecr.require wants findings below high"},
		{name: "worse", registry: registry{status: "COMPLETE", basic: basic("CRITICAL")}, code: release.Forbidden, says: "1 critical"},
		{name: "on the last page", registry: registry{status: "COMPLETE", size: 2, basic: basic("LOW", "LOW", "LOW", "LOW", "CRITICAL")}, code: release.Forbidden, says: "1 critical (CVE-4)"},
		{name: "in the sums alone", registry: registry{status: "COMPLETE", sums: map[string]int32{"HIGH": 2}}, code: release.Forbidden, says: "2 high"},
		{name: "enhanced", registry: registry{status: "ACTIVE", enhanced: enhanced("MEDIUM/ACTIVE", "HIGH/ACTIVE"), sums: map[string]int32{"MEDIUM": 1, "HIGH": 1}}, code: release.Forbidden, says: "1 high (CVE-1)"},
		{name: "enhanced, suppressed", registry: registry{status: "ACTIVE", enhanced: enhanced("HIGH/SUPPRESSED", "LOW/ACTIVE"), sums: map[string]int32{"HIGH": 1, "LOW": 1}}, note: "the scan of sha256:41d00000 found 1 low"},
		{name: "without a severity", registry: registry{status: "ACTIVE", enhanced: enhanced("UNTRIAGED/ACTIVE")}, note: "the scan of sha256:41d00000 found 1 untriaged"},
		{name: "under way", registry: registry{status: "IN_PROGRESS", silent: true}, waits: "IN_PROGRESS"},
		{name: "pending", registry: registry{status: "PENDING"}, waits: "PENDING"},
		{name: "listed, not looked at", registry: registry{status: "ACTIVE", silent: true}, waits: "has told nothing yet"},
		{name: "not begun", registry: registry{frequent: types.ScanFrequencyScanOnPush}, waits: "has not begun"},
		{name: "not scanned", registry: registry{frequent: types.ScanFrequencyManual}, code: release.Invalid, says: "are not scanned"},
		{name: "failed", registry: registry{status: "FAILED"}, code: release.Invalid, says: "it is FAILED (so ECR says)"},
		{name: "unsupported", registry: registry{status: "UNSUPPORTED_IMAGE"}, code: release.Invalid, says: "cannot scan this image (so ECR says)"},
		{name: "an index", registry: registry{fails: &types.UnsupportedImageTypeException{}}, code: release.Invalid, says: "an index of several images"},
		{name: "what ECR says next year", registry: registry{status: "PONDERING"}, code: release.Invalid, says: "PONDERING"},
		{name: "no such image", registry: registry{fails: &types.ImageNotFoundException{}}, code: release.NotFound, says: "push it again"},
		{name: "no repository", registry: registry{fails: &types.RepositoryNotFoundException{}}, code: release.NotFound, says: "source.ecr.repository"},
		{name: "no permission", registry: registry{fails: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}}, code: release.Denied, says: "no"},
		{name: "throttled", registry: registry{fails: &smithy.GenericAPIError{Code: "ThrottlingException"}}, code: release.Throttled},
	} {
		waits, note, err := New(&c.registry).Admit(t.Context(), target(release.SeverityHigh), release.Revision{Image: "orders:2", Digest: digest})
		switch {
		case c.code != "" && (release.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v", c.name, err)
		case c.code == "" && (err != nil || !strings.Contains(waits, c.waits) || (waits != "") != (c.waits != "") || note != c.note):
			t.Errorf("%s: %q %q %v", c.name, waits, note, err)
		}
	}
}

func TestAdmitWithoutAnImage(t *testing.T) {
	if _, _, err := New(&registry{}).Admit(t.Context(), target(release.SeverityLow), release.Revision{Version: "8"}); release.CodeOf(err) != release.Invalid {
		t.Error(err)
	}
	if waits, note, err := New(nil).Admit(t.Context(), release.Target{}, release.Revision{Version: "8"}); waits != "" || note != "" || err != nil {
		t.Errorf("nothing is required: %s %s %v", waits, note, err)
	}
}

// Whatever the pages are, and wherever the worst finding stands: an image is admitted where nothing is so severe, and
// refused where one thing is.
func TestAnyPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := release.Severities()
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"LOW", "MEDIUM", "HIGH", "CRITICAL", "INFORMATIONAL", "UNDEFINED"}), 0, 30).Draw(t, "findings")
		r := registry{status: "COMPLETE", basic: basic(names...), size: rapid.IntRange(1, 31).Draw(t, "size")}
		level := rapid.IntRange(0, len(order)-1).Draw(t, "level")
		bad := 0
		for _, name := range names {
			for _, s := range order[level:] {
				if strings.EqualFold(name, string(s)) {
					bad++
				}
			}
		}
		_, _, err := New(&r).Admit(context.Background(), target(order[level]), release.Revision{Digest: digest})
		if (release.CodeOf(err) == release.Forbidden) != (bad > 0) || bad == 0 && err != nil {
			t.Fatalf("%d of %v: %v", bad, names, err)
		}
	})
}

// A list that never ends is an error, not a pass.
func TestEndlessPages(t *testing.T) {
	r := registry{status: "COMPLETE", basic: make([]types.ImageScanFinding, 10*tooMany)}
	if _, _, err := New(&r).Admit(t.Context(), target(release.SeverityLow), release.Revision{Digest: digest}); err == nil || r.pages != tooMany {
		t.Errorf("%d pages, %v", r.pages, err)
	}
}
