package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// call runs serin as a shell would, and returns what came out.
func call(in string, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = run(args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

const example = "../../examples/orders-worker/target.yaml"

func TestValidate(t *testing.T) {
	code, out, errOut := call("", "validate", example)
	if code != exitOK || errOut != "" {
		t.Errorf("exit %d, %s", code, errOut)
	}
	golden.Text(t, "validate", out)
}

func TestValidateShow(t *testing.T) {
	code, out, errOut := call("", "validate", "--show", example)
	if code != exitOK || errOut != "" {
		t.Errorf("exit %d, %s", code, errOut)
	}
	golden.Text(t, "validate-show", out)
	if code, again, _ := call(out, "validate", "--show", "-"); code != exitOK || strings.ReplaceAll(out, " # default", "") != again {
		t.Errorf("the effective file is not its own effective file:\n%s", again)
	}
}

const least = `name: orders-worker
platform: ecs-queue
ecsQueue: {cluster: prod, primaryService: orders-worker, canaryService: orders-worker-canary, container: worker, queue: orders}
plan: {steps: [{weight: 10, bake: 10m}, {weight: 25, bake: 10m}], deadline: 1h}
checks: {alarms: [orders-dlq-not-empty]}
`

// Every kind of bad input is told as such: exit 2, nothing on standard output, the place of each mistake.
func TestValidateBadInput(t *testing.T) {
	var all strings.Builder
	for _, c := range []struct{ name, old, new string }{
		{"unknown field", "deadline: 1h", "deadlin: 1h"},
		{"duplicate key", "deadline: 1h", "deadline: 1h, deadline: 2h"},
		{"wrong type", "weight: 10,", "weight: ten,"},
		{"unknown platform", "ecs-queue", "kubernetes"},
		{"weights that do not rise", "weight: 25", "weight: 10"},
		{"weights above 100", "weight: 25", "weight: 125"},
		{"bake longer than the deadline", "deadline: 1h", "deadline: 15m"},
		{"YAML anchor", "bake: 10m}, ", "bake: &b 10m}, "},
		{"YAML alias", "bake: 10m}]", "bake: *b}]"},
		{"several mistakes", "deadline: 1h", "deadline: 1, settle: x, preset: AllAtOnce"},
		{"an empty file", least, ""},
		{"a file of 10 MB", least, strings.Repeat(least, 10<<20/len(least)+1)},
	} {
		text := strings.Replace(least, c.old, c.new, 1)
		code, out, errOut := call(text, "validate", "-")
		if code != exitBadInput || out != "" {
			t.Errorf("%s: exit %d, %s", c.name, code, out)
		}
		fmt.Fprintf(&all, "== %s\n%s", c.name, errOut)
		path := filepath.Join(t.TempDir(), "orders.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, fromFile := call("", "validate", path); code != exitBadInput || fromFile != strings.ReplaceAll(errOut, "(standard input)", path) {
			t.Errorf("%s: a file ends with %d and\n%s", c.name, code, fromFile)
		}
	}
	golden.Text(t, "bad-input", all.String())
}

func TestNotesGoToStandardError(t *testing.T) {
	code, out, errOut := call(least, "validate", "--show", "-")
	if code != exitOK || !strings.HasPrefix(errOut, "note: nothing compares the canary") || strings.Contains(out, "note") {
		t.Errorf("exit %d\n%s\n%s", code, out, errOut)
	}
}

func TestPlanLine(t *testing.T) {
	for plan, want := range map[string]string{
		"{preset: AllAtOnce}":                                                 "everything at once, settle 15m",
		"{preset: Canary10Percent15Minutes}":                                  "10 % for 15m; settle 15m; deadline 3h",
		"{preset: Linear10PercentEvery5Minutes}":                              "10 % for 5m, 20 % for 5m, 30 % for 5m, ... (9 steps), 90 % for 5m; settle 15m; deadline 3h",
		"{steps: [{weight: 5, bake: 5m, approval: required}, {weight: 100}]}": "5 % for 5m and an approval, all; settle 15m; deadline 3h",
	} {
		target, err := targetfile.Parse("a.yaml", []byte(strings.Replace(least, "{steps: [{weight: 10, bake: 10m}, {weight: 25, bake: 10m}], deadline: 1h}", plan, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := planLine(target.Plan); got != want {
			t.Errorf("%s: %q, want %q", plan, got, want)
		}
	}
}

// A share that no binary number is exactly stands there as it was written.
func TestChecksLine(t *testing.T) {
	for share, want := range map[float64]string{.01: "1 %", .07: "7 %", .0125: "1.25 %", .000001: "0.0001 %"} {
		if got := checksLine(release.Checks{FalseRollback: share}); !strings.HasSuffix(got, "in at most "+want+" of releases") {
			t.Errorf("%v: %s", share, got)
		}
	}
}

func TestSchema(t *testing.T) {
	for _, args := range [][]string{{"schema"}, {"schema", "target"}, {"schema", "scenario"}} {
		code, out, errOut := call("", args...)
		var schema struct{ Title string }
		if err := json.Unmarshal([]byte(out), &schema); err != nil || code != exitOK || errOut != "" {
			t.Errorf("%v: exit %d, %v, %s", args, code, err, errOut)
		}
		if want := "serin " + args[len(args)-1]; len(args) == 2 && schema.Title != want {
			t.Errorf("%v prints the schema of %s", args, schema.Title)
		}
	}
}

// Wrong use is bad input, and says where help is.
func TestWrongUse(t *testing.T) {
	for args, want := range map[string]string{
		"valdate":             "serin: unknown command \"valdate\" for \"serin\"; did you mean validate?\nSee serin --help\n",
		"validate":            "serin: FILE is missing\nSee serin validate --help\n",
		"validate a b":        "serin: one FILE is wanted, but \"b\" was given, too\nSee serin validate --help\n",
		"validate --shwo a":   "serin: unknown flag: --shwo\nSee serin validate --help\n",
		"proxy":               "serin: render is missing\nSee serin proxy --help\n",
		"proxy render again":  "serin: one subcommand is wanted, but \"again\" was given, too\nSee serin proxy --help\n",
		"schema report":       "serin: schema is \"report\" but must be target, scenario, event or ledger\nSee serin schema --help\n",
		"schema target event": "serin: one schema is wanted, but \"event\" was given, too\nSee serin schema --help\n",
		"completion tcsh":     "serin: shell is \"tcsh\" but must be bash, fish, powershell or zsh\nSee serin completion --help\n",
		"help valdate":        "serin: unknown command \"valdate\" for \"serin\"; did you mean validate?\nSee serin help --help\n",
		"history a --days x":  "serin: --days \"x\": a whole number is wanted\nSee serin history --help\n",
		"rehearse --seed -1":  "serin: --seed \"-1\": a whole number, not below 0, is wanted\nSee serin rehearse --help\n",
		"rehearse --runs 9e9": "serin: --runs \"9e9\": a whole number is wanted\nSee serin rehearse --help\n",
		"rehearse --runs " + strings.Repeat("9", 20): "serin: --runs " + strings.Repeat("9", 20) + ": the number is too large\nSee serin rehearse --help\n",
		"start a --wait=soon":                        "serin: --wait \"soon\": true or false is wanted\nSee serin start --help\n",
		"validate a --rate 3/s":                      "serin: --rate and --failures go together: both must be given, or neither\n",
		"validate nofile.yml":                        "serin: open nofile.yml: no such file or directory\n",
		"validate testdata":                          "serin: read testdata: is a directory\n",
	} {
		if code, out, errOut := call("", strings.Fields(args)...); code != exitBadInput || out != "" || errOut != want {
			t.Errorf("serin %s: exit %d, %q, %q", args, code, out, errOut)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"help", "validate"}, {"validate", "--help"}, {"schema", "--help"}, {"rehearse", "--help"}, {}, {"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}} {
		if code, out, errOut := call("", args...); code != exitOK || errOut != "" || len(out) < 200 {
			t.Errorf("serin %v: exit %d, %s%s", args, code, out, errOut)
		}
	}
	for _, command := range commands(theWorld()) {
		if command.Example == "" || !strings.Contains(command.Long, "\n\nExit codes: ") {
			t.Errorf("serin %s has no example, or does not say what its exit codes mean", command.Name())
		}
	}
}

// The shell offers files where a file belongs, and values where they are known.
func TestCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"validate ": "yaml\nyml\njson\n:8\n",
		"schema ":   "target\nscenario\nevent\nledger\n:4\n",

		"rehearse -f ":         "yaml\nyml\njson\n:8\n",
		"rehearse --scenario ": "yaml\nyml\njson\n:8\n",
		"rehearse --report ":   "html\n:8\n",
		"rehearse -o ":         "text\njson\n:4\n",
		"rehearse --through ":  "types\nsdk\n:4\n",
		"rehearse --seed ":     ":4\n",
	} {
		_, out, _ := call("", append([]string{"__complete"}, strings.Split(args, " ")...)...)
		if out != want {
			t.Errorf("%q completes to %q", args, out)
		}
	}
}
