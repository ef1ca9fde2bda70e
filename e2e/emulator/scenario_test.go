//go:build emulator || aws

package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// scenarios are run side by side, each on a target of its own.
var scenarios = map[string]func(*testing.T, *world){
	"a good version that somebody approves is promoted": good, "a bad version is rolled back": bad,
	"a stop in the middle is recovered": stopped, "a newer version supersedes": superseded,
	"a permission that is taken away ends in a rollback": denied,
}

// good is started and approved by people who may do just that.
func good(t *testing.T, world *world) {
	w := &workload{world: world, name: world.named + "good", step: ", approval: required"}
	w.create(t)
	digest := w.image(t, "by-hand-2", 0)
	anna, ben := w.person(t, "anna"), w.person(t, "ben")
	id := anna.start(t, w.name, w.name+":by-hand-2")
	watched := make(chan string)
	go func() {
		out, err := ben.run(t, serinProgram, "watch", id)
		watched <- fmt.Sprint(string(out), err)
	}()
	until(t, "nobody is asked for an approval", func() bool {
		time.Sleep(4 * time.Second) // each look asks the whole story
		return anna.status(t, id).Approval
	})
	if by := anna.status(t, id).StartedBy; !strings.HasSuffix(by, "/anna") {
		t.Errorf("anna started it, and %q stands in the ledger", by)
	}
	w.forged(t, anna, id)
	if out := anna.exits(t, 2, "approve", w.name, "--reason", "it is mine"); !strings.Contains(out, "somebody else must approve it") {
		t.Errorf("whoever started a release approves it: %s", out)
	}
	ben.exits(t, 0, "approve", w.name, "--reason", "the canary looks well")
	ben.exits(t, 0, "status", id, "--wait")
	w.ends(t, anna.status(t, id).Executions[0], "SUCCEEDED", "")
	w.serves(t, digest)
	if out := <-watched; !strings.Contains(out, "ben approved: the canary looks well") || !strings.HasSuffix(out, "<nil>") {
		t.Errorf("serin watch: %s", out)
	}
	w.told(t, id, "released")
	w.settle(t, "")
}

// forged tries to start a release in another's name: by who may start releases, and by who may start executions.
func (w *workload) forged(t *testing.T, starter cli, id string) {
	t.Helper()
	input := aws.ToString(w.execution(t, w.status(t, id).Executions[0]).Input)
	start := []string{"stepfunctions", "start-execution", "--state-machine-arn", w.machine, "--name", w.name + "-forged", "--input", input}
	if out, err := starter.run(t, starter.awsProgram, start...); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("who may start releases starts executions: %s, %v", out, err)
	}
	forged := read[struct{ ExecutionArn string }](t, w.cli, start...).ExecutionArn
	if e := w.end(t, forged); e.Error != "Refused" || !strings.Contains(e.Cause, "has asked for something else, or under another name") {
		t.Errorf("%s was started in another's name, and ended %+v", forged, e)
	}
}

// superseded gives way to a newer version. Its workers are the example's.
func superseded(t *testing.T, world *world) {
	w := &workload{world: world, name: world.named + "superseded", concurrency: "supersede", example: true}
	w.create(t)
	older := w.image(t, "release-2", 0)
	w.tell(t, older, "release-2")
	first := w.executions(t, 1)[0]
	w.canaryRuns(t, older)
	newer := w.image(t, "release-3", 0)
	w.tell(t, newer, "release-3")
	second := w.another(t, first)
	w.ends(t, first, "FAILED", "RolledBack")
	w.exits(t, 5, "status", first, "--wait")
	w.canaryRuns(t, newer)
	w.exits(t, 0, "promote", w.name, "--now", "--without-data", "--reason", "e2e: other scenarios wait for the evidence")
	w.ends(t, second, "SUCCEEDED", "")
	w.serves(t, newer)
	if b := w.settle(t, ""); b.dead > 0 {
		t.Errorf("no version failed a message, and %d lie in the DLQ", b.dead)
	}
}

func bad(t *testing.T, world *world) {
	w := &workload{world: world, name: world.named + "bad", poison: 300}
	before := w.create(t)
	digest := w.image(t, "release-2", 400)
	times := w.tell(t, digest, "release-2") + w.tell(t, digest, "release-2") // twice, as EventBridge may
	outcomes, rolledBack := map[string]int{}, ""
	for _, execution := range w.executions(t, max(1, times)) {
		outcome := w.end(t, execution).Error
		if outcomes[outcome]++; outcome == "RolledBack" {
			rolledBack = execution
		}
	}
	if outcomes["RolledBack"] != 1 {
		t.Fatalf("one push that was told %d times ended %v", times, outcomes)
	}
	w.serves(t, before)
	w.exits(t, 3, "status", rolledBack, "--wait")
	w.told(t, rolledBack, "rolledBack")
	if b := w.settle(t, digest); b.failedBy[digest] == 0 {
		t.Error("the bad version failed no message: it never worked")
	}
}

func stopped(t *testing.T, world *world) {
	w := &workload{world: world, name: world.named + "stopped", poison: 500}
	before := w.create(t)
	digest := w.image(t, "by-hand-2", 0)
	execution := w.startExecution(t, w.asked("by-hand-2"))
	w.canaryRuns(t, digest)
	w.aws(t, "stepfunctions", "stop-execution", "--execution-arn", execution, "--cause", "e2e: somebody pressed Stop execution")
	w.ends(t, execution, "ABORTED", "")
	if w.puts {
		w.event(t, w.ended(t, execution)) // once more: Step Functions has told it already
	}
	w.ends(t, w.another(t, execution), "SUCCEEDED", "")
	w.serves(t, before)
	w.settle(t, "")
	if all := w.list(t, w.name); len(all) != 2 {
		t.Errorf("a stop that was told twice led to these executions: %v", all)
	}
}

const noMetrics = "no-metrics" // a policy

// denied loses the permission to read metrics while the canary bakes: check-alarms fails, and the baseline comes back.
func denied(t *testing.T, world *world) {
	w := &workload{world: world, name: world.named + "denied", single: true}
	before := w.create(t)
	digest := w.image(t, "by-hand-2", 0)
	execution := w.startExecution(t, w.asked("by-hand-2"))
	w.canaryRuns(t, digest)
	role := []string{"--role-name", "serin-" + w.name + "-look", "--policy-name", noMetrics}
	w.aws(t, append([]string{
		"iam", "put-role-policy", "--policy-document",
		encode(t, properties{"Version": "2012-10-17", "Statement": properties{"Effect": "Deny", "Action": "cloudwatch:*", "Resource": "*"}}),
	}, role...)...)
	w.ends(t, execution, "FAILED", "RolledBack")
	w.aws(t, append([]string{"iam", "delete-role-policy"}, role...)...)
	w.serves(t, before)
	w.told(t, execution, "rolledBack")
	w.settle(t, "")
}
