// Package scripts_test runs the scripts that would be costly to get wrong, with stand-ins for AWS.
package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// destroyed runs destroy.sh in an account: parameter is what /serin/core holds, open how many releases are open, as the
// AWS CLI prints it; where one is empty the call fails. It returns what the CDK was asked to do.
func destroyed(t *testing.T, parameter, open string) (code int, cdk, said string) {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("aws", `case "$1" in
ssm) [ -n "$PARAMETER" ] || { echo "An error occurred (ParameterNotFound)" >&2; exit 254; }; printf '%s\n' "$PARAMETER";;
dynamodb) case "$*" in *"--table-name ledger --index-name open"*) ;; *) echo "what table? $*" >&2; exit 254;; esac
  [ -n "$OPEN" ] || { echo "An error occurred (ThrottlingException)" >&2; exit 254; }; printf '%s\n' "$OPEN";;
esac
`)
	asked := filepath.Join(folder, "asked")
	command := exec.Command("bash", "destroy.sh", "--force")
	command.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "PARAMETER="+parameter, "OPEN="+open, "CDK="+write("cdk", "echo \"$@\" > "+asked+"\n"))
	out, err := command.CombinedOutput()
	if err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(asked) // it is not there where the CDK was not asked
	return command.ProcessState.ExitCode(), strings.TrimSpace(string(text)), string(out)
}

// Nothing is removed while a release is open, or while nobody can tell.
func TestDestroy(t *testing.T) {
	const core = `{"schema":1,"stateMachine":"arn","table":"ledger","topic":"arn"}`
	for name, c := range map[string]struct {
		parameter, open string
		code            int
		cdk, says       string
	}{
		"nothing open":    {core, "0", 0, "destroy --force", "Kept: the ledger's table ledger"},
		"two open":        {core, "2", 1, "", "2 releases are open"},
		"no serin":        {"", "0", 2, "", "no serin to remove"},
		"another's":       {`{"hello":1}`, "0", 2, "", "names no table"},
		"nobody can tell": {core, "", 254, "", "ThrottlingException"},
	} {
		code, cdk, said := destroyed(t, c.parameter, c.open)
		if code != c.code || cdk != c.cdk || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit %d, the CDK was asked %q, %s", name, code, cdk, said)
		}
	}
}
