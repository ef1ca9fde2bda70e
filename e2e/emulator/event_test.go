//go:build emulator || aws

package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// event puts an event on the default bus.
func (w *workload) event(t *testing.T, entry map[string]string) {
	t.Helper()
	out := read[struct{ FailedEntryCount int }](t, w.cli, "events", "put-events", "--entries", encode(t, []any{entry}))
	if out.FailedEntryCount != 0 {
		t.Fatalf("the event was not taken: %v", entry)
	}
}

// tell tells of a push where the repository does not do that itself. It returns how often it was told.
func (w *workload) tell(t *testing.T, digest, tag string) int {
	t.Helper()
	if !w.puts {
		return 0
	}
	w.event(t, w.pushed(digest, tag))
	return 1
}

// pushed is what ECR says of a push.
func (w *workload) pushed(digest, tag string) map[string]string {
	return map[string]string{
		"Source": "aws.ecr", "DetailType": "ECR Image Action",
		"Detail": fmt.Sprintf(`{"result":"SUCCESS","repository-name":%q,"image-digest":%q,"action-type":"PUSH","image-tag":%q}`, w.name, digest, tag),
	}
}

// ended is what Step Functions says of an execution that was stopped.
func (w *workload) ended(t *testing.T, execution string) map[string]string {
	t.Helper()
	return map[string]string{
		"Source": "aws.states", "DetailType": "Step Functions Execution Status Change",
		"Detail": encode(t, map[string]any{
			"executionArn": execution, "stateMachineArn": w.machine, "name": execution[strings.LastIndex(execution, ":")+1:], "status": "ABORTED",
			"startDate": time.Now().Add(-time.Minute).UnixMilli(), "stopDate": time.Now().UnixMilli(),
			"input": `{"target":"` + w.name + `"}`, "inputDetails": map[string]bool{"included": true}, "output": nil, "outputDetails": nil,
		}),
	}
}
