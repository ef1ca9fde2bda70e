package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/core"
	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
	"github.com/serin-aws/serin/internal/targetfile"
)

const ordersParameter = "/serin/targets/orders-worker"

// A target is created, left alone, shown and changed; each time the person sees what is written.
func TestApply(t *testing.T) {
	account := install(t)
	edited := strings.NewReplacer("weight: 25, bake: 10m", "weight: 30, bake: 10m", "[orders-dlq-not-empty]", "[orders-dlq, orders-age]",
		"deadline: 1h", "deadline: 2h, settle: 5m").Replace(least)
	var told strings.Builder
	for _, c := range []struct {
		name, file string
		args       []string
		writes     int
	}{
		{"a dry run of a new target", least, []string{"--dry-run"}, 0},
		{"a new target", least, nil, 1},
		{"the same again", least, nil, 1},
		{"a dry run of a change", edited, []string{"--dry-run"}, 1},
		{"a change", edited, nil, 2},
		{"a change, as JSON", least, []string{"-o", "json"}, 3},
	} {
		code, out, errOut := account.call(c.file, append([]string{"apply", "-f", "-"}, c.args...)...)
		if code != exitOK || account.parameters.writes != c.writes {
			t.Errorf("%s: exit %d after %d writes", c.name, code, account.parameters.writes)
		}
		fmt.Fprintf(&told, "== %s\n%s%s", c.name, out, errOut)
	}
	golden.Text(t, "apply", told.String())
	want, err := targetfile.Parse("least.yaml", []byte(least))
	if err != nil {
		t.Fatal(err)
	}
	text, err := targetfile.Marshal(want)
	if err != nil || account.parameters.stored[ordersParameter].value != string(text) {
		t.Errorf("%v: the parameter holds %s", err, account.parameters.stored[ordersParameter].value)
	}
}

// large is a target of so many bytes, roughly.
func large(bytes int) string {
	var alarms []string
	for i := range bytes / 100 {
		alarms = append(alarms, fmt.Sprintf("%s-%03d", strings.Repeat("a", 93), i))
	}
	return strings.Replace(least, "orders-dlq-not-empty", strings.Join(alarms, ", "), 1)
}

// The tier follows the size; a parameter that was large once stays where it is, because SSM wants it so.
func TestApplyTiers(t *testing.T) {
	account := install(t)
	for _, c := range []struct {
		bytes    int
		code     int
		advanced bool
		tell     string
	}{
		{2000, exitOK, false, "standard tier"},
		{5000, exitOK, true, "advanced tier"},
		{1000, exitOK, true, "advanced tier"},
		{9000, exitBadInput, true, "at most 8192"},
	} {
		code, out, errOut := account.call(large(c.bytes), "apply", "-f", "-")
		if there := account.parameters.stored[ordersParameter]; code != c.code || there.advanced != c.advanced || !strings.Contains(out+errOut, c.tell) {
			t.Errorf("%d bytes: exit %d, advanced %t, %s%s", c.bytes, code, there.advanced, out, errOut)
		}
	}
}

func TestApplyWarns(t *testing.T) {
	account := install(t)
	opened, err := account.ledger().Open(context.Background(), ledgertest.Sample("orders-worker", "one", account.now()), release.Event{Text: "opened"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		there string
		want  string
	}{
		"an open release": {least, "release " + string(opened.ID) + " of orders-worker is open"},
		"no target":       {"{}", "is no valid target and is replaced"},
		"YAML by hand":    {least, "written out in full"},
	} {
		account.parameters.stored[ordersParameter] = parameter{value: c.there, version: 7}
		if code, _, errOut := account.call(least, "apply", "-f", "-"); code != exitOK || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: exit %d, %s", name, code, errOut)
		}
	}
	account.parameters.stored[ordersParameter] = parameter{value: "{}", version: 7}
	account.clients.SSM = meddled{account.parameters}
	if code, _, errOut := account.call(least, "apply", "-f", "-"); code != exitOK || !strings.Contains(errOut, "somebody else wrote") {
		t.Errorf("a write in between: exit %d, %s", code, errOut)
	}
}

// Whatever is wrong is said in words, with the exit code that scripts tell it by, and nothing is written.
func TestApplyBadInput(t *testing.T) {
	var told strings.Builder
	for _, c := range []struct {
		name    string
		prepare func(*installed)
		args    []string
		code    int
	}{
		{"no serin here", func(i *installed) { delete(i.parameters.stored, core.Parameter) }, nil, exitBadInput},
		{"a newer serin", func(i *installed) {
			i.parameters.stored[core.Parameter] = parameter{value: strings.Replace(coreText, `"schema":1`, `"schema":9`, 1)}
		}, nil, exitBadInput},
		{"no permission", func(i *installed) {
			i.parameters.fails = awsAnswer("AccessDeniedException", "User: dev is not authorized to perform: ssm:GetParameter")
		}, nil, exitFailed},
		{"no format", func(*installed) {}, []string{"-o", "yaml"}, exitBadInput},
		{"an argument", func(*installed) {}, []string{"orders"}, exitBadInput},
	} {
		account := install(t)
		c.prepare(account)
		code, out, errOut := account.call(least, append([]string{"apply", "-f", "-"}, c.args...)...)
		if code != c.code || out != "" || account.parameters.writes > 0 {
			t.Errorf("%s: exit %d, %s", c.name, code, out)
		}
		fmt.Fprintf(&told, "== %s\n%s", c.name, errOut)
	}
	golden.Text(t, "apply-bad-input", told.String())
}

// The flags reach whoever connects, and what is wrong with the surroundings is found before anything is asked.
func TestWhere(t *testing.T) {
	account := install(t)
	if code, _, errOut := account.call(least, "apply", "-f", "-", "--profile", "prod", "--region", "eu-west-1", "--endpoint-url", "http://localhost:4566"); code != exitOK {
		t.Fatalf("exit %d, %s", code, errOut)
	}
	if want := (remote.Where{Profile: "prod", Region: "eu-west-1", Endpoint: "http://localhost:4566"}); account.where != want {
		t.Errorf("%+v", account.where)
	}
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "nofile")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "nofile")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for args, want := range map[string]string{
		"":                                    "serin: no region: ",
		"--region eu-west-1":                  "serin: no credentials: give --profile",
		"--region eu-west-1 --profile nobody": "serin: AWS configuration: failed to get shared config profile, nobody\n",
	} {
		code, out, errOut := call(least, append([]string{"apply", "-f", "-"}, strings.Fields(args)...)...)
		if code != exitBadInput || out != "" || !strings.HasPrefix(errOut, want) {
			t.Errorf("serin apply %s: exit %d, %s", args, code, errOut)
		}
	}
}

// A list of names has no order, and the path of everything else says where it stands.
func TestAppliedText(t *testing.T) {
	p := remote.Application{Target: "a", Result: remote.Changed, Changes: []remote.Change{
		{Path: "notify", To: json.RawMessage(`"arn:x"`)}, {Path: "emergency.settle", From: json.RawMessage(`"5m"`)}, {Path: "checks.margin", From: json.RawMessage(`1`), To: json.RawMessage(`1.5`)},
	}}
	if got := applied(p); !strings.HasSuffix(got, "  + notify: arn:x\n  - emergency.settle: 5m\n  ~ checks.margin: 1 -> 1.5\n") {
		t.Error(got)
	}
}
