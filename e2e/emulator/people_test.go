//go:build emulator || aws

package emulator

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// person is somebody who may start and approve releases, and nothing else.
func (w *workload) person(t *testing.T, name string) cli {
	t.Helper()
	return w.assume(t, w.cli, w.name+"-people", name)
}

// assume takes on a role of the account's, under a name.
func (w *world) assume(t *testing.T, by cli, role, name string) cli {
	t.Helper()
	got := read[struct {
		Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	}](t, by, "sts", "assume-role", "--role-arn", "arn:aws:iam::"+w.account+":role/"+role, "--role-session-name", name).Credentials
	return w.as("AWS_ACCESS_KEY_ID="+got.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+got.SecretAccessKey, "AWS_SESSION_TOKEN="+got.SessionToken)
}

// start starts a release and returns its id.
func (c cli) start(t *testing.T, target, image string) (id string) {
	t.Helper()
	return decode[struct{ Release string }](t, []byte(c.serin(t, "start", target, "--image", image, "--reason", "e2e", "-o", "json"))).Release
}

// standing is what serin status says.
type standing struct {
	Release, Outcome, StartedBy string
	Approval                    bool
	Executions                  []string
}

func (c cli) status(t *testing.T, release string) standing {
	t.Helper()
	return decode[standing](t, []byte(c.serin(t, "status", release, "-o", "json")))
}

// told checks that every command tells the same of a release that is over.
func (w *workload) told(t *testing.T, release, outcome string) {
	t.Helper()
	id := w.status(t, release).Release
	history := decode[struct {
		Releases []struct {
			Release, Outcome string
			Verified         struct {
				OK     bool
				Events int
			}
		}
	}](t, []byte(w.serin(t, "history", w.name, "--verify", "-o", "json")))
	if found := encode(t, history); len(history.Releases) == 0 || !strings.Contains(found, id) {
		t.Errorf("serin history does not know %s: %s", id, found)
	}
	for _, r := range history.Releases {
		if r.Release == id && (r.Outcome != outcome || !r.Verified.OK || r.Verified.Events == 0) {
			t.Errorf("serin history --verify says of %s: %+v", id, r)
		}
	}
	type row struct{ Target, Release, Outcome string }
	if all := decode[[]row](t, []byte(w.serin(t, "list", "-o", "json"))); !slices.Contains(all, row{w.name, id, outcome}) {
		t.Errorf("serin list does not say that %s of %s is %s: %v", id, w.name, outcome, all)
	}
	report := filepath.Join(folder, w.name+".html")
	w.serin(t, "report", id, "--out", report)
	if page, err := os.ReadFile(report); err != nil || !strings.Contains(string(page), id) || strings.Contains(string(page), "could not be read") {
		t.Errorf("serin report of %s: %v, %d bytes", id, err, len(page))
	}
}
