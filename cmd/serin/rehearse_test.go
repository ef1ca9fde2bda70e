package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/rehearsal"
)

const folder = "../../examples/orders-worker/"

// scenarioFile writes a scenario of the test into a folder of its own.
func scenarioFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func rehearseIt(target, scenario string, more ...string) (code int, out, errOut string) {
	return call("", append([]string{"rehearse", "-f", target, "--scenario", scenario}, more...)...)
}

// A version that is as good is promoted, a bad one rolled back: both are answers, so both end with 0.
func TestRehearseText(t *testing.T) {
	for name, headline := range map[string]string{"good": "\u2714 Released\n", "bad": "\u2716 Rolled back\n", "crash-loop": "\u2716 Rolled back\n"} {
		code, out, errOut := rehearseIt(example, folder+name+".yaml", "--seed", "1")
		if code != exitOK || errOut != "" || !strings.Contains(out, headline) {
			t.Errorf("%s: exit %d, %s", name, code, errOut)
		}
		golden.Text(t, "rehearse-"+name, out)
		if _, again, _ := rehearseIt(example, folder+name+".yaml", "--through", "sdk"); again != out {
			t.Errorf("%s: through the SDK another story is told:\n%s", name, again)
		}
	}
}

func TestRehearseReadsTheTargetFromStandardInput(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	code, out, errOut := call(string(text), "rehearse", "-f", "-", "--scenario", folder+"bad.yaml")
	if _, want, _ := rehearseIt(example, folder+"bad.yaml"); code != exitOK || out != want {
		t.Errorf("exit %d, %s\n%s", code, errOut, out)
	}
}

// took is the one thing that differs from run to run: how long it took on the wall clock.
var took = regexp.MustCompile(`in [0-9.]+ s \([0-9.,]+/s\)`)

func TestRehearseManyText(t *testing.T) {
	code, out, errOut := rehearseIt(example, folder+"bad.yaml", "--runs", "20")
	if code != exitOK || errOut != "" || !took.MatchString(out) {
		t.Errorf("exit %d, %s", code, errOut)
	}
	golden.Text(t, "rehearse-many", took.ReplaceAllString(out, "in 0.1 s (200/s)"))
}

// paths lists the fields of a JSON value: a.b.
func paths(v any, at string) []string {
	object, ok := v.(map[string]any)
	if !ok {
		return []string{at}
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(object)) {
		all = append(all, paths(object[key], strings.TrimPrefix(at+"."+key, "."))...)
	}
	return all
}

// Scripts rely on these fields, so none may go or change its name.
func TestRehearseJSON(t *testing.T) {
	contract := []string{
		"apiCalls.median", "costUSD.median", "detection.medianSeconds", "detection.p90Seconds", "exposed.medianFailures", "exposed.medianUnits",
		"outcomes.dirty", "outcomes.held", "outcomes.refused", "outcomes.released", "outcomes.rolledBack", "runs", "transitions.median", "violations",
	}
	rateAlarm := []string{ // of many runs
		"rateAlarm.detection.medianSeconds", "rateAlarm.detection.p90Seconds", "rateAlarm.fired", "rateAlarm.medianFailures", "rateAlarm.rule", "rateAlarm.runs",
	}
	for _, c := range []struct {
		scenario, runs string
		of             func(o outcomes) int
	}{
		{"good.yaml", "1", func(o outcomes) int { return o.Released }},
		{"bad.yaml", "1", func(o outcomes) int { return o.RolledBack }},
		{"bad.yaml", "20", func(o outcomes) int { return o.RolledBack }},
		{"quiet.yaml", "2", func(o outcomes) int { return o.Held }},
	} {
		code, out, errOut := rehearseIt(example, folder+c.scenario, "-o", "json", "--runs", c.runs)
		if code != exitOK || errOut != "" {
			t.Errorf("%s: exit %d, %s", c.scenario, code, errOut)
		}
		var all any
		var summary struct {
			Runs       int
			Outcomes   outcomes
			Violations []string
			Detection  struct{ MedianSeconds *float64 }
		}
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(out), &summary); err != nil {
			t.Fatal(err)
		}
		want := contract
		if c.runs != "1" {
			want = slices.Sorted(slices.Values(append(slices.Clone(contract), rateAlarm...)))
		}
		if got := paths(all, ""); !slices.Equal(got, want) {
			t.Errorf("the fields are %q", got)
		}
		if fmt.Sprint(summary.Runs) != c.runs || c.of(summary.Outcomes) != summary.Runs || summary.Violations == nil {
			t.Errorf("%s: %s", c.scenario, out)
		}
		if detected := summary.Detection.MedianSeconds != nil; detected != (c.scenario == "bad.yaml") {
			t.Errorf("%s: detection %t", c.scenario, detected)
		}
	}
}

type outcomes struct{ Released, RolledBack, Held int }

const (
	least50 = "workload: {rate: 50/s}\n"
	digest  = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// refusals are worlds that a release must not be started in: found by the functions, as on AWS.
var refusals = []struct{ name, scenario string }{
	{"image outside the target's repository", `revision: {image: "elsewhere:release-42"}`},
	{"image of another registry", `revision: {image: "docker.io/library/nginx:1"}`},
	{"tag without a digest", `world: {registry: {orders-worker: {release-41: "` + digest + `"}}}`},
	{"digest that is not there", `{revision: {image: "orders-worker@` + digest + `"}, world: {registry: {orders-worker: {}}}}`},
	{"task definition that is not there", `revision: {taskDefinition: "orders-worker:99"}`},
	{"primary service missing", `world: {services: {orders-worker: {missing: true}}}`},
	{"canary service missing", `world: {services: {orders-worker-canary: {missing: true}}}`},
	{"primary in a deployment", `world: {services: {orders-worker: {deploying: true}}}`},
	{"canary in a deployment", `world: {services: {orders-worker-canary: {deploying: true}}}`},
	{"task definition deregistered", `world: {services: {orders-worker: {inactive: true}}}`},
	{"canary on other capacity", `world: {services: {orders-worker-canary: {capacityProvider: FARGATE_SPOT}}}`},
}

// A refused release is bad input: exit 2, one line that says what, why and what would be right, and nothing else.
func TestRehearseRefusals(t *testing.T) {
	var all strings.Builder
	for _, c := range refusals {
		text := least50 + c.scenario + "\n"
		if strings.HasPrefix(c.scenario, "{") { // several parts
			text = strings.TrimSuffix(c.scenario, "}") + ", workload: {rate: 50/s}}\n"
		}
		path := scenarioFile(t, text)
		code, out, errOut := rehearseIt(example, path)
		if code != exitBadInput || out != "" || strings.Count(errOut, "\n") != 1 || strings.Count(errOut, "orders-worker is unchanged") != 1 {
			t.Errorf("%s: exit %d\n%s%s", c.name, code, out, errOut)
		}
		fmt.Fprintf(&all, "== %s\n%s", c.name, errOut)
		if code, out, many := rehearseIt(example, path, "--runs", "2"); code != exitBadInput || out != "" || many != errOut {
			t.Errorf("%s, twice: exit %d\n%s%s", c.name, code, out, many)
		}
		if code, out, inJSON := rehearseIt(example, path, "-o", "json"); code != exitBadInput || !strings.Contains(out, `"refused": 1`) || inJSON != errOut {
			t.Errorf("%s, in JSON: exit %d\n%s%s", c.name, code, out, inJSON)
		}
	}
	golden.Text(t, "refusals", all.String())
}

// An alarm of the target that the alarms file lacks does not exist in the account.
func TestRehearseUnknownAlarm(t *testing.T) {
	path := scenarioFile(t, least50+"alarms: alarms.json\n")
	other := `{"MetricAlarms": [{"AlarmName": "another", "Namespace": "A", "MetricName": "B", "Statistic": "Sum", "Period": 60,
		"EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}], "CompositeAlarms": []}`
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "alarms.json"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errOut := rehearseIt(example, path)
	if code != exitBadInput || out != "" || !strings.Contains(errOut, "no metric or composite alarm named orders-dlq-not-empty") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}

// What runs already is not released again; that is no error.
func TestRehearseNothingToRelease(t *testing.T) {
	service := `{image: "orders-worker:release-41", digest: "` + digest + `"}`
	path := scenarioFile(t, least50+"world:\n  services: {orders-worker: "+service+", orders-worker-canary: "+service+"}\n"+
		`  registry: {orders-worker: {release-41: "`+digest+`", release-42: "`+digest+"\"}}\n")
	if code, out, errOut := rehearseIt(example, path); code != exitOK || errOut != "" || !strings.Contains(out, "Nothing to release") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}

// Every mistake in a target is found before anything is rehearsed, with the words of serin validate.
func TestRehearseBadTarget(t *testing.T) {
	text := strings.Replace(least, "weight: 25", "weight: 10", 1)
	path := filepath.Join(t.TempDir(), "target.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, want := call("", "validate", path)
	if code, out, errOut := rehearseIt(path, folder+"bad.yaml"); code != exitBadInput || out != "" || errOut != want || want == "" {
		t.Errorf("exit %d, %s%s", code, out, errOut)
	}
}

// Every mistake in a scenario is told with its place.
func TestRehearseBadScenario(t *testing.T) {
	whole := least50 + "baseline: {failureRate: 0.2%}\ncanary: {failureRate: 3%}\n"
	var all strings.Builder
	for _, c := range []struct{ name, old, new string }{
		{"unknown field", "canary:", "canarie:"},
		{"duplicate key", "canary:", "baseline:"},
		{"wrong type", "50/s", "[50]"},
		{"share without percent", "3%", "0.03"},
		{"YAML anchor", "baseline: {failureRate: 0.2%}\ncanary: {failureRate: 3%}", "baseline: &b {failureRate: 0.2%}\ncanary: *b"},
		{"YAML alias", "{failureRate: 3%}", "*b"},
		{"trace that is not there", "rate: 50/s", "trace: nowhere.csv"},
		{"alarms that are not there", "baseline:", "alarms: nowhere.json\nbaseline:"},
		{"a rate and a trace", "rate: 50/s", "rate: 50/s, trace: nowhere.csv"},
		{"empty file", whole, ""},
		{"file of 10 MB", whole, strings.Repeat(whole, 10<<20/len(whole)+1)},
	} {
		path := scenarioFile(t, strings.Replace(whole, c.old, c.new, 1))
		code, out, errOut := rehearseIt(example, path)
		if code != exitBadInput || out != "" || !strings.HasPrefix(errOut, path) {
			t.Errorf("%s: exit %d\n%s%s", c.name, code, out, errOut)
		}
		fmt.Fprintf(&all, "== %s\n%s", c.name, strings.NewReplacer(path, "scenario.yaml", filepath.Dir(path)+"/", "").Replace(errOut))
	}
	golden.Text(t, "bad-scenario", all.String())
}

func TestRehearseWrongUse(t *testing.T) {
	nowhere := filepath.Join("testdata", "nowhere", "a.html")
	for args, want := range map[string]string{
		"":                                      "serin: --file and --scenario must be given\nSee serin rehearse --help\n",
		"-f TARGET":                             "serin: --scenario must be given\nSee serin rehearse --help\n",
		"-f TARGET --scenario BAD a":            "serin: \"a\" is not understood: everything is given by flags\nSee serin rehearse --help\n",
		"-f nofile --scenario BAD":              "serin: open nofile: no such file or directory\n",
		"-f TARGET --scenario nofile":           "serin: open nofile: no such file or directory\n",
		"-f TARGET --scenario BAD --runs 0":     "serin: --runs is 0 but must be from 1 to 10000000\n",
		"-f TARGET --scenario BAD --through x":  "serin: --through is \"x\" but must be types or sdk\n",
		"-f TARGET --scenario BAD -o yaml":      "serin: --output is \"yaml\" but must be text or json\n",
		"-f TARGET --scenario BAD --speed -1":   "serin: --speed is -1 but must be from 0 to 1000000\n",
		"-f TARGET --scenario BAD --speed NaN":  "serin: --speed is NaN but must be from 0 to 1000000\n",
		"-f TARGET --scenario BAD --report DIR": "serin: --report is testdata but must be a file's name, and that is none\n",
		"-f TARGET --scenario BAD --report OWN": "serin: --report is " + folder + "bad.yaml, which holds something else than a report; give another name, or remove it\n",
		"-f TARGET --scenario STICKY":           "serin: scenario: world.stickiness is for targets of ecs-alb, but orders-worker is of ecs-queue; leave it out, or rehearse another target\n",
		"-f TARGET --scenario COLD":             "serin: scenario: world.coldStart is for targets of lambda-alias, but orders-worker is of ecs-queue; leave it out, or rehearse another target\n",
		"-f TARGET --scenario BAD --report NO":  "serin: --report is " + nowhere + " but there is no folder testdata/nowhere; create it first\n",
	} {
		words := strings.Fields(strings.NewReplacer("TARGET", example, "BAD", folder+"bad.yaml", "DIR", "testdata", "NO", nowhere, "OWN", folder+"bad.yaml",
			"STICKY", "../../examples/shop-web/sticky.yaml", "COLD", "../../examples/orders-api/cold.yaml").Replace(args))
		if code, out, errOut := call("", append([]string{"rehearse"}, words...)...); code != exitBadInput || out != "" || errOut != want {
			t.Errorf("%s: exit %d, %q, %q", args, code, out, errOut)
		}
	}
}

// A report is whole or not there, and a rehearsal that did not work leaves an earlier one be.
func TestRehearseReport(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	const earlier = "<!DOCTYPE html>earlier"
	content := func() string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if err := os.WriteFile(path, []byte(earlier), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := scenarioFile(t, least50+refusals[0].scenario)
	for _, scenario := range []string{refused, "nofile"} {
		if code, _, _ := rehearseIt(example, scenario, "--report", path); code != exitBadInput || content() != earlier {
			t.Errorf("%s: exit %d, and the report is %.100s", scenario, code, content())
		}
	}
	code, out, errOut := rehearseIt(example, folder+"bad.yaml", "--report", path)
	one := content()
	if code != exitOK || !strings.Contains(out, "report         "+path) || !strings.Contains(one, "</html>") {
		t.Errorf("exit %d, %s\n%s", code, errOut, out)
	}
	if code, _, _ := rehearseIt(example, folder+"bad.yaml", "--report", path, "--runs", "2"); code != exitOK || content() != one {
		t.Errorf("exit %d; the first of two runs is not the one of the same seed", code)
	}
	for _, part := range []string{"checks:", "bad.yaml"} {
		if !strings.Contains(one, part) {
			t.Errorf("the report does not hold %s", part)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 {
		t.Errorf("left over: %v, %v", left, err)
	}
	link := filepath.Join(dir, "link.html")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	rehearseIt(example, folder+"good.yaml", "--report", link)
	if at, err := os.Lstat(link); err != nil || at.Mode()&os.ModeSymlink == 0 || content() == one {
		t.Errorf("the link is gone, or what it led to is as before: %v", err)
	}
}

// Whoever sees a broken invariant can see it again: a command for each seed, ten at most.
func TestBrokenInvariantsPrintTheReplay(t *testing.T) {
	r := rehearse{target: "my target.yaml", scenario: "it's.yaml", through: "sdk"}
	var text strings.Builder
	err := r.broken(context.Background(), nil, 2000, []rehearsal.Violation{{Seed: 7, Text: "lock kept"}, {Seed: 7, Text: "left over"}, {Seed: 9, Text: "lock kept"}}, &text)
	const flags = `serin rehearse -f 'my target.yaml' --scenario 'it'\''s.yaml' --seed `
	want := "seed 7: " + flags + "7 --through sdk\n  lock kept\n  left over\nseed 9: " + flags + "9 --through sdk\n  lock kept\n"
	if text.String() != want || err.Error() != "2 of 2000 runs broke an invariant; replay each with its command above" || exitCode(err) != exitFailed {
		t.Errorf("%s%v", text.String(), err)
	}
	text.Reset()
	var many []rehearsal.Violation
	for seed := range uint64(13) {
		many = append(many, rehearsal.Violation{Seed: seed, Text: "lock kept"})
	}
	err = r.broken(context.Background(), nil, 13, many, &text)
	if strings.Count(text.String(), "--seed") != mostTold || !strings.HasSuffix(text.String(), "and 3 seeds more\n") || !strings.HasPrefix(err.Error(), "13 of 13 runs") {
		t.Errorf("%s%v", text.String(), err)
	}
}

// What cannot be released to is refused from the command line as on AWS: before anything is changed, with what is wrong and
// what would be right.
func TestRehearseRefusalsOfOtherPlatforms(t *testing.T) {
	const alias, balanced, mirrored = "../../examples/orders-api/target.yaml", "../../examples/shop-web/target.yaml", "../../examples/catalogue/target.yaml"
	var told strings.Builder
	for _, c := range []struct{ name, target, scenario string }{
		{"$LATEST is released", alias, `revision: {version: "$LATEST"}`},
		{"the alias is on $LATEST", alias, `world: {function: {aliasOn: "$LATEST"}}`},
		{"there is no alias", alias, `world: {function: {aliasMissing: true}}`},
		{"another role", alias, `world: {function: {versions: {"8": {role: another}}}}`},
		{"another dead-letter queue", alias, `world: {function: {versions: {"8": {deadLetters: "arn:aws:sqs:eu-central-1:123456789012:dlq"}}}}`},
		{"the version was deleted", alias, `world: {function: {versions: {"8": {missing: true}}}}`},
		{"the version cannot be invoked", alias, `world: {function: {versions: {"8": {failed: true}}}}`},
		{"the version was put away", alias, `world: {function: {versions: {"8": {inactive: true}}}}`},
		{"somebody's weights", alias, `world: {function: {weights: {"6": 20%}}}`},
		{"provisioned concurrency is being prepared", alias, `world: {function: {preparing: true}}`},
		{"an image, and no repository", alias, `revision: {image: "orders-api:release-42"}`},
		{"code, and no bucket", alias, `revision: {code: "s3://orders-code/orders-api/release-42.zip"}`},
		{"a third target group", balanced, `world: {balancer: {third: true}}`},
		{"another protocol", balanced, `world: {balancer: {protocol: HTTPS}}`},
		{"another health check", balanced, `world: {balancer: {healthPath: /healthz}}`},
		{"the canary's group is not in the rule", balanced, `world: {balancer: {canaryLeft: true}}`},
		{"somebody's weight", balanced, `world: {balancer: {canaryWeight: 5}}`},
		{"a redirect", balanced, `world: {balancer: {redirects: true}}`},
		{"there is no rule", balanced, `world: {balancer: {ruleMissing: true}}`},
		{"a function's version", balanced, `revision: {version: "8"}`},
		{"a function's version in a mirrored service", mirrored, `revision: {version: "8"}`},
		{"a function's code", balanced, `revision: {code: "s3://orders-code/orders-api/release-42.zip"}`},
	} {
		code, out, errOut := rehearseIt(c.target, scenarioFile(t, "workload: {rate: 10/s, for: 1h}\n"+c.scenario+"\n"))
		if code != exitBadInput || out != "" {
			t.Errorf("%s: exit %d %s", c.name, code, out)
		}
		_, said, found := strings.Cut(errOut, "scenario.yaml:")
		if !found {
			said = errOut
		}
		fmt.Fprintf(&told, "== %s\n%s", c.name, said)
	}
	golden.Text(t, "rehearse-refusals", told.String())
}
