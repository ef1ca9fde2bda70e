package lambdaalias

import (
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/lambda"
	"github.com/serin-aws/serin/internal/rehearsal/s3"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
)

// The tags of the images that serve and that are released; the keys of zip files end so.
const (
	oldTag = "release-41"
	newTag = "release-42"
)

// optimises is how long Lambda takes to take code over.
const optimises = 25 * time.Second

// makes reports whether a version is made of what is released, which is what a target with a source is for.
func (w *World) makes() bool {
	source := w.site.Target.Source
	return (source.ECR != nil || source.S3 != nil) && w.site.Scenario.Revision.Version == ""
}

// code puts the function's old and new code where the target's source is, and makes the function one of such code. It
// returns what is released.
func (w *World) code() release.Revision {
	latest := lambda.Latest{Optimises: optimises}
	if w.site.Scenario.Canary.CrashLoop {
		latest.BreaksAs = broken
	}
	for _, version := range w.function.Versions {
		version.CodeSHA256, version.Key = w.codeOf(version.Number), w.key()
	}
	var revision release.Revision
	if w.site.Target.Source.S3 != nil {
		revision = w.zips(&latest)
	} else {
		revision = w.images(&latest)
	}
	w.resolve = latest.Resolve
	w.function.Unpublished(latest)
	return revision
}

// key is that under which Lambda keeps the function's zip files: one of the customer's.
func (w *World) key() string {
	if w.site.Target.Source.S3 == nil {
		return ""
	}
	return "arn:aws:kms:" + w.site.Region + ":" + w.site.Account + ":key/" + w.site.Target.Source.S3.Bucket
}

// codeOf is the hash that Lambda knows the code of a version by.
func (w *World) codeOf(version string) string {
	if w.site.Target.Source.S3 != nil {
		return s3.SumOf(w.text(version))
	}
	return sumOf(w.digest(version))
}

// digest is that of the image that a version is made of.
func (w *World) digest(version string) string {
	return ecr.Digest("the version " + version + " of " + w.site.Target.Source.ECR.Repository)
}

// sumOf is Lambda's hash of an image's code.
func sumOf(digest string) string { return strings.TrimPrefix(digest, "sha256:") }

// text is the zip file that a version is made of.
func (w *World) text(version string) string {
	return "the version " + version + " of " + w.function.Name
}

// images pushes images: the function is made of them.
func (w *World) images(latest *lambda.Latest) release.Revision {
	repository := w.site.Target.Source.ECR.Repository
	w.ECR.PushImageAt(w.site.Start.Add(-30*24*time.Hour), repository, w.digest(old), oldTag)
	w.ECR.PushImageAt(w.site.Start.Add(-time.Minute), repository, w.digest(fresh), newTag)
	latest.Resolve = func(image string) (string, bool) {
		found, ok := w.ECR.Resolve(image)
		return sumOf(found), ok
	}
	return release.Revision{Image: repository + ":" + newTag}
}

// zips puts zip files into the target's bucket: the function is made of them.
func (w *World) zips(latest *lambda.Latest) release.Revision {
	w.upload(w.site.Start.Add(-30*24*time.Hour), oldTag, old)
	latest.Zip = true
	latest.Resolve = func(code string) (string, bool) {
		o, err := release.ParseCodeObject(code)
		if err != nil {
			return "", false
		}
		return w.S3.Sum(o.Bucket, o.Key, o.Version)
	}
	newest := w.upload(w.site.Start.Add(-time.Minute), newTag, fresh)
	return release.Revision{Code: newest.String()}
}

// offerZip puts the n-th zip file of a run into the target's bucket, which S3 tells of.
func (w *World) offerZip(n int) world.Offer {
	name, version := world.NameOf(n), fresh
	if n > 0 {
		version = name
	}
	code := w.upload(w.site.Loop.Now(), newTag, version) // over the one before, as a pipeline does
	return world.Offer{
		Name: name, Revision: release.Revision{Code: code.String()},
		Event: map[string]any{
			"source": "aws.s3", "detail-type": "Object Created", "account": w.site.Account, "region": w.site.Region,
			"detail": map[string]any{
				"bucket": map[string]any{"name": code.Bucket}, "object": map[string]any{"key": code.Key, "version-id": code.Version}, "reason": "PutObject",
			},
		},
	}
}

// upload puts the zip file of a version into the target's bucket.
func (w *World) upload(at time.Time, name, version string) release.CodeObject {
	source := w.site.Target.Source.S3
	key := source.Prefix + name + ".zip"
	return release.CodeObject{Bucket: source.Bucket, Key: key, Version: w.S3.Put(at, source.Bucket, key, w.text(version))}
}
