//go:build emulator || aws

package emulator

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// scenarios are run side by side, each on a target of its own.
var scenarios = map[string]func(*testing.T, *world){
	"a good version is promoted": good, "a bad version is rolled back": bad, "a stop in the middle is recovered": stopped,
}

func good(t *testing.T, world *world) {
	w := &workload{world: world, name: "good", messages: 7000}
	w.create(t)
	digest := w.image(t, "release-2", 0)
	execution := w.startExecution(t, `{"target":"good","revision":{"image":"good:release-2"},"startedBy":"a person","reason":"e2e"}`)
	w.ends(t, execution, "SUCCEEDED", "")
	w.serves(t, digest)
	w.settle(t, "")
}

func bad(t *testing.T, world *world) {
	w := &workload{world: world, name: "bad", messages: 7000, poison: 300}
	before := w.create(t)
	digest := w.image(t, "release-2", 400)
	// The same push is told twice, as EventBridge may.
	push := w.pushed(digest, "release-2")
	w.event(t, push)
	w.event(t, push)
	executions := w.executions(t, 2)
	outcomes := map[string]int{}
	for _, execution := range executions {
		outcomes[cmp.Or(w.end(t, execution).Error, "none")]++
	}
	if outcomes["RolledBack"] != 1 {
		t.Errorf("two events of one push ended %v", outcomes)
	}
	w.serves(t, before)
	if b := w.settle(t, digest); b.failedBy[digest] == 0 {
		t.Error("the bad version failed no message: it never worked")
	}
}

func stopped(t *testing.T, world *world) {
	w := &workload{world: world, name: "stopped", messages: 6000, poison: 500}
	before := w.create(t)
	digest := w.image(t, "release-2", 0)
	execution := w.startExecution(t, `{"target":"stopped","revision":{"image":"stopped:release-2"},"startedBy":"a person"}`)
	until(t, 5*time.Minute, "the canary does not run the new version", func() bool {
		return slices.Contains(w.running(t, w, w.name+"-canary"), digest)
	})
	w.aws(t, "stepfunctions", "stop-execution", "--execution-arn", execution, "--cause", "e2e: somebody pressed Stop execution")
	w.ends(t, execution, "ABORTED", "")
	w.event(t, w.status(t, execution)) // once more: the emulator has sent it already
	var recovery string
	until(t, time.Minute, "no recovery was started", func() bool {
		for _, arn := range w.list(t) {
			if arn != execution {
				recovery = arn
			}
		}
		return recovery != ""
	})
	w.ends(t, recovery, "SUCCEEDED", "")
	w.serves(t, before)
	w.settle(t, "")
	if all := w.list(t); len(all) != 2 {
		t.Errorf("a stop that was told twice led to these executions: %v", all)
	}
}

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

// tagOf names a version, the first one too.
func (w *workload) tagOf(digest string) string { return cmp.Or(w.tags[digest], "release-1") }

// startExecution starts the state machine by hand.
func (w *workload) startExecution(t *testing.T, input string) (arn string) {
	t.Helper()
	return read[struct{ ExecutionArn string }](t, w.cli, "stepfunctions", "start-execution",
		"--state-machine-arn", w.machine, "--name", w.name+"-1", "--input", input).ExecutionArn
}

type ending struct{ Status, Error, Cause, Output string }

// end waits until an execution is over.
func (w *workload) end(t *testing.T, execution string) ending {
	t.Helper()
	var found ending
	until(t, 9*time.Minute, execution+" does not end", func() bool {
		found = read[ending](t, w.cli, "stepfunctions", "describe-execution", "--execution-arn", execution)
		return found.Status != "RUNNING"
	})
	w.keep(t, execution, found)
	return found
}

// keep writes what is known of an execution beside the other logs.
func (w *workload) keep(t *testing.T, execution string, found ending) {
	t.Helper()
	history := w.aws(t, "stepfunctions", "get-execution-history", "--execution-arn", execution)
	name := execution[strings.LastIndex(execution, ":")+1:]
	text := fmt.Sprintf("%s %s %s\n%s\n\n%s", found.Status, found.Error, found.Cause, found.Output, history)
	if err := os.WriteFile(filepath.Join(folder, w.name+"-"+name+".history"), []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}

func (w *workload) ends(t *testing.T, execution, status, problem string) {
	t.Helper()
	if got := w.end(t, execution); got.Status != status || got.Error != problem && problem != "" {
		t.Fatalf("%s ended %s %s: %s %s; want %s %s", execution, got.Status, got.Error, got.Cause, got.Output, status, problem)
	}
}

// serves checks that every process of both services runs one image.
func (w *workload) serves(t *testing.T, digest string) {
	t.Helper()
	for service, tasks := range w.services() {
		until(t, 5*time.Minute, fmt.Sprintf("%s does not run %d tasks of %s", service, tasks, w.tagOf(digest)), func() bool {
			return slices.Equal(w.running(t, w, service), slices.Repeat([]string{digest}, tasks))
		})
	}
}

// event puts an event on the default bus.
func (w *workload) event(t *testing.T, entry map[string]string) {
	t.Helper()
	out := read[struct{ FailedEntryCount int }](t, w.cli, "events", "put-events", "--entries", encode(t, []any{entry}))
	if out.FailedEntryCount != 0 {
		t.Fatalf("the event was not taken: %v", entry)
	}
}

// pushed is what ECR says of a push.
func (w *workload) pushed(digest, tag string) map[string]string {
	return map[string]string{
		"Source": "aws.ecr", "DetailType": "ECR Image Action",
		"Detail": fmt.Sprintf(`{"result":"SUCCESS","repository-name":%q,"image-digest":%q,"action-type":"PUSH","image-tag":%q}`, w.name, digest, tag),
	}
}

// status is what Step Functions says of an execution that was stopped.
func (w *workload) status(t *testing.T, execution string) map[string]string {
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

// list returns the executions of this target.
func (w *workload) list(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, e := range read[struct {
		Executions []struct{ ExecutionArn string }
	}](t, w.cli, "stepfunctions", "list-executions",
		"--state-machine-arn", w.machine).Executions {
		described := read[struct{ Input string }](t, w.cli, "stepfunctions", "describe-execution", "--execution-arn", e.ExecutionArn)
		if strings.Contains(described.Input, `"target":"`+w.name+`"`) {
			found = append(found, e.ExecutionArn)
		}
	}
	return found
}

// executions waits for a number of executions of this target.
func (w *workload) executions(t *testing.T, want int) (found []string) {
	t.Helper()
	until(t, time.Minute, fmt.Sprintf("%s has no %d executions", w.name, want), func() bool {
		found = w.list(t)
		return len(found) == want
	})
	return found
}
