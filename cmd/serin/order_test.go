package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asking writes the example's target with an approval after its first step.
func asking(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	asks := strings.Replace(string(text), "{weight: 10, bake: 10m}", "{weight: 10, bake: 10m, approval: required}", 1)
	if asks == string(text) {
		t.Fatal("the example's first step is written in another way")
	}
	file := filepath.Join(t.TempDir(), "target.yaml")
	if err := os.WriteFile(file, []byte(asks), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Orders from the command line through a runbook and the function to the release, to its end, and its exit code.
func TestOrdersToTheirEnd(t *testing.T) {
	for name, c := range map[string]struct {
		scene  string
		after  time.Duration
		order  string
		says   string // of the answer
		code   int    // of the wait for the end
		reads  string // in what status says then
		target func(*testing.T) string
	}{
		"approve":                {"good.yaml", 20 * time.Minute, "approve", "step 1 of 2 is approved", exitOK, "Released", asking},
		"reject":                 {"good.yaml", 20 * time.Minute, "reject", "comes back from the next look on", exitNotReleased, "ben rejected the release: because", asking},
		"rollback":               {"good.yaml", 5 * time.Minute, "rollback", "comes back from the next look on", exitRolledBack, "ben asked to roll back: because", nil},
		"stop":                   {"good.yaml", 5 * time.Minute, "stop", "brings sha256:27a10adf back now", exitRolledBack, "ben stopped the release: because", nil},
		"promote now":            {"good.yaml", 4 * time.Minute, "promote --now", "all work goes to", exitOK, "Released", nil},
		"promote now what fails": {"bad.yaml", 4 * time.Minute, "promote --now", "unless that look says fail", exitRolledBack, "Rolled back", nil},
	} {
		t.Run(name, func(t *testing.T) {
			file := example
			if c.target != nil {
				file = c.target(t)
			}
			account, run := rehearsedOf(t, file, c.scene)
			run.Advance(c.after)
			args := append(strings.Fields(c.order), "orders-worker", "--reason", "because")
			if code, out, errOut := account.call("", args...); code != exitOK || errOut != "" || !strings.Contains(out, c.says) {
				t.Fatalf("%v: exit %d, %s%s", args, code, out, errOut)
			}
			code, out, errOut := account.call("", "status", "orders-worker", "--wait")
			if code != c.code || errOut != "" || !strings.Contains(out, c.reads) {
				t.Errorf("the end: exit %d, want %d and %q: %s%s", code, c.code, c.reads, out, errOut)
			}
		})
	}
}

// An order that makes no sense now is refused with what would do what is meant.
func TestOrdersAtTheWrongTime(t *testing.T) {
	for args, c := range map[string]struct {
		after time.Duration
		says  string
	}{
		"approve orders-worker --reason ok":       {4 * time.Minute, "waits for no approval"},
		"reject orders-worker --reason ok":        {4 * time.Minute, "To bring back what served before: serin rollback orders-worker"},
		"promote orders-worker --now --reason ok": {30 * time.Minute, "is promoted already"},
	} {
		account, run := rehearsed(t, "good.yaml")
		run.Advance(c.after)
		if code, out, errOut := account.call("", strings.Fields(args)...); code != exitFailed || out != "" || !strings.Contains(errOut, c.says) {
			t.Errorf("%s: exit %d, %s%s", args, code, out, errOut)
		}
	}
}
