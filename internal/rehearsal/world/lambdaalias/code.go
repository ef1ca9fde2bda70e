package lambdaalias

import (
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/lambda"
	"github.com/serin-aws/serin/internal/rehearsal/s3"
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
	var revision release.Revision
	if w.site.Target.Source.S3 != nil {
		revision = w.zips(&latest)
	} else {
		revision = w.images(&latest)
	}
	w.function.Unpublished(latest)
	return revision
}

// images pushes images: the function is made of them.
func (w *World) images(latest *lambda.Latest) release.Revision {
	repository := w.site.Target.Source.ECR.Repository
	digest := func(of string) string { return ecr.Digest("the version " + of + " of " + repository) }
	for _, version := range w.function.Versions {
		version.CodeSHA256 = strings.TrimPrefix(digest(version.Number), "sha256:")
	}
	w.ECR.PushImageAt(w.site.Start.Add(-30*24*time.Hour), repository, digest(old), oldTag)
	w.ECR.PushImageAt(w.site.Start.Add(-time.Minute), repository, digest(fresh), newTag)
	latest.Resolve = func(image string) (string, bool) {
		found, ok := w.ECR.Resolve(image)
		return strings.TrimPrefix(found, "sha256:"), ok
	}
	return release.Revision{Image: repository + ":" + newTag}
}

// zips puts zip files into the target's bucket: the function is made of them.
func (w *World) zips(latest *lambda.Latest) release.Revision {
	source := w.site.Target.Source.S3
	text := func(of string) string { return "the version " + of + " of " + w.function.Name }
	for _, version := range w.function.Versions {
		version.CodeSHA256 = s3.SumOf(text(version.Number))
	}
	put := func(at time.Time, tag, of string) release.CodeObject {
		key := source.Prefix + tag + ".zip"
		return release.CodeObject{Bucket: source.Bucket, Key: key, Version: w.S3.Put(at, source.Bucket, key, text(of))}
	}
	put(w.site.Start.Add(-30*24*time.Hour), oldTag, old)
	newest := put(w.site.Start.Add(-time.Minute), newTag, fresh)
	latest.Zip = true
	latest.Resolve = func(code string) (string, bool) {
		o, err := release.ParseCodeObject(code)
		if err != nil {
			return "", false
		}
		return w.S3.Sum(o.Bucket, o.Key, o.Version)
	}
	return release.Revision{Code: newest.String()}
}
