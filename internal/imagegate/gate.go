package imagegate

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// Scans is what this package asks of Amazon ECR. The SDK's client fits.
type Scans interface {
	DescribeImageScanFindings(context.Context, *ecr.DescribeImageScanFindingsInput, ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error)
	BatchGetRepositoryScanningConfiguration(context.Context, *ecr.BatchGetRepositoryScanningConfigurationInput, ...func(*ecr.Options)) (*ecr.BatchGetRepositoryScanningConfigurationOutput, error)
}

// Gate admits images by their scans.
type Gate struct{ scans Scans }

// New returns the gate over a client of the target's account.
func New(scans Scans) *Gate { return &Gate{scans: scans} }

// Admit looks at the scan of a pinned revision's image. The error refuses: with Forbidden an image that was found to be
// too bad, with Invalid one of which nothing will be known. waits says what has to end first; note is what was found.
func (g *Gate) Admit(ctx context.Context, target release.Target, revision release.Revision) (waits, note string, err error) {
	require := target.Source.Required()
	if require == nil {
		return "", "", nil
	}
	s := scan{repository: target.Source.ECR.Repository, digest: revision.Digest}
	if !ecrimage.IsDigest(string(s.digest)) {
		return "", "", release.Errorf(release.Invalid, "target "+string(target.Name),
			"source.ecr.require asks for a scan of the image, but %s has none; take require out of the target's file", revision)
	}
	answer, err := g.read(ctx, s)
	if awserr.Is(err, "ScanNotFoundException") {
		return g.unscanned(ctx, s)
	}
	if err != nil {
		return "", "", s.explain(err)
	}
	return s.judge(answer, require.FindingsBelow)
}

// scan is the scan of one image.
type scan struct {
	repository string
	digest     release.Digest
}

func (s scan) op() string { return fmt.Sprintf("scan of %s@%s", s.repository, s.digest.Short()) }

func (s scan) explain(err error) error {
	switch {
	case awserr.Is(err, "RepositoryNotFoundException"):
		return release.Errorf(release.NotFound, s.op(), "the repository does not exist; check source.ecr.repository")
	case awserr.Is(err, "ImageNotFoundException"):
		return release.Errorf(release.NotFound, s.op(), "no such image; push it again, or check whether a lifecycle rule removed it")
	case awserr.Is(err, "UnsupportedImageTypeException"):
		return s.unsupported("")
	}
	return awserr.Wrap(s.op(), err)
}

func (s scan) unsupported(says string) error {
	return release.Errorf(release.Invalid, s.op(), "ECR cannot scan this image%s: an index of several images is not scanned, nor is every operating system; push the image of one platform (docker build --provenance=false), or take source.ecr.require out of the target's file", says)
}

// unscanned says of an image without a scan whether one will come.
func (g *Gate) unscanned(ctx context.Context, s scan) (waits, note string, err error) {
	out, err := g.scans.BatchGetRepositoryScanningConfiguration(ctx, &ecr.BatchGetRepositoryScanningConfigurationInput{RepositoryNames: []string{s.repository}})
	if err != nil {
		return "", "", s.explain(err)
	}
	on := slices.ContainsFunc(out.ScanningConfigurations, func(c types.RepositoryScanningConfiguration) bool {
		return aws.ToString(c.RepositoryName) == s.repository && (c.ScanOnPush || c.ScanFrequency == types.ScanFrequencyScanOnPush || c.ScanFrequency == types.ScanFrequencyContinuousScan)
	})
	if on {
		return fmt.Sprintf("waits for the scan of %s, which has not begun", s.digest.Short()), "", nil
	}
	return "", "", release.Errorf(release.Invalid, s.op(), "images of %s are not scanned, but source.ecr.require asks for it: turn scanning on (aws ecr put-image-scanning-configuration --repository-name %s --image-scanning-configuration scanOnPush=true), "+
		"scan this image (aws ecr start-image-scan --repository-name %s --image-id imageDigest=%s), and start again", s.repository, s.repository, s.repository, s.digest)
}

// judge says what a scan means.
func (s scan) judge(a answer, below release.Severity) (waits, note string, err error) {
	switch a.status {
	case types.ScanStatusInProgress, types.ScanStatusPending:
		return fmt.Sprintf("waits for the scan of %s, which is %s", s.digest.Short(), a.status), "", nil
	case types.ScanStatusComplete, types.ScanStatusActive:
		if !a.told { // Inspector lists an image before it has looked at it
			return fmt.Sprintf("waits for the scan of %s: it is %s and has told nothing yet", s.digest.Short(), a.status), "", nil
		}
	case types.ScanStatusUnsupportedImage:
		return "", "", s.unsupported(a.says())
	default: // failed, expired, unavailable, over a limit, archived, or what ECR learns to say later
		return "", "", release.Errorf(release.Invalid, s.op(), "it is %s%s, so nobody knows what is in the image; scan it again, or push it again, and start again", a.status, a.says())
	}
	if bad := a.found.from(below); bad.total() > 0 {
		return "", "", release.Errorf(release.Forbidden, s.op(), "found %s%s; source.ecr.require wants findings below %s: mend the image, or suppress what does not apply, and release that", bad, a.examples(below), below)
	}
	return "", fmt.Sprintf("the scan of %s found %s", s.digest.Short(), a.found), nil
}
