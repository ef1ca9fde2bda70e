//go:build emulator

package emulator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refusals holds scripts/verify-aws.sh to its promise: without the right account, named, and empty of serin, it does
// nothing. The emulator is the account.
func refusals(t *testing.T, w *world) {
	for name, test := range map[string]struct{ account, region, says string }{
		"no account":         {"", region, "name the account"},
		"no account's id":    {"production", region, "name the account"},
		"no option":          {"--all", region, "--all is no option"},
		"another account":    {"999999999999", region, "are of account " + account + " and not of 999999999999"},
		"no region":          {account, "", "AWS_REGION is not set"},
		"serin is installed": {account, region, "serin is installed in account " + account},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifyAWS(t, w.as("AWS_REGION="+test.region), test.account)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "nothing was done") {
				t.Errorf("want %q, got %v", test.says, err)
			}
		})
	}
}

// verifyAWS runs the script with the AWS CLI of the tests, and with a Docker that it needs to find.
func verifyAWS(t *testing.T, c cli, args ...string) ([]byte, error) {
	t.Helper()
	docker := t.TempDir()
	if err := os.WriteFile(filepath.Join(docker, "docker"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return c.as("PATH="+absolute(tools)+":"+docker+":"+os.Getenv("PATH")).run(t, "../../scripts/verify-aws.sh", args...)
}

// cleaning makes in another account what verify-aws makes there, and deletes it as verify-aws does: nothing remains,
// and the script would begin anew.
func cleaning(t *testing.T, w *world) {
	const other = "210987654321"
	there := *w
	there.cli, there.account, there.named = w.as("AWS_ACCESS_KEY_ID="+other), other, prefix+"-"
	if _, err := verifyAWS(t, there.cli, "--dry-run", other); err != nil {
		t.Fatalf("an empty account is refused: %v", err)
	}
	there.deploy(t, prefix, there.assets())
	load := &workload{world: &there, name: there.named + "good"}
	load.stack(t, load.name, body(encode(t, load.template(0))))
	load.install(t)
	load.aws(t, "ecs", "register-task-definition", "--family", load.name, "--container-definitions", `[{"name":"worker","image":"x"}]`)
	for _, r := range there.resources(t, prefix) {
		if r.ResourceType == "AWS::S3::Bucket" {
			for range 2 { // two versions of a report
				there.aws(t, "s3api", "put-object", "--bucket", r.PhysicalResourceID, "--key", "report.html", "--body", "doc.go")
			}
		}
	}
	if left := there.remains(t); len(left) < 8 {
		t.Fatalf("there is little to delete: %v", left)
	}
	if _, err := verifyAWS(t, there.cli, "--dry-run", other); err == nil || !strings.Contains(err.Error(), "serin is installed") {
		t.Errorf("an account with serin is taken: %v", err)
	}
	there.clean(t)
	if left := there.remains(t); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	out, err := verifyAWS(t, there.cli, "--dry-run", other)
	if err != nil || !strings.Contains(string(out), "Nothing was done") {
		t.Errorf("the account is not as it was: %v", err)
	}
}
