//go:build emulator || aws

package emulator

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
const patience = 20 * time.Minute

// until asks again and again, and fails the test when nothing came of it, in good time before go test gives up.
func until(t *testing.T, otherwise string, done func() bool) {
	t.Helper()
	began := time.Now()
	end := began.Add(patience)
	if limit, ok := t.Deadline(); ok && limit.Add(-time.Minute).Before(end) {
		end = limit.Add(-time.Minute)
	}
	for !done() {
		if time.Now().After(end) {
			t.Fatalf("after %v: %s", time.Since(began).Round(time.Second), otherwise)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// deploy uploads what the synthesized stack refers to into a bucket, and creates the stack.
func (w *world) deploy(t *testing.T, name, bucket string) {
	t.Helper()
	type file struct {
		Source       struct{ Path string }
		Destinations map[string]struct{ BucketName, ObjectKey string }
	}
	text, err := os.ReadFile(synthetic + "/Serin.assets.json")
	if err != nil {
		t.Fatal(err)
	}
	assets := decode[struct{ Files map[string]file }](t, text).Files
	template, err := os.ReadFile(synthetic + "/Serin.template.json")
	if err != nil {
		t.Fatal(err)
	}
	w.aws(t, "s3", "mb", "s3://"+bucket, "--region", w.region) // in us-east-1 too, where s3api wants no constraint
	upload := t.TempDir()
	for _, asset := range assets {
		for _, to := range asset.Destinations {
			if !strings.HasSuffix(asset.Source.Path, ".template.json") {
				if err := os.Symlink(absolute(filepath.Join(synthetic, asset.Source.Path)), filepath.Join(upload, to.ObjectKey)); err != nil {
					t.Fatal(err)
				}
			}
			template = bytes.ReplaceAll(template, []byte(to.BucketName), []byte(bucket)) // the CDK's own is not asked for
		}
	}
	if err := os.WriteFile(filepath.Join(upload, "Serin.template.json"), w.known(t, template), 0o600); err != nil {
		t.Fatal(err)
	}
	w.aws(t, "s3", "cp", "--recursive", "--quiet", upload, "s3://"+bucket+"/")
	w.aws(t, "ssm", "put-parameter", "--name", bootstrap, "--type", "String", "--value", "30")
	at := w.endpoint + "/" + bucket
	if w.endpoint == "" {
		at = "https://" + bucket + ".s3." + w.region + ".amazonaws.com"
	}
	w.stack(t, name, "--template-url", at+"/Serin.template.json",
		"--parameters", "ParameterKey=BootstrapVersion,ParameterValue="+bootstrap)
	parameter := read[struct{ Parameter struct{ Value string } }](t, w.cli, "ssm", "get-parameter", "--name", "/serin/core")
	w.machine = decode[struct{ StateMachine string }](t, []byte(parameter.Parameter.Value)).StateMachine
}

// known leaves out of a template what this account's CloudFormation does not know.
func (w *world) known(t *testing.T, template []byte) []byte {
	t.Helper()
	if len(w.unknown) == 0 {
		return template
	}
	whole := decode[properties](t, template)
	resources := whole["Resources"].(properties)
	for name, resource := range resources {
		if kind := resource.(properties)["Type"]; slices.Contains(w.unknown, kind.(string)) {
			t.Logf("left out of the template: %s (%s)", name, kind)
			delete(resources, name)
		}
	}
	return []byte(encode(t, whole))
}

// stack creates a stack and waits for it.
func (w *world) stack(t *testing.T, name string, template ...string) {
	t.Helper()
	w.aws(t, append([]string{"cloudformation", "create-stack", "--stack-name", name, "--capabilities", "CAPABILITY_NAMED_IAM"}, template...)...)
	until(t, "stack "+name+" is not there", func() bool {
		status := w.stackStatus(t, name)
		if strings.Contains(status, "ROLLBACK") || strings.Contains(status, "FAILED") {
			t.Fatalf("stack %s: %s\n%s", name, status, w.aws(t, "cloudformation", "describe-stack-events", "--stack-name", name))
		}
		return status == "CREATE_COMPLETE"
	})
}
