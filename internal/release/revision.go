package release

import (
	"regexp"
	"strings"
)

var versionNumber = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

// Digest is the content hash of a container image or of a function's zip file, "sha256:" and 64 hex digits.
type Digest string

// Short returns the digest as people read it: "sha256:9b1e0c...".
func (d Digest) Short() string {
	algorithm, hex, ok := strings.Cut(string(d), ":")
	if !ok || len(hex) <= 8 {
		return string(d)
	}
	return algorithm + ":" + hex[:8]
}

// Revision is what is released. A request names exactly one of Image, TaskDefinition, Version and Code;
// Prepare answers it pinned: Digest is filled in for images and code.
type Revision struct {
	Image          string `json:"image,omitempty"`          // "repository:tag", "repository@sha256:..." or with the registry in front
	TaskDefinition string `json:"taskDefinition,omitempty"` // ARN or family:revision
	Version        string `json:"version,omitempty"`        // a published Lambda version, digits
	Code           string `json:"code,omitempty"`           // a function's zip file, "s3://bucket/key?versionId=..." or without the version's id
	Digest         Digest `json:"digest,omitempty"`         // set by Prepare
}

// IsZero reports whether the revision names nothing.
func (r Revision) IsZero() bool { return r == Revision{} }

// Key tells pinned revisions apart: two of the same key are the same to the workload.
func (r Revision) Key() string {
	switch {
	case r.TaskDefinition != "":
		return r.TaskDefinition
	case r.Version != "":
		return "version " + r.Version
	case r.Digest != "":
		return string(r.Digest)
	}
	return r.Image + r.Code
}

// Exactly returns a pinned revision as a request that cannot mean anything else: an image by its digest.
func (r Revision) Exactly() Revision {
	if r.Image == "" || r.Digest == "" {
		r.Digest = ""
		return r
	}
	name, _, _ := strings.Cut(r.Image, "@")
	if tag := strings.LastIndex(name, ":"); tag > strings.LastIndex(name, "/") {
		name = name[:tag]
	}
	return Revision{Image: name + "@" + string(r.Digest)}
}

// Flag names the revision as the command line takes it; "" where it names nothing.
func (r Revision) Flag() string {
	switch {
	case r.Image != "":
		return "--image " + r.Image
	case r.TaskDefinition != "":
		return "--task-definition " + r.TaskDefinition
	case r.Version != "":
		return "--version " + r.Version
	case r.Code != "":
		return "--code '" + r.Code + "'" // shells would read its question mark
	}
	return ""
}

// String returns the shortest text that names the revision for a person.
func (r Revision) String() string {
	switch {
	case r.Digest != "":
		return r.Digest.Short()
	case r.Image != "":
		return r.Image
	case r.Code != "":
		return r.Code
	case r.TaskDefinition != "":
		_, name, found := strings.Cut(r.TaskDefinition, "/")
		if !found {
			return r.TaskDefinition
		}
		return name
	case r.Version != "":
		return "version " + r.Version
	}
	return "no revision"
}

// Check reports what is wrong with a revision as a person or a trigger wrote it.
func (r Revision) Check() error {
	named := 0
	for _, field := range []string{r.Image, r.TaskDefinition, r.Version, r.Code} {
		if field != "" {
			named++
		}
	}
	if named != 1 {
		return Errorf(Invalid, "revision", "names %d of image, taskDefinition, version and code, but must name exactly one", named)
	}
	if r.Version != "" && !versionNumber.MatchString(r.Version) {
		return Errorf(Invalid, "revision", "names version %q but must name a published one, by its number (aws lambda publish-version prints it): an alias cannot divide invocations with what is not published", clip(r.Version))
	}
	if r.Code != "" {
		_, err := ParseCodeObject(r.Code)
		return err
	}
	return nil
}
