package lambdaalias

import (
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/lambda"
)

// The tags of the images that serve and that are released.
const (
	oldTag = "release-41"
	newTag = "release-42"
)

// optimises is how long Lambda takes to take an image over.
const optimises = 25 * time.Second

// image reports whether an image is released, which is what a target with a repository is for.
func (w *World) image() bool {
	return w.site.Target.Source.ECR != nil && w.site.Scenario.Revision.Version == ""
}

func (w *World) repository() string { return w.site.Target.Source.ECR.Repository }

// images makes the function one of container images, with the new one pushed.
func (w *World) images() {
	repository := w.repository()
	digest := func(of string) string { return ecr.Digest("the version " + of + " of " + repository) }
	for _, version := range w.function.Versions {
		version.CodeSHA256 = strings.TrimPrefix(digest(version.Number), "sha256:")
	}
	w.ECR.PushImageAt(w.site.Start.Add(-30*24*time.Hour), repository, digest(old), oldTag)
	w.ECR.PushImageAt(w.site.Start.Add(-time.Minute), repository, digest(fresh), newTag)
	latest := lambda.Latest{Optimises: optimises, Resolve: func(image string) (string, bool) {
		found, ok := w.ECR.Resolve(image)
		return strings.TrimPrefix(found, "sha256:"), ok
	}}
	if w.site.Scenario.Canary.CrashLoop {
		latest.BreaksAs = broken
	}
	w.function.Unpublished(latest)
}
