//go:build emulator || aws

package emulator

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// How much of everything a target has.
const (
	primaryTasks = 3
	maxReceives  = 5
	perSecond    = 20 // messages
	batch        = 10
	least        = 5000 // messages in all
)

// workload is one target: a queue, two services that read it, images, and a producer.
type workload struct {
	*world
	name    string
	example bool              // its workers are the example's, which write down nothing of a message
	poison  int               // every n'th message fails in every version; 0: none
	sent    int               // messages
	stop    func()            // of the producer
	tags    map[string]string // of digests
	dead    map[int]bool      // messages that lay in the DLQ

	step, concurrency string // more of the target's file
}

func (w *workload) repository() string {
	return w.account + ".dkr.ecr." + w.region + ".amazonaws.com/" + w.name
}

func (w *workload) queue(suffix string) string {
	host := w.endpoint
	if host == "" {
		host = "https://sqs." + w.region + ".amazonaws.com"
	}
	return host + "/" + w.account + "/" + w.name + suffix
}

// create makes the target's stack, its first version, what serin needs of it, and lets the work begin. It returns the
// first version's digest.
func (w *workload) create(t *testing.T) (digest string) {
	t.Helper()
	w.prepare(w, "release-1", 0)
	w.stack(t, w.name, "--template-body", encode(t, w.template(0)))
	digest = w.push(t, w, "release-1", 0)
	w.scale(t)
	w.aws(t, "cloudwatch", "set-alarm-state", "--alarm-name", w.name+"-dlq", "--state-value", "OK", "--state-reason", "no data yet")
	w.serves(t, digest)
	w.install(t)
	t.Cleanup(func() { w.evidence(t, w.name) })
	w.produce(t)
	return digest
}

// install makes the roles for serin, and writes the target's parameter.
func (w *workload) install(t *testing.T) {
	t.Helper()
	file := filepath.Join(folder, w.name+".target.yaml")
	if err := os.WriteFile(file, []byte(w.target()), 0o600); err != nil {
		t.Fatal(err)
	}
	w.stack(t, w.name+"-serin", "--template-body", w.serin(t, "iam", "-f", file), "--parameters",
		"ParameterKey=SerinAccount,ParameterValue="+w.account, "ParameterKey=PassRoles,ParameterValue="+w.role())
	w.serin(t, "apply", "-f", file)
}

// role is what the tasks run with.
func (w *workload) role() string { return "arn:aws:iam::" + w.account + ":role/" + w.name + "-task" }

// policy is one of the core stack's for people.
func (w *workload) policy(may string) string {
	return "arn:aws:iam::" + w.account + ":policy/serin-" + may + "-" + w.region
}

// scale starts the tasks, now that there is an image.
func (w *workload) scale(t *testing.T) {
	t.Helper()
	for service, tasks := range w.services() {
		w.aws(t, "ecs", "update-service", "--cluster", w.name, "--service", service, "--desired-count", strconv.Itoa(tasks), "--force-new-deployment")
	}
}

func (w *workload) services() map[string]int {
	return map[string]int{w.name: primaryTasks, w.name + "-canary": 1}
}
