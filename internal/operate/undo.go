package operate

import (
	"cmp"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// undone returns what served before a release that was released: releasing it undoes the release. Illegal says that
// there is nothing to undo.
func undone(r *release.Release, target release.TargetName) (release.Revision, error) {
	op := "undo " + string(r.ID)
	switch {
	case r.Target.Name != target:
		return release.Revision{}, release.Errorf(release.Invalid, op, "the release is of target %s, not of %s", r.Target.Name, target)
	case !r.Phase.Final():
		return release.Revision{}, release.Errorf(release.Illegal, op, "the release is under way (%s); to bring back what served before: serin rollback %s", r.Phase, target)
	case r.Phase != release.Released:
		return release.Revision{}, release.Errorf(release.Illegal, op, "the release did not come to serve (%s): there is nothing to undo", r.Outcome())
	}
	return before(r)
}

// before returns the revision that the baseline of a release is.
func before(r *release.Release) (release.Revision, error) {
	serves := r.Baseline.Serves
	if version, ok := strings.CutPrefix(serves, "version "); ok {
		return release.Revision{Version: version}, nil
	}
	if repository := repositoryOf(r); repository != "" && strings.HasPrefix(serves, "sha256:") {
		return release.Revision{Image: repository + "@" + serves}, nil
	}
	if definition := definitionBefore(r); r.Request.Revision.TaskDefinition != "" && definition != "" {
		return release.Revision{TaskDefinition: definition}, nil
	}
	return release.Revision{}, release.Errorf(release.Illegal, "", "what served before release %s (%s) is no revision that can be released by itself; say with --image, --task-definition, --version or --code what shall serve",
		r.ID, cmp.Or(r.Baseline.Summary, r.Baseline.Serves))
}

// definitionBefore returns the task definition that served before: serin's copy of it, which names digests, where it
// needed one. The copy is kept for the rollback window, what a release left in service for good: so the undo of a
// release can itself be undone at any time.
func definitionBefore(r *release.Release) string {
	definition := r.Baseline.TaskDefinition
	for _, m := range r.Made {
		if m.Kind == release.MadeDefinition && m.For == release.ForBaseline {
			definition = m.ID
		}
	}
	return definition
}

// repositoryOf returns the repository that a release's image is of; empty where no image was asked for.
func repositoryOf(r *release.Release) string {
	image := r.Request.Revision.Image
	if image == "" {
		return ""
	}
	if source := r.Target.Source.ECR; source != nil {
		return source.Repository
	}
	image, _, _ = strings.Cut(image, "@")
	if colon := strings.LastIndexByte(image, ':'); colon > strings.LastIndexByte(image, '/') {
		image = image[:colon]
	}
	return image
}
