// Package scripts_test runs the scripts that would be costly to get wrong, with stand-ins for AWS.
package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// aws is an AWS CLI that knows one core, in the account of one profile. The environment says what the ledger's index lists,
// and in which phase releases are.
const aws = `#!/bin/sh
[ "$AWS_PROFILE" = prod ] || { echo "no such parameter in the account of profile '$AWS_PROFILE'" >&2; exit 254; }
case "$*" in
*get-parameter*) echo "$CORE" ;;
*'"S":"open"'*) [ "$OPEN" != throttled ] || { echo "An error occurred (ThrottlingException)" >&2; exit 254; }; printf '%b\n' "${OPEN:-None}" ;;
*'"S":"line"'*) echo "${WAITING:-None}" ;;
*'"S":"left"'*) echo "${LEFT:-None}" ;;
*get-item*) printf 'orders\t%s\n' "$PHASE" ;;
*) echo "aws $* is not expected" >&2; exit 1 ;;
esac
`

// The core is not removed while a release needs it, whoever asks and however many there are, nor where nobody can tell.
// Who says so may give up what is Dirty or left over, and nothing else.
func TestDestroyRefuses(t *testing.T) {
	const core = `{"schema":1,"table":"serin-ledger","stateMachine":"arn"}`
	const one = "release#r-0123456789ab"
	prod, abandon := []string{"--profile", "prod"}, []string{"--abandon", "--profile", "prod"}
	for name, c := range map[string]struct {
		core, open, phase, waiting, left string
		args                             []string
		code                             int
		says                             string
	}{
		"nothing is open":             {core, "", "", "", "", prod, 0, "Kept: the ledger's table serin-ledger"},
		"the other way of writing":    {core, "", "", "", "", []string{"--force", "--profile=prod"}, 0, "Kept:"},
		"something was left":          {core, "", "Released", "", one, prod, 1, "orders  r-0123456789ab is Released and left something"},
		"what was left is given up":   {core, "", "Released", "", one, abandon, 0, "now yours:\n  orders  r-0123456789ab: remove by hand what has the tag serin:release=r-0123456789ab"},
		"a release is open":           {core, one, "Baking", "", "", prod, 1, "orders  r-0123456789ab is Baking: let it end, or: serin stop orders"},
		"an open one is not given up": {core, one, "Baking", "", "", abandon, 1, "is Baking: let it end"},
		"on the second page":          {core, `None\n` + one, "Baking", "", "", prod, 1, "r-0123456789ab is Baking"},
		"one is Dirty":                {core, one, "Dirty", "", "", prod, 1, "is Dirty: mend what stands in the way (serin status r-0123456789ab), then: serin recover r-0123456789ab"},
		"a Dirty one is given up":     {core, one, "Dirty", "", "", abandon, 0, "is Dirty: bring home by hand what it moved"},
		"somebody waits":              {core, "", "", "target#orders", "", prod, 1, "orders  is waited for"},
		"one that waits stays":        {core, "", "", "target#orders", "", abandon, 1, "orders  is waited for"},
		"another account":             {core, "", "", "", "", nil, 2, "no serin to remove"},
		"no ledger":                   {`{"schema":1}`, "", "", "", "", prod, 2, "names no table"},
		"nobody can tell":             {core, "throttled", "", "", "", prod, 254, "ThrottlingException"},
		"nobody can tell a phase":     {core, one, "", "", "", abandon, 1, "r-0123456789ab is "},
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
				"AWS_PROFILE=", "CORE="+c.core, "OPEN="+c.open, "PHASE="+c.phase, "WAITING="+c.waiting, "LEFT="+c.left)
			said, err := command.CombinedOutput()
			if code := command.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(said), c.says) {
				t.Errorf("exit %d, want %d saying %q (%v):\n%s", code, c.code, c.says, err, said)
			}
			removed, err := os.ReadFile(filepath.Join(home, "removed"))
			if gone := err == nil; gone != (c.code == 0) || gone && !strings.HasPrefix(string(removed), "destroy "+strings.ReplaceAll(strings.Join(c.args, " "), "--abandon ", "")) {
				t.Errorf("removed: %t, by %q", gone, removed)
			}
		})
	}
}
