// Package scripts_test runs the scripts that would be costly to get wrong, with stand-ins for AWS.
package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// aws is an AWS CLI that knows one core, in the account of one profile, with as many items in the ledger's index as the
// environment says.
const aws = `#!/bin/sh
[ "$AWS_PROFILE" = prod ] || { echo "no such parameter in the account of profile '$AWS_PROFILE'" >&2; exit 254; }
case "$*" in
*get-parameter*) echo "$CORE" ;;
*'"S":"open"'*) [ -n "$OPEN" ] || { echo "An error occurred (ThrottlingException)" >&2; exit 254; }; printf '%b\n' "$OPEN" ;;
*'"S":"line"'*) echo "$WAITING" ;;
*'"S":"left"'*) echo "$LEFT" ;;
*) echo "aws $* is not expected" >&2; exit 1 ;;
esac
`

// The core is not removed while a release needs it, whoever asks and however many there are, nor where nobody can tell.
func TestDestroyRefuses(t *testing.T) {
	const core = `{"schema":1,"table":"serin-ledger","stateMachine":"arn"}`
	for name, c := range map[string]struct {
		core, open, waiting, left string
		args                      []string
		code                      int
		says                      string
	}{
		"nothing is open":          {core, "0", "0", "0", []string{"--profile", "prod"}, 0, "Kept: the ledger's table serin-ledger"},
		"the other way of writing": {core, "0", "0", "0", []string{"--force", "--profile=prod"}, 0, "Kept:"},
		"something was left":       {core, "0", "0", "2", []string{"--profile", "prod"}, 0, "2 releases made something"},
		"a release is open":        {core, "1", "0", "0", []string{"--profile", "prod"}, 1, "1 releases are open"},
		"on the second page":       {core, `0\n3`, "0", "0", []string{"--profile", "prod"}, 1, "3 releases are open"},
		"somebody waits":           {core, "0", "1", "0", []string{"--profile", "prod"}, 1, "1 targets are waited for"},
		"another account":          {core, "0", "0", "0", nil, 2, "no serin to remove"},
		"no ledger":                {`{"schema":1}`, "0", "0", "0", []string{"--profile", "prod"}, 2, "names no table"},
		"nobody can tell":          {core, "", "0", "0", []string{"--profile", "prod"}, 254, "ThrottlingException"},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			script, err := os.ReadFile("destroy.sh")
			if err != nil {
				t.Fatal(err)
			}
			for path, text := range map[string]string{
				"scripts/destroy.sh": string(script), "bin/aws": aws, "scripts/cdk.sh": "#!/bin/sh\necho \"$*\" > removed\n",
			} {
				path = filepath.Join(home, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			command := exec.CommandContext(t.Context(), filepath.Join(home, "scripts/destroy.sh"), c.args...)
			command.Env = append(os.Environ(), "PATH="+filepath.Join(home, "bin")+":"+os.Getenv("PATH"),
				"AWS_PROFILE=", "CORE="+c.core, "OPEN="+c.open, "WAITING="+c.waiting, "LEFT="+c.left)
			said, err := command.CombinedOutput()
			if code := command.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(said), c.says) {
				t.Errorf("exit %d, want %d saying %q (%v):\n%s", code, c.code, c.says, err, said)
			}
			removed, err := os.ReadFile(filepath.Join(home, "removed"))
			if gone := err == nil; gone != (c.code == 0) || gone && !strings.HasPrefix(string(removed), "destroy "+strings.Join(c.args, " ")) {
				t.Errorf("removed: %t, by %q", gone, removed)
			}
		})
	}
}
