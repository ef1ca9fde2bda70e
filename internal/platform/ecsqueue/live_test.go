package ecsqueue

import (
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

const liveName = "/serin/live/orders-worker"

// What infrastructure code is told serves is what serves: after a release the new revision, after a rollback what was
// brought back, which is the pinned copy of a baseline that was not pinned.
func TestLiveParameterSaysWhatServes(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	if w.parameters[liveName] != "" {
		t.Errorf("%q is written before the release is over", w.parameters[liveName])
	}
	r.enter(release.Cleaning)
	r.reach(r.p.Cleanup)
	wantLive(t, w, newDigest, "orders-worker:3", "orders-worker-canary:3")
	w.calls = nil
	r.reach(r.p.Cleanup)
	w.wantMutations(t) // it says so already

	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	r.enter(release.Cleaning)
	r.reach(r.p.Cleanup)
	wantLive(t, w, oldDigest, "orders-worker:2", "orders-worker-canary:2")
}

func wantLive(t *testing.T, w *world, digest, primary, canary string) {
	t.Helper()
	want := registry + "/orders-worker@" + digest + "," + arnOf("task-definition", primary) + "," + arnOf("task-definition", canary)
	if w.parameters[liveName] != want {
		t.Errorf("%s is\n\t%s, want\n\t%s", liveName, w.parameters[liveName], want)
	}
}

// A parameter that cannot be written does not fail a release: the cleanup stays pending and says why.
func TestLiveParameterThatCannotBeWritten(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	r.enter(release.Cleaning)
	w.disturb = func(_ int, action string) fault {
		if action == "PutParameter" {
			return fault{before: apiError("AccessDeniedException", "User is not authorized to perform: ssm:PutParameter")}
		}
		return fault{}
	}
	progress, err := r.p.Cleanup(t.Context(), r.rel)
	if err != nil || progress.State != release.Working || !strings.Contains(progress.Note, "not written down") || !strings.Contains(progress.Note, "ssm:PutParameter") {
		t.Errorf("%+v, %v", progress, err)
	}
}
