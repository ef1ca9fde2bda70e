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

// TestVerifyAWS refuses unless it is told which account is meant and the credentials are of that one, and unless
// nothing of serin is there. What it makes, TestCleanAWS deletes: scripts/verify-aws.sh runs that whatever happens.
func TestVerifyAWS(t *testing.T) {
	w := onAWS(t)
	w.vacant(t)
	w.containers = &fargate{docker: program(t, "docker")}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, s := range read[struct{ Subnets []struct{ SubnetID string } }](t, w.cli, "ec2", "describe-subnets",
		"--filters", "Name=default-for-az,Values=true").Subnets {
		w.subnets = append(w.subnets, s.SubnetID)
	}
	if len(w.subnets) == 0 {
		t.Fatalf("account %s has no default subnets in %s; the workers need some with a way to the internet", w.account, w.region)
	}
	w.deploy(t, prefix, w.assets())
	t.Run("scenarios", func(t *testing.T) {
		for name, scenario := range scenarios {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				scenario(t, w)
			})
		}
	})
}

// TestCleanAWS deletes what TestVerifyAWS made, and nothing else: everything of it has a name of its own.
func TestCleanAWS(t *testing.T) {
	w := onAWS(t)
	w.clean(t)
	if left := w.remains(t); len(left) > 0 {
		t.Errorf("left over, delete it by hand: %v", left)
	}
}

// onAWS is the account that was named.
func onAWS(t *testing.T) *world {
	t.Helper()
	w := &world{account: os.Getenv("ACCOUNT"), region: os.Getenv("AWS_REGION"), named: prefix + "-"}
	w.awsProgram = program(t, "aws")
	if len(w.account) != 12 || strings.Trim(w.account, "0123456789") != "" {
		t.Fatalf("ACCOUNT is %q but must be the 12 digits of the account that this may use and pay with: make verify-aws ACCOUNT=123456789012", w.account)
	}
	if w.region == "" {
		t.Fatal("AWS_REGION is not set; say in which region this may work")
	}
	if got := read[struct{ Account string }](t, w.cli, "sts", "get-caller-identity").Account; got != w.account {
		t.Fatalf("the credentials are of account %s and not of %s, which was named; nothing was done", got, w.account)
	}
	return w
}

func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is needed and not there", name)
	}
	return path
}

// vacant refuses an account and region where serin is, or something with the names that are to be made.
func (w *world) vacant(t *testing.T) {
	t.Helper()
	if out, err := w.run(t, w.awsProgram, "ssm", "get-parameter", "--name", "/serin/core"); err == nil {
		t.Fatalf("serin is installed in account %s, region %s; this would be in its way, take another account or region; nothing was done\n%s", w.account, w.region, out)
	} else if !strings.Contains(err.Error(), "ParameterNotFound") {
		t.Fatalf("it cannot be seen whether serin is installed; nothing was done: %v", err)
	}
	if there := w.remains(t); len(there) > 0 {
		t.Fatalf("this is there already, perhaps of a run before: %v; scripts/verify-aws.sh --clean %s deletes it; nothing was done", there, w.account)
	}
}

// fargate is where the tasks run on AWS.
type fargate struct{ docker string }

func (f *fargate) prepare(*workload, string, int) {}

// push builds an image of the worker and pushes it.
func (f *fargate) push(t *testing.T, w *workload, tag string, fail int) string {
	t.Helper()
	context := t.TempDir()
	program, share := workerProgram, fmt.Sprint(fail)
	if w.example {
		program, share = exampleProgram, fmt.Sprint(float64(fail)/1000)
	}
	worker, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	image := w.repository() + ":" + tag
	recipe := fmt.Sprintf("FROM public.ecr.aws/docker/library/alpine:3.22\nCOPY worker /worker\nENV FAIL=%s VERSION=%s LEDGER=/dev/stdout\nENTRYPOINT [\"/worker\"]\n", share, tag)
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
		"--log-group-name", "/serin-verify/"+w.name, "--filter-pattern", `{ $.receive > 0 }`).Events {
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
