package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/targetfile"
)

// lively returns an account in which the example's release is under way, and another one can be started.
func lively(t *testing.T, scene string, change func(*release.Target, *rehearsal.Plan)) (*installed, *rehearsal.Run) {
	t.Helper()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	target, err := targetfile.Parse(example, text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Open(folder + scene)
	if err != nil {
		t.Fatal(err)
	}
	s.World.Registry = map[string]map[string]release.Digest{"orders-worker": {
		"release-42": release.Digest("sha256:" + strings.Repeat("42", 32)), "release-43": release.Digest("sha256:" + strings.Repeat("43", 32)),
	}}
	var disturbed rehearsal.Plan
	if change != nil {
		change(&target, &disturbed)
	}
	plan, err := rehearsal.NewPlan(target, s)
	if err != nil {
		t.Fatal(err)
	}
	plan.Faults = disturbed.Faults
	return of(t, plan)
}

// started starts a release and returns it.
func (i *installed) started(args ...string) begun {
	i.t.Helper()
	code, out, errOut := i.call("", append([]string{"start", "orders-worker", "-o", "json"}, args...)...)
	var one begun
	if err := json.Unmarshal([]byte(out), &one); err != nil || code != exitOK {
		i.t.Fatalf("start %v: exit %d, %v, %s", args, code, err, errOut)
	}
	return one
}

// waits waits for the end of a release, and holds the exit code and what is said.
func (i *installed) waits(of string, code int, says string) {
	i.t.Helper()
	got, out, errOut := i.call("", "status", of, "--wait")
	if got != code || !strings.Contains(out, says) || errOut != "" {
		i.t.Errorf("status %s --wait: exit %d, want %d and %q:\n%s%s", of, got, code, says, out, errOut)
	}
}

// What scripts rely on, by the commands alone: a release that gives way to a newer one, the newer one, one that has
// nothing to do, one that is refused, and one that was rolled back before.
func TestExitCodesOfWaiting(t *testing.T) {
	account, run := lively(t, "good.yaml", func(target *release.Target, _ *rehearsal.Plan) { target.Concurrency = release.Supersede })
	first := string(run.Execution())
	run.Advance(5 * time.Minute)
	newer := account.started("--image", "orders-worker:release-43")
	if newer.StartedBy != "arn:aws:sts::123456789012:assumed-role/Lead/ben" {
		t.Errorf("%+v", newer)
	}
	account.waits(first, exitNotReleased, "superseded by the newer release")
	account.waits(string(newer.Release), exitOK, "Released")
	account.waits(string(account.started("--image", "orders-worker:release-43").Release), exitOK, "serves already; there is nothing to release")
	account.waits(string(account.started("--image", "orders-worker:no-such-tag").Release), exitNotReleased, "no such image")
	undone := account.started("--undo", string(newer.Release), "--reason", "slow")
	account.waits(string(undone.Execution), exitOK, "Released")
	if _, out, _ := account.call("", "status", "orders-worker", "-o", "json"); !strings.Contains(out, `"serves": "sha256:27a10adf`) {
		t.Errorf("undone, and what served before does not: %s", out)
	}
}

// A release that fails is told from one that is refused because it failed before, and that because an alarm fires.
func TestExitCodesOfWhatFails(t *testing.T) {
	account, run := lively(t, "bad.yaml", nil)
	account.waits(string(run.Execution()), exitRolledBack, "Rolled back")
	account.waits(string(account.started("--image", "orders-worker:release-42").Release), exitNotReleased, "it does not start again by itself")
	again := account.started("--image", "orders-worker:release-42", "--retry", "--reason", "once more")
	account.waits(string(again.Release), exitNotReleased, "orders-canary-failure-rate is in ALARM before the release")
}

// Whatever runs is stopped at once, for good: the baseline cannot be brought back, and whoever waits hears it by the exit code.
func TestExitCodeOfDirty(t *testing.T) {
	account, run := lively(t, "good.yaml", func(_ *release.Target, plan *rehearsal.Plan) {
		plan.Faults = func(uint64, int) []faults.Fault {
			return []faults.Fault{{Kind: faults.Besieged, At: 4 * time.Minute}}
		}
	})
	account.waits(string(run.Execution()), exitDirty, "Dirty: a person is needed")
	if code, out, _ := account.call("", "watch", "orders-worker"); code != exitDirty {
		t.Errorf("watch: exit %d, %s", code, out)
	}
}

// A Dirty release is given up: whoever waits for it hears that by the exit code, the target is free, and the same order once
// more is the same answer. What is not Dirty is refused, and what is under way goes on.
func TestExitCodesOfAbandoning(t *testing.T) {
	account, run := lively(t, "good.yaml", func(_ *release.Target, plan *rehearsal.Plan) {
		plan.Faults = func(uint64, int) []faults.Fault {
			return []faults.Fault{{Kind: faults.Besieged, At: 4 * time.Minute}}
		}
	})
	abandon := func(code int, says string, more ...string) string {
		t.Helper()
		got, out, errOut := account.call("", append([]string{"abandon", "orders-worker"}, more...)...)
		if got != code || !strings.Contains(out+errOut, says) || (code == exitOK) != (errOut == "") {
			t.Errorf("abandon %v: exit %d, want %d and %q: %s%s", more, got, code, says, out, errOut)
		}
		return out
	}
	abandon(exitBadInput, "--reason must be given")
	run.Advance(time.Minute)
	abandon(exitFailed, "only a release that is Dirty can be abandoned. To bring back what served before: serin rollback orders-worker", "--reason", "too early")
	account.waits(string(run.Execution()), exitDirty, "Dirty: a person is needed")
	account.pass(10 * time.Minute) // until no effect of an earlier call can land any more
	first := abandon(exitOK, "abandoned: its lock is free, and serin has changed nothing.", "--reason", "brought home by hand", "--id", "one")
	if again := abandon(exitOK, "aws ecs deregister-task-definition", "--reason", "brought home by hand", "--id", "one"); again != first {
		t.Errorf("%s, and once more:\n%s", first, again)
	}
	abandon(exitFailed, "ben abandoned the release: brought home by hand. serin brings nothing of it home any more", "--reason", "and again")
	account.waits("orders-worker", exitDirty, "Abandoned    the lock is free; serin has changed nothing with that")
	if _, out, _ := account.call("", "list"); !strings.Contains(out, "orders-worker  abandoned  ") {
		t.Errorf("list:\n%s", out)
	}
	if code, out, _ := account.call("", "history", "orders-worker", "--verify"); code != exitOK || !strings.Contains(out, "abandoned") {
		t.Errorf("history: exit %d\n%s", code, out)
	}
}
