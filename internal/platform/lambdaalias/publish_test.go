package lambdaalias_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/platform/lambdaalias"
	"github.com/serin-aws/serin/internal/release"
)

// newZip is the zip file of the new version.
const newZip = "PK: the new version"

// source is a way in which a function's code is released.
type source struct {
	name    string
	target  release.Source
	asked   release.Revision // as a person writes it
	pinned  string           // what the request to Lambda names
	pack    types.PackageType
	sum     string // Lambda's hash of the new code
	digest  release.Digest
	foreign release.Revision // code that is not the target's
	missing release.Revision // code that is not there
}

// sources are both: the rest of the tests holds for either.
func sources() []source {
	hash := sha256.Sum256([]byte(newZip))
	inHex, inBase64 := hex.EncodeToString(hash[:]), base64.StdEncoding.EncodeToString(hash[:])
	image := "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders@" + newImage
	return []source{
		{
			name: "image", target: release.Source{ECR: &release.ECRSource{Repository: "orders"}},
			asked: release.Revision{Image: "orders:release-42"}, pinned: image, pack: types.PackageTypeImage, sum: newSum, digest: newImage,
			foreign: release.Revision{Image: "elsewhere:release-42"}, missing: release.Revision{Image: "orders:release-43"},
		},
		{
			name: "zip file", target: release.Source{S3: &release.S3Source{Bucket: "orders-code", Prefix: "orders/"}},
			asked: release.Revision{Code: "s3://orders-code/orders/release-42.zip"}, pinned: "s3://orders-code/orders/release-42.zip?versionId=v2",
			pack: types.PackageTypeZip, sum: inBase64, digest: release.Digest("sha256:" + inHex),
			foreign: release.Revision{Code: "s3://orders-code/shop/release-42.zip"}, missing: release.Revision{Code: "s3://orders-code/orders/release-43.zip"},
		},
	}
}

const (
	newSum   = "2222222222222222222222222222222222222222222222222222222222222222"
	newImage = "sha256:" + newSum
)

// publishable is a function whose new code can be released so, and a release of it that is prepared.
func (s source) publishable(t *testing.T) (*function, *release.Release, *lambdaalias.Platform) {
	t.Helper()
	return s.kept(t, "")
}

// kept is the same with code under a key of the customer's.
func (s source) kept(t *testing.T, key string) (*function, *release.Release, *lambdaalias.Platform) {
	t.Helper()
	f := newFunction()
	f.key = key
	latest := *f.versions["9"]
	latest.Version, latest.PackageType, latest.RevisionId, latest.LastUpdateStatus = aws.String("$LATEST"), s.pack, aws.String("one"), types.LastUpdateStatusSuccessful
	latest.Architectures = []types.Architecture{types.ArchitectureArm64}
	f.latest, f.codes = &latest, map[string]string{s.pinned: s.sum}
	p := lambdaalias.New(lambdaalias.Clients{Lambda: f, SSM: f, ECR: f, S3: f}, func() time.Time { return noon })
	to := target()
	to.Source = s.target
	prepared, err := p.Prepare(context.Background(), to, s.asked)
	if err != nil {
		t.Fatal(err)
	}
	if prepared.Revision.Digest != s.digest || prepared.Metrics.Canary.Value != "" || len(prepared.Resources) != 2 || len(f.given) > 0 {
		t.Fatalf("prepared %+v", prepared)
	}
	if pinned, err := p.Pin(context.Background(), to, s.asked); err != nil || pinned.Revision != prepared.Revision {
		t.Fatalf("pinned %+v %v", pinned, err)
	}
	return f, &release.Release{
		Snapshot: release.Snapshot{
			ID: "r-0123456789ab", Target: to, Revision: prepared.Revision, Baseline: prepared.Baseline, Resources: prepared.Resources,
			Steps: []release.Step{{Weight: 10, Bake: release.Duration(time.Minute)}},
		},
		State: release.State{Phase: release.Shifting, Since: noon},
	}, p
}

// ofBoth runs a test for images and for zip files.
func ofBoth(t *testing.T, test func(*testing.T, source)) {
	for _, s := range sources() {
		t.Run(s.name, func(t *testing.T) { test(t, s) })
	}
}

// publishing shifts until it has come about; what was made is recorded as the conductor does, and Lambda takes the code
// over as soon as it is waited for.
func publishing(t *testing.T, f *function, r *release.Release, p *lambdaalias.Platform) release.Progress {
	t.Helper()
	return until(t, func() (release.Progress, error) {
		progress, err := p.Shift(context.Background(), r, 10)
		r.Record(progress.Made...)
		if progress.Note == "Lambda is updating the function" {
			f.latest.LastUpdateStatus = types.LastUpdateStatusSuccessful
		}
		return progress, err
	})
}

func TestCodeIsPublished(t *testing.T) {
	ofBoth(t, func(t *testing.T, s source) {
		f, r, p := s.publishable(t)
		if progress := publishing(t, f, r, p); progress.State != release.Reached || f.text() != "7map[10:0.1]" {
			t.Fatalf("%+v, alias %s", progress, f.text())
		}
		if len(f.given) != 1 || aws.ToString(f.given[0].RevisionId) != "one" || f.given[0].Publish || len(f.given[0].Architectures) != 1 {
			t.Errorf("given %+v", f.given)
		}
		if len(f.published) != 1 || aws.ToString(f.published[0].CodeSha256) != s.sum || aws.ToString(f.published[0].RevisionId) != "one+" {
			t.Errorf("published %+v", f.published)
		}
		r.Phase, r.BakeSince = release.Baking, noon
		seen, err := p.Inspect(context.Background(), r)
		if err != nil || seen.Foreign != "" || seen.Measured.Value != "10" || seen.Weight != 10 {
			t.Errorf("%+v %v", seen, err)
		}
	})
}

// A crash lost what was made: it is made again, and comes to the same version.
func TestALostRecordPublishesNothingTwice(t *testing.T) {
	ofBoth(t, func(t *testing.T, s source) {
		f, r, p := s.publishable(t)
		publishing(t, f, r, p)
		r.Made = nil
		f.set("7", nil)
		if progress := publishing(t, f, r, p); progress.State != release.Reached || f.text() != "7map[10:0.1]" || len(f.versions) != 5 || len(f.published) != 2 {
			t.Errorf("%+v, alias %s, %d versions", progress, f.text(), len(f.versions))
		}
	})
}

// Lambda's reads may be behind: an answer of before the code was given does not say that somebody gave other code since.
func TestAnOldAnswerIsNotSomebodyElse(t *testing.T) {
	ofBoth(t, func(t *testing.T, s source) {
		for says, modified := range map[string]string{
			"does not show the new code yet": "2026-01-05T09:00:00.000+0000",
			"somebody else changed the code": "2026-01-05T09:00:00.002+0000",
		} {
			f, r, p := s.publishable(t)
			r.Made = []release.Made{{Kind: "code", ID: s.sum}, {Kind: "code given", ID: "2026-01-05T09:00:00.001+0000"}}
			f.latest.LastModified = &modified
			if progress, err := p.Shift(context.Background(), r, 10); err != nil || !strings.Contains(progress.Note, says) {
				t.Errorf("%s: %+v %v", says, progress, err)
			}
		}
	})
}

// A rollback brings the alias home, and says what it leaves.
func TestARollbackSaysWhatStaysUnpublished(t *testing.T) {
	ofBoth(t, func(t *testing.T, s source) {
		f, r, p := s.publishable(t)
		publishing(t, f, r, p)
		back := until(t, func() (release.Progress, error) { return p.Rollback(context.Background(), r) })
		if back.State != release.Reached || f.text() != "7" || !strings.Contains(back.Note, "$LATEST keeps the code that was taken back") {
			t.Errorf("%+v, alias %s", back, f.text())
		}
	})
}

func TestWhatCannotBePublished(t *testing.T) {
	ofBoth(t, func(t *testing.T, s source) {
		given := []release.Made{{Kind: "code", ID: s.sum}}
		for says, disturb := range map[string]func(*function, *release.Release){
			"AWS refused it": func(f *function, _ *release.Release) { f.codes = nil },
			"could not take the code over: no room": func(f *function, r *release.Release) {
				r.Made, f.latest.CodeSha256 = given, aws.String(s.sum)
				f.latest.LastUpdateStatus, f.latest.LastUpdateStatusReason = types.LastUpdateStatusFailed, aws.String("no room")
			},
			"somebody else changed the code": func(f *function, r *release.Release) { r.Made, f.latest.CodeSha256 = given, aws.String("another") },
			"those of version 9, which serves": func(f *function, r *release.Release) {
				f.versions["9"].CodeSha256, f.latest.CodeSha256, r.Made = aws.String(s.sum), aws.String(s.sum), given
				f.set("9", nil)
				r.Baseline.Detail = []byte(strings.ReplaceAll(string(r.Baseline.Detail), `"version":"7"`, `"version":"9"`))
			},
		} {
			f, r, p := s.publishable(t)
			disturb(f, r)
			if progress := publishing(t, f, r, p); progress.State != release.Failed || !strings.Contains(progress.Note, says) {
				t.Errorf("%s: %+v", says, progress)
			}
		}
	})
}

// Refused before anything is changed, with what would be right.
func TestCodeThatIsRefused(t *testing.T) {
	ofBoth(t, func(t *testing.T, s source) {
		for says, disturb := range map[string]func(*function, *release.Target, *release.Revision){
			"is made of a": func(f *function, _ *release.Target, _ *release.Revision) {
				f.latest.PackageType = map[types.PackageType]types.PackageType{types.PackageTypeZip: types.PackageTypeImage, types.PackageTypeImage: types.PackageTypeZip}[s.pack]
			},
			"only where source.":            func(_ *function, to *release.Target, _ *release.Revision) { to.Source = release.Source{} },
			" only, not ":                   func(_ *function, _ *release.Target, r *release.Revision) { *r = s.foreign },
			"no such":                       func(_ *function, _ *release.Target, r *release.Revision) { *r = s.missing },
			"its execution role is another": func(f *function, _ *release.Target, _ *release.Revision) { f.latest.Role = aws.String("another") },
			"a published version, an image or code in S3": func(_ *function, _ *release.Target, r *release.Revision) {
				*r = release.Revision{TaskDefinition: "orders:1"}
			},
		} {
			f, r, p := s.publishable(t)
			to, revision := r.Target, s.asked
			disturb(f, &to, &revision)
			if _, err := p.Prepare(context.Background(), to, revision); err == nil || !strings.Contains(err.Error(), says) || len(f.given) > 0 {
				t.Errorf("%s: %v", says, err)
			}
		}
		f, r, p := s.publishable(t)
		f.versions["7"].CodeSha256 = aws.String(s.sum)
		if prepared, err := p.Prepare(context.Background(), r.Target, s.asked); err != nil || !prepared.Live {
			t.Errorf("%+v %v", prepared, err)
		}
	})
}

// What Lambda is asked for a zip file: one version of one object, and the function as it was read.
func TestTheRequestForAZipFile(t *testing.T) {
	f, r, p := sources()[1].publishable(t)
	publishing(t, f, r, p)
	in := *f.given[0]
	want := lambda.UpdateFunctionCodeInput{
		FunctionName: aws.String("orders"), S3Bucket: aws.String("orders-code"), S3Key: aws.String("orders/release-42.zip"), S3ObjectVersion: aws.String("v2"),
		RevisionId: aws.String("one"), Architectures: []types.Architecture{types.ArchitectureArm64},
	}
	for name, pair := range map[string][2]*string{
		"function": {in.FunctionName, want.FunctionName}, "bucket": {in.S3Bucket, want.S3Bucket}, "key": {in.S3Key, want.S3Key},
		"version": {in.S3ObjectVersion, want.S3ObjectVersion}, "revision": {in.RevisionId, want.RevisionId},
	} {
		if aws.ToString(pair[0]) != aws.ToString(pair[1]) {
			t.Errorf("%s is %s, want %s", name, aws.ToString(pair[0]), aws.ToString(pair[1]))
		}
	}
	if in.ImageUri != nil || in.ZipFile != nil || in.SourceKMSKeyArn != nil || in.DryRun || in.Publish {
		t.Errorf("it asks for more: %+v", in)
	}
}

// Code under a key of the customer's stays under it, also where the key is another one by the time the code is given.
func TestCodeStaysUnderItsKey(t *testing.T) {
	f, r, p := sources()[1].kept(t, codeKey)
	f.key = "another"
	publishing(t, f, r, p)
	if got := aws.ToString(f.given[0].SourceKMSKeyArn); got != codeKey {
		t.Errorf("given under %q", got)
	}
}
