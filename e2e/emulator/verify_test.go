//go:build aws

package emulator

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The same scenarios on AWS itself, for whoever has an account for it: make verify-aws ACCOUNT=<its id>.

// prefix names everything that is made.
const prefix = "serin-verify"

// TestVerifyAWS refuses unless it is told which account is meant and the credentials are of that one, and unless
// nothing of serin is there. It deletes what it made, also when it fails.
func TestVerifyAWS(t *testing.T) {
	w := &world{account: os.Getenv("ACCOUNT"), region: os.Getenv("AWS_REGION")}
	w.awsProgram = program(t, "aws")
	w.permitted(t)
	w.containers = &fargate{docker: program(t, "docker")}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, s := range read[struct{ Subnets []struct{ SubnetId string } }](t, w.cli, "ec2", "describe-subnets",
		"--filters", "Name=default-for-az,Values=true").Subnets {
		w.subnets = append(w.subnets, s.SubnetId)
	}
	if len(w.subnets) == 0 {
		t.Fatalf("account %s has no default subnets in %s; the workers need some with a way to the internet", w.account, w.region)
	}
	t.Cleanup(func() { w.clean(t) })
	w.deploy(t, prefix, prefix+"-"+w.account+"-"+w.region)
	t.Run("scenarios", func(t *testing.T) {
		for name, scenario := range scenarios {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				scenario(t, w)
			})
		}
	})
}

func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is needed and not there", name)
	}
	return path
}

// permitted refuses everything but a clean start in the account that was named.
func (w *world) permitted(t *testing.T) {
	t.Helper()
	if len(w.account) != 12 || strings.Trim(w.account, "0123456789") != "" {
		t.Fatalf("ACCOUNT is %q but must be the 12 digits of the account that this may use and pay with: make verify-aws ACCOUNT=123456789012", w.account)
	}
	if w.region == "" {
		t.Fatal("AWS_REGION is not set; say in which region this may work")
	}
	if got := read[struct{ Account string }](t, w.cli, "sts", "get-caller-identity").Account; got != w.account {
		t.Fatalf("the credentials are of account %s and not of %s, which was named; nothing was done", got, w.account)
	}
	if out, err := w.run(t, w.awsProgram, "ssm", "get-parameter", "--name", "/serin/core"); err == nil {
		t.Fatalf("serin is installed in account %s, region %s; this would be in its way, take another account or region; nothing was done\n%s", w.account, w.region, out)
	} else if !strings.Contains(err.Error(), "ParameterNotFound") {
		t.Fatalf("it cannot be seen whether serin is installed; nothing was done: %v", err)
	}
}

// clean deletes the stacks, and what they keep on purpose when they are deleted.
func (w *world) clean(t *testing.T) {
	try := func(args ...string) {
		if _, err := w.run(t, w.awsProgram, args...); err != nil {
			t.Errorf("left over, delete it by hand: %v", err)
		}
	}
	kept := read[struct {
		StackResourceSummaries []struct{ ResourceType, PhysicalResourceId string }
	}](t, w.cli, "cloudformation", "list-stack-resources", "--stack-name", prefix).StackResourceSummaries
	for _, name := range []string{"good", "bad", "stopped"} {
		for _, stack := range []string{name + "-serin", name} {
			try("cloudformation", "delete-stack", "--stack-name", stack)
			try("cloudformation", "wait", "stack-delete-complete", "--stack-name", stack)
		}
		try("ssm", "delete-parameter", "--name", "/serin/targets/"+name)
	}
	for _, r := range kept {
		if r.ResourceType == "AWS::DynamoDB::Table" {
			try("dynamodb", "update-table", "--table-name", r.PhysicalResourceId, "--no-deletion-protection-enabled")
		}
	}
	try("cloudformation", "delete-stack", "--stack-name", prefix)
	try("cloudformation", "wait", "stack-delete-complete", "--stack-name", prefix)
	for _, r := range kept {
		switch r.ResourceType {
		case "AWS::DynamoDB::Table":
			try("dynamodb", "delete-table", "--table-name", r.PhysicalResourceId)
		case "AWS::S3::Bucket":
			try("s3", "rb", "--force", "s3://"+r.PhysicalResourceId)
		case "AWS::Logs::LogGroup":
			_, _ = w.run(t, w.awsProgram, "logs", "delete-log-group", "--log-group-name", r.PhysicalResourceId) // most go with the stack
		}
	}
	try("s3", "rb", "--force", "s3://"+prefix+"-"+w.account+"-"+w.region)
	try("ssm", "delete-parameter", "--name", "/serin-e2e/bootstrap")
}

// fargate is where the tasks run on AWS.
type fargate struct{ docker string }

func (f *fargate) prepare(*workload, string, int) {}

// push builds an image of the worker and pushes it.
func (f *fargate) push(t *testing.T, w *workload, tag string, fail int) string {
	t.Helper()
	context := t.TempDir()
	worker, err := os.ReadFile(workerProgram)
	if err != nil {
		t.Fatal(err)
	}
	image := w.repository() + ":" + tag
	recipe := fmt.Sprintf("FROM public.ecr.aws/docker/library/alpine:3.22\nCOPY worker /worker\nENV FAIL=%d VERSION=%s LEDGER=/dev/stdout\nENTRYPOINT [\"/worker\"]\n", fail, tag)
	for name, text := range map[string][]byte{"worker": worker, "Dockerfile": []byte(recipe)} {
		if err := os.WriteFile(filepath.Join(context, name), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := `set -eu -o pipefail
"$1" ecr get-login-password | "$2" login --username AWS --password-stdin "${3%%/*}"
"$2" build --platform linux/amd64 --tag "$3" "$4"
"$2" push "$3"`
	if _, err := w.run(t, "bash", "-c", script, "push", w.awsProgram, f.docker, image, context); err != nil {
		t.Fatal(err)
	}
	return read[struct {
		ImageDetails []struct{ ImageDigest string }
	}](t, w.cli, "ecr", "describe-images",
		"--repository-name", w.name, "--image-ids", "imageTag="+tag).ImageDetails[0].ImageDigest
}

func (f *fargate) running(t *testing.T, w *workload, service string) (digests []string) {
	t.Helper()
	tasks := read[struct{ TaskArns []string }](t, w.cli, "ecs", "list-tasks", "--cluster", w.name, "--service-name", service).TaskArns
	if len(tasks) == 0 {
		return nil
	}
	for _, task := range read[struct {
		Tasks []struct {
			LastStatus string
			Containers []struct{ ImageDigest string }
		}
	}](t, w.cli, append([]string{"ecs", "describe-tasks", "--cluster", w.name, "--tasks"}, tasks...)...).Tasks {
		if task.LastStatus == "RUNNING" {
			digests = append(digests, task.Containers[0].ImageDigest)
		}
	}
	return digests
}

// lines reads the workers' logs. A version is written by its tag there.
func (f *fargate) lines(t *testing.T, w *workload) (all []line) {
	t.Helper()
	for _, e := range read[struct{ Events []struct{ Message string } }](t, w.cli, "logs", "filter-log-events",
		"--log-group-name", "/serin-e2e/"+w.name, "--filter-pattern", `{ $.receive > 0 }`).Events {
		l := decode[line](t, []byte(e.Message))
		for digest, tag := range w.tags {
			if tag == l.Version {
				l.Version = digest
			}
		}
		all = append(all, l)
	}
	return all
}
