//go:build aws

package emulator

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The same scenarios on AWS itself, for whoever has an account for it: make verify-aws ACCOUNT=<its id>.

// pause is how long it takes to look again. DescribeExecution, for one, is allowed ten times a second.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const pause = 5 * time.Second

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
	w.mayRunTasks(t)
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

// mayRunTasks makes the role with which ECS works in an account, where ECS has never been used. It stays.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
func (w *world) mayRunTasks(t *testing.T) {
	t.Helper()
	_, err := w.run(t, w.awsProgram, "iam", "create-service-linked-role", "--aws-service-name", "ecs.amazonaws.com")
	if err != nil && !strings.Contains(err.Error(), "has been taken in this account") {
		t.Fatal(err)
	}
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
