//go:build emulator || aws

package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
)

// image makes a version and remembers its tag.
func (w *workload) image(t *testing.T, tag string, fail int) (digest string) {
	t.Helper()
	digest = w.push(t, w, tag, fail)
	if w.tags == nil {
		w.tags = map[string]string{}
	}
	w.tags[digest] = tag
	return digest
}

// canaryRuns waits for the canary's first process of a version.
func (w *workload) canaryRuns(t *testing.T, digest string) {
	t.Helper()
	until(t, "the canary does not run "+w.tagOf(digest), func() bool {
		return slices.Contains(w.running(t, w, w.name+"-canary"), digest)
	})
}

// tagOf names a version, the first one too.
func (w *workload) tagOf(digest string) string { return cmp.Or(w.tags[digest], "initial") }

// serves checks that every process of both services runs one image.
func (w *workload) serves(t *testing.T, digest string) {
	t.Helper()
	for service, tasks := range w.services() {
		until(t, fmt.Sprintf("%s does not run %d tasks of %s", service, tasks, w.tagOf(digest)), func() bool {
			return slices.Equal(w.running(t, w, service), slices.Repeat([]string{digest}, tasks))
		})
	}
}
