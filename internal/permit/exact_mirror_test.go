package permit_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/targetfile"
)

// seldom are actions that these releases need not make, each with its reason.
var seldom = map[string]string{
	"cloudwatch:DescribeAlarmHistory":       "the scenarios' alarms have no data",
	"cloudformation:DescribeStackEvents":    "looking asks it where the stack is being changed by somebody; internal/platform/mirror has the test",
	"cloudformation:CancelUpdateStack":      "asked where a release is rolled back while an update is under way; internal/platform/mirror has the test",
	"cloudformation:ContinueUpdateRollback": "asked where CloudFormation could not take an update back; internal/platform/mirror has the test",
}

// The roles of a mirrored service allow what releases of all kinds were seen to call, and nothing else: the statements
// that no call shows say so themselves.
func TestExactForMirroredServices(t *testing.T) {
	const folder = "../../examples/catalogue/"
	text, err := os.ReadFile(folder + "target.yaml")
	if err != nil {
		t.Fatal(err)
	}
	target, err := targetfile.Parse("target.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	seen := needed{}
	for _, file := range []string{"good.yaml", "bad.yaml", "crash-loop.yaml"} {
		seen.observe(t, folder, file, 12, nil)
	}
	for _, access := range permit.Accesses() {
		statements, err := permit.Target(&target, access)
		if err != nil {
			t.Fatal(err)
		}
		allowed := permit.Actions(statements)
		for action := range seen[string(access)] {
			if !slices.Contains(allowed, action) {
				t.Errorf("%s lacks %s, which was called", access, action)
			}
		}
		for _, s := range statements {
			for _, action := range s.Actions {
				if access == permit.Change && strings.HasPrefix(action, "cloudwatch:") {
					continue // who may change may look
				}
				if _, excused := seldom[action]; excused {
					continue
				}
				if !s.Unseen && !seen[string(access)][action] {
					t.Errorf("%s may %s, which nothing calls", access, action)
				}
			}
		}
	}
}
