package lambdaalias_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/platform/lambdaalias"
	"github.com/serin-aws/serin/internal/release"
)

const (
	newSum   = "2222222222222222222222222222222222222222222222222222222222222222"
	newImage = "sha256:" + newSum
	newURI   = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders@" + newImage
)

// imaged is a function that is made of container images, and a release of the new one.
func imaged(t *testing.T) (*function, *release.Release, *lambdaalias.Platform) {
	t.Helper()
	f := newFunction()
	latest := *f.versions["9"]
	latest.Version, latest.PackageType, latest.RevisionId, latest.LastUpdateStatus = aws.String("$LATEST"), types.PackageTypeImage, aws.String("one"), types.LastUpdateStatusSuccessful
	f.latest, f.images = &latest, map[string]string{newURI: newSum}
	p := lambdaalias.New(lambdaalias.Clients{Lambda: f, SSM: f, ECR: f}, func() time.Time { return noon })
	to := target()
	to.Source.ECR = &release.ECRSource{Repository: "orders"}
	prepared, err := p.Prepare(context.Background(), to, release.Revision{Image: "orders:release-42"})
	if err != nil {
		t.Fatal(err)
	}
	if prepared.Revision.Digest != newImage || prepared.Metrics.Canary.Value != "" || len(prepared.Resources) != 2 || len(f.given) > 0 {
		t.Fatalf("prepared %+v", prepared)
	}
	return f, &release.Release{
		Snapshot: release.Snapshot{
			ID: "r-0123456789ab", Target: to, Revision: prepared.Revision, Baseline: prepared.Baseline, Resources: prepared.Resources,
			Steps: []release.Step{{Weight: 10, Bake: release.Duration(time.Minute)}},
		},
		State: release.State{Phase: release.Shifting, Since: noon},
	}, p
}

// publishing shifts until it has come about; what was made is recorded as the conductor does, and Lambda takes an image
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

func TestAnImageIsPublished(t *testing.T) {
	f, r, p := imaged(t)
	if progress := publishing(t, f, r, p); progress.State != release.Reached || f.text() != "7map[10:0.1]" {
		t.Fatalf("%+v, alias %s", progress, f.text())
	}
	if len(f.given) != 1 || aws.ToString(f.given[0].RevisionId) != "one" || f.given[0].Publish {
		t.Errorf("given %+v", f.given)
	}
	if len(f.published) != 1 || aws.ToString(f.published[0].CodeSha256) != newSum || aws.ToString(f.published[0].RevisionId) != "one+" {
		t.Errorf("published %+v", f.published)
	}
	r.Phase, r.BakeSince = release.Baking, noon
	s, err := p.Inspect(context.Background(), r)
	if err != nil || s.Foreign != "" || s.Measured.Value != "10" || s.Weight != 10 {
		t.Errorf("%+v %v", s, err)
	}
}

// A crash lost what was made: it is made again, and comes to the same version.
func TestALostRecordPublishesNothingTwice(t *testing.T) {
	f, r, p := imaged(t)
	publishing(t, f, r, p)
	r.Made = nil
	f.set("7", nil)
	if progress := publishing(t, f, r, p); progress.State != release.Reached || f.text() != "7map[10:0.1]" || len(f.versions) != 5 || len(f.published) != 2 {
		t.Errorf("%+v, alias %s, %d versions", progress, f.text(), len(f.versions))
	}
}

func TestWhatCannotBePublished(t *testing.T) {
	given := []release.Made{{Kind: "code", ID: newSum}}
	for says, disturb := range map[string]func(*function, *release.Release){
		"AWS refused it": func(f *function, _ *release.Release) { f.images = nil },
		"could not take the image over: no room": func(f *function, r *release.Release) {
			r.Made, f.latest.CodeSha256 = given, aws.String(newSum)
			f.latest.LastUpdateStatus, f.latest.LastUpdateStatusReason = types.LastUpdateStatusFailed, aws.String("no room")
		},
		"somebody else changed the code": func(f *function, r *release.Release) { r.Made, f.latest.CodeSha256 = given, aws.String("another") },
		"those of version 9, which serves": func(f *function, r *release.Release) {
			f.versions["9"].CodeSha256, f.latest.CodeSha256, r.Made = aws.String(newSum), aws.String(newSum), given
			f.set("9", nil)
			r.Baseline.Detail = []byte(strings.ReplaceAll(string(r.Baseline.Detail), `"version":"7"`, `"version":"9"`))
		},
	} {
		f, r, p := imaged(t)
		disturb(f, r)
		if progress := publishing(t, f, r, p); progress.State != release.Failed || !strings.Contains(progress.Note, says) {
			t.Errorf("%s: %+v", says, progress)
		}
	}
}

// Refused before anything is changed, with what would be right.
func TestImagesThatAreRefused(t *testing.T) {
	for says, disturb := range map[string]func(*function, *release.Target, *release.Revision){
		"is made of a zip file":         func(f *function, _ *release.Target, _ *release.Revision) { f.latest.PackageType = types.PackageTypeZip },
		"only where source.ecr names":   func(_ *function, to *release.Target, _ *release.Revision) { to.Source.ECR = nil },
		"releases images of":            func(_ *function, _ *release.Target, r *release.Revision) { r.Image = "elsewhere:release-42" },
		"no such image":                 func(_ *function, _ *release.Target, r *release.Revision) { r.Image = "orders:release-43" },
		"its execution role is another": func(f *function, _ *release.Target, _ *release.Revision) { f.latest.Role = aws.String("another") },
		"a published version or an image": func(_ *function, _ *release.Target, r *release.Revision) {
			*r = release.Revision{TaskDefinition: "orders:1"}
		},
	} {
		f, r, p := imaged(t)
		to, revision := r.Target, release.Revision{Image: "orders:release-42"}
		disturb(f, &to, &revision)
		if _, err := p.Prepare(context.Background(), to, revision); err == nil || !strings.Contains(err.Error(), says) || len(f.given) > 0 {
			t.Errorf("%s: %v", says, err)
		}
	}
	f, r, p := imaged(t)
	f.versions["7"].CodeSha256 = aws.String(newSum)
	if prepared, err := p.Prepare(context.Background(), r.Target, release.Revision{Image: "orders:release-42"}); err != nil || !prepared.Live {
		t.Errorf("%+v %v", prepared, err)
	}
}
