//go:build emulator || aws

package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// startExecution starts the state machine by hand.
func (w *workload) startExecution(t *testing.T, input string) (arn string) {
	t.Helper()
	return read[struct{ ExecutionArn string }](t, w.cli, "stepfunctions", "start-execution",
		"--state-machine-arn", w.machine, "--name", w.name+"-1", "--input", input).ExecutionArn
}

// asked is what a person writes into the console to release a tag.
func (w *workload) asked(tag string) string {
	return fmt.Sprintf(`{"target":%q,"revision":{"image":"%s:%s"},"startedBy":"a person"}`, w.name, w.name, tag)
}

type ending struct{ Status, Error, Cause, Output string }

// end waits until an execution is over.
func (w *workload) end(t *testing.T, execution string) ending {
	t.Helper()
	until(t, execution+" does not end", func() bool { return w.over(t, execution) })
	found := read[ending](t, w.cli, "stepfunctions", "describe-execution", "--execution-arn", execution)
	w.keep(t, w.name, execution, found)
	return found
}

// keep writes what is known of an execution beside the other logs.
func (w *world) keep(t *testing.T, target, execution string, found ending) {
	t.Helper()
	history := w.aws(t, "stepfunctions", "get-execution-history", "--execution-arn", execution)
	name := execution[strings.LastIndex(execution, ":")+1:]
	text := fmt.Sprintf("%s %s %s\n%s\n\n%s", found.Status, found.Error, found.Cause, found.Output, history)
	if err := os.WriteFile(filepath.Join(folder, target+"-"+name+".history"), []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}

func (w *workload) ends(t *testing.T, execution, status, problem string) {
	t.Helper()
	if got := w.end(t, execution); got.Status != status || got.Error != problem && problem != "" {
		t.Fatalf("%s ended %s %s: %s %s; want %s %s", execution, got.Status, got.Error, got.Cause, got.Output, status, problem)
	}
}

// list returns the executions of a target.
func (w *world) list(t *testing.T, target string) []string {
	t.Helper()
	var found []string
	for _, arn := range w.allExecutions(t) {
		if strings.Contains(aws.ToString(w.execution(t, arn).Input), `"target":"`+target+`"`) {
			found = append(found, arn)
		}
	}
	return found
}

// executions waits for so many executions of this target; an event may be told twice, and start one more.
func (w *workload) executions(t *testing.T, want int) (found []string) {
	t.Helper()
	until(t, fmt.Sprintf("%s has no %d executions", w.name, want), func() bool {
		found = w.list(t, w.name)
		return len(found) >= want
	})
	return found
}

// evidence keeps what is known of the target when its scenario has failed.
func (w *world) evidence(t *testing.T, target string) {
	if !t.Failed() {
		return
	}
	for _, arn := range w.list(t, target) {
		w.keep(t, target, arn, read[ending](t, w.cli, "stepfunctions", "describe-execution", "--execution-arn", arn))
	}
	for command, args := range map[string][]string{
		"status": {"status", target, "-o", "json"}, "history": {"history", target, "--verify", "-o", "json"},
	} {
		out, err := w.run(t, serinProgram, args...)
		if err != nil {
			out = append(out, err.Error()...)
		}
		if err := os.WriteFile(filepath.Join(folder, target+"."+command), out, 0o600); err != nil {
			t.Error(err)
		}
	}
}

// another waits for an execution of this target beside one that is known.
func (w *workload) another(t *testing.T, known string) (found string) {
	t.Helper()
	until(t, "no other execution than "+known+" is started", func() bool {
		for _, arn := range w.list(t, w.name) {
			if arn != known {
				found = arn
			}
		}
		return found != ""
	})
	return found
}
