//go:build emulator || aws

package emulator

import (
	"path/filepath"
	"testing"
	"time"
)

// Where things are, seen from this folder. The Makefile builds the programs and synthesizes the template.
const (
	folder    = "../../build/e2e/run" // everything that is logged
	synthetic = "../../build/e2e/cdk.out"
	bootstrap = "/" + prefix + "/bootstrap" // the parameter for which the CDK's template asks
)

var (
	serinProgram   = absolute("../../build/e2e/serin")
	workerProgram  = absolute("../../build/e2e/worker")
	exampleProgram = absolute("../../build/e2e/example") // examples/queue-worker/worker
)

func absolute(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		panic(err)
	}
	return path
}

// world is an account with the core stack deployed.
type world struct {
	cli
	containers
	account, region string
	named           string   // begins the name of every target
	endpoint        string   // empty: AWS
	subnets         []string // that tasks run in
	unknown         []string // types of resources
	machine         string   // ARN
	puts            bool     // anybody may put events of aws.* sources
}

// containers is where the tasks run: processes of this machine, or Fargate.
type containers interface {
	// prepare makes a version known before there is a repository; so many of a thousand messages fail in it.
	prepare(w *workload, tag string, fail int)
	// push puts a version into the repository and returns its digest.
	push(t *testing.T, w *workload, tag string, fail int) string
	// running lists the digests of the tasks of a service that run.
	running(t *testing.T, w *workload, service string) []string
	// lines is what the target's workers wrote.
	lines(t *testing.T, w *workload) []line
}

// patience is how long anything may take. It says only when to give up: on a busy machine everything takes longer, and
// what has come about is seen at once.
const patience = 40 * time.Minute

// limit is when to give up what begins now: so long before go test does.
func limit(t *testing.T, before time.Duration) time.Time {
	end := time.Now().Add(patience)
	if last, ok := t.Deadline(); ok && last.Add(-before).Before(end) {
		return last.Add(-before)
	}
	return end
}

// until asks again and again, and fails the test when nothing came of it, while there is time to keep the evidence.
func until(t *testing.T, otherwise string, done func() bool) {
	t.Helper()
	began, end := time.Now(), limit(t, time.Minute)
	for !done() {
		if time.Now().After(end) {
			t.Fatalf("after %v: %s", time.Since(began).Round(time.Second), otherwise)
		}
		time.Sleep(pause)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Logf("%s: for %v this was so: %s", time.Now().Format(time.TimeOnly), took.Round(time.Second), otherwise)
	}
}
