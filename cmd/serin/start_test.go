package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

// What is started is what was asked for, in the person's name, and what the functions read.
func TestStart(t *testing.T) {
	emergency := "emergency: {steps: [{weight: 50, bake: 5m}]}\n"
	for args, want := range map[string]release.Request{
		"--image orders-worker:42":                                {Revision: release.Revision{Image: "orders-worker:42"}},
		"--task-definition orders-worker:57 --first":              {Revision: release.Revision{TaskDefinition: "orders-worker:57"}, First: true},
		"--version 7 --retry --reason again":                      {Revision: release.Revision{Version: "7"}, Retry: true, Reason: "again"},
		"--image orders-worker:fix --emergency --reason repaired": {Revision: release.Revision{Image: "orders-worker:fix"}, Emergency: true, Reason: "repaired"},
	} {
		account := install(t)
		if code, _, errOut := account.call(least+emergency, "apply", "-f", "-"); code != exitOK {
			t.Fatal(errOut)
		}
		code, out, errOut := account.call("", append([]string{"start", "orders-worker"}, strings.Fields(args)...)...)
		if code != exitOK || errOut != "" {
			t.Errorf("%s: exit %d, %s", args, code, errOut)
			continue
		}
		arn, started := account.executions.only(t)
		got, err := events.Decode([]byte(started.input))
		want.Intent, want.Target, want.StartedBy = release.IntentRelease, "orders-worker", person
		want.Runbook = fmt.Sprintf(automation, 1)
		if err != nil || got != want {
			t.Errorf("%s: %v, the functions read\n%+v, want\n%+v", args, err, got, want)
		}
		if id := release.NewID("orders-worker", release.ExecutionARN(arn)); !strings.Contains(out, string(id)) || !strings.Contains(out, arn) {
			t.Errorf("%s: %s", args, out)
		}
	}
}

// What serin shows of an image that was released before can be given back to it.
func TestAnImageByTheDigestThatIsShown(t *testing.T) {
	account, run := rehearsed(t, "bad.yaml")
	run.Finish()
	account.apply()
	clear(account.executions.all)
	const short = "orders-worker@sha256:a4e49c57"
	if _, out, _ := account.call("", "status", "orders-worker"); !strings.Contains(out, "serin start orders-worker --image "+short+" ") {
		t.Errorf("it is not shown so:\n%s", out)
	}
	code, out, errOut := account.call("", "start", "orders-worker", "--image", short, "--retry", "--reason", "again")
	_, started := account.executions.only(t)
	got, err := events.Decode([]byte(started.input))
	if err != nil || code != exitOK || len(got.Revision.Image) != len(short)+56 || !strings.HasPrefix(got.Revision.Image, short) {
		t.Errorf("exit %d, %s%s; started %+v, %v", code, out, errOut, got, err)
	}
	code, _, errOut = account.call("", "start", "orders-worker", "--image", "orders-worker@sha256:0123abcd")
	if code != exitBadInput || !strings.Contains(errOut, "of the latest releases of orders-worker none was of an image sha256:0123abcd...; name it by its whole digest") {
		t.Errorf("exit %d, %s", code, errOut)
	}
}

// One id is one release, however often it is started; another request under the same id is a mistake.
func TestStartCountsOnce(t *testing.T) {
	account := install(t)
	account.apply()
	start := func(image string, more ...string) (int, string, string) {
		return account.call("", append([]string{"start", "orders-worker", "--image", image, "--id", "build-381"}, more...)...)
	}
	if code, _, errOut := start("orders-worker:42"); code != exitOK {
		t.Fatal(errOut)
	}
	arn, one := account.executions.only(t)
	if !strings.HasSuffix(arn, ":orders-worker-build-381") {
		t.Error(arn)
	}
	one.end(account.now(), sfntypes.ExecutionStatusFailed, "", "Refused", "orders-worker is busy")
	if code, out, errOut := start("orders-worker:42"); code != exitOK || !strings.Contains(out, "was started before") {
		t.Errorf("again: exit %d, %s%s", code, out, errOut)
	}
	if code, _, errOut := start("orders-worker:42", "--wait"); code != exitNotReleased || errOut != "" {
		t.Errorf("again, and wait: exit %d, %s", code, errOut)
	}
	if code, _, errOut := start("orders-worker:43"); code != exitBadInput || !strings.Contains(errOut, "used before for another request (orders-worker:42 of orders-worker)") {
		t.Errorf("another image: exit %d, %s", code, errOut)
	}
	account.executions.only(t)
}

// Two starts by a person are two releases, also within a second.
func TestStartsHaveNames(t *testing.T) {
	account := install(t)
	account.apply()
	for range 2 {
		if code, _, errOut := account.call("", "start", "orders-worker", "--image", "orders-worker:42"); code != exitOK {
			t.Fatal(errOut)
		}
		account.pass(5 * time.Millisecond)
	}
	if len(account.executions.all) != 2 {
		t.Errorf("%d executions", len(account.executions.all))
	}
	long := strings.Repeat("a", 51)
	if code, _, errOut := account.call(strings.Replace(least, "name: orders-worker", "name: "+long, 1), "apply", "-f", "-"); code != exitOK {
		t.Fatal(errOut)
	}
	if code, _, errOut := account.call("", "start", long, "--image", "orders-worker:42", "--id", strings.Repeat("b", 40)); code != exitOK {
		t.Errorf("the longest names: %s", errOut)
	}
}

// Everything that is wrong with a start is said before anything is started.
func TestStartBadInput(t *testing.T) {
	var told strings.Builder
	for _, c := range []struct {
		name, args string
		code       int
	}{
		{"no revision", "orders-worker", exitBadInput},
		{"two revisions", "orders-worker --image a:1 --version 7", exitBadInput},
		{"a version that is not published", "orders-api --version $LATEST", exitBadInput},
		{"code that is no object", "orders-api --code ./release-42.zip", exitBadInput},
		{"a retry without a reason", "orders-worker --image a:1 --retry", exitBadInput},
		{"an emergency without a reason", "orders-worker --image a:1 --emergency", exitBadInput},
		{"an override of a usual release", "orders-worker --image a:1 --override orders-dlq", exitBadInput},
		{"an emergency without a plan", "orders-worker --image a:1 --emergency --reason now", exitBadInput},
		{"an unknown target", "orders --image a:1", exitBadInput},
		{"no target's name", "Orders! --image a:1", exitBadInput},
		{"a wrong id", "orders-worker --image a:1 --id build/1", exitBadInput},
		{"an undo of nothing", "orders-worker --undo r-0123456789ab --reason slow", exitBadInput},
		{"an undo without a reason", "orders-worker --undo r-0123456789ab", exitBadInput},
	} {
		account := install(t)
		account.apply()
		code, out, errOut := account.call("", append([]string{"start"}, strings.Fields(c.args)...)...)
		if code != c.code || out != "" || len(account.executions.all) > 0 {
			t.Errorf("%s: exit %d, %s", c.name, code, out)
		}
		fmt.Fprintf(&told, "== %s\n%s", c.name, errOut)
	}
	account := install(t)
	account.apply()
	account.runbooks.refuses = awsAnswer("AccessDeniedException", "User: dev is not authorized to perform: ssm:StartAutomationExecution")
	code, _, errOut := account.call("", "start", "orders-worker", "--image", "a:1")
	if code != exitFailed {
		t.Errorf("no permission: exit %d", code)
	}
	fmt.Fprintf(&told, "== no permission\n%s", errOut)
	golden.Text(t, "start-bad-input", told.String())
}

// An emergency start says first that its alarms do not count, by the runbook for that.
func TestEmergencyOverrides(t *testing.T) {
	account := install(t)
	if code, _, errOut := account.call(least+"emergency: {steps: [{weight: 50, bake: 5m}]}\n", "apply", "-f", "-"); code != exitOK {
		t.Fatal(errOut)
	}
	account.runbooks.answer.Note = "kept until 10:00"
	code, _, errOut := account.call("", "start", "orders-worker", "--image", "a:1", "--emergency", "--override", "orders-dlq", "--override", "orders-age", "--reason", "repairs it")
	if code != exitOK || errOut != "kept until 10:00\n" || len(account.runbooks.asked) != 2 {
		t.Fatalf("exit %d, %s, %d orders", code, errOut, len(account.runbooks.asked))
	}
	asked := account.runbooks.asked[0]
	if len(asked.parameters["Id"]) != 1 {
		t.Errorf("%+v", asked)
	}
	delete(asked.parameters, "Id")
	want := map[string][]string{"Target": {"orders-worker"}, "Reason": {"repairs it"}, "Alarms": {"orders-dlq", "orders-age"}}
	if asked.document != "serin-override" || fmt.Sprint(asked.parameters) != fmt.Sprint(want) {
		t.Errorf("asked for %+v", asked)
	}
	account.executions.only(t)
}

// What was released is undone by what served before, as a retry: it is older, and that is meant.
func TestUndo(t *testing.T) {
	account, run := rehearsed(t, "good.yaml")
	run.Finish()
	if code, out, errOut := account.call("", "status", "orders-worker", "--wait"); code != exitOK {
		t.Fatal(code, out, errOut)
	}
	code, _, errOut := account.call("", "start", "orders-worker", "--undo", "orders-worker", "--reason", "slow", "--id", "undo")
	if code != exitOK {
		t.Fatalf("exit %d, %s", code, errOut)
	}
	for arn, one := range account.executions.all {
		if !strings.HasSuffix(arn, "undo") {
			continue
		}
		request, err := events.Decode([]byte(one.input))
		if err != nil || !request.Retry || !strings.HasPrefix(request.Revision.Image, "orders-worker@sha256:27a10adf") {
			t.Errorf("%v: %s", err, one.input)
		}
	}
	bad, badRun := rehearsed(t, "bad.yaml")
	badRun.Advance(2 * time.Minute)
	for want, pass := range map[string]func(){"is under way": func() {}, "did not come to serve": badRun.Finish} {
		pass()
		if code, _, errOut := bad.call("", "start", "orders-worker", "--undo", "orders-worker", "--reason", "slow"); code != exitFailed && !strings.Contains(errOut, want) {
			t.Errorf("exit %d, %s; want %s", code, errOut, want)
		}
	}
}

// An order is an execution of the runbook for it, under an id of its own; who gives it is not said: Systems Manager knows.
func TestOrders(t *testing.T) {
	for args, want := range map[string]struct {
		runbook string
		more    map[string][]string
	}{
		"approve orders-worker --reason ok":                              {"serin-approve", nil},
		"reject orders-worker --reason ok":                               {"serin-reject", nil},
		"rollback orders-worker --reason ok":                             {"serin-rollback", nil},
		"stop orders-worker --reason ok --id x1":                         {"serin-stop", map[string][]string{"Id": {"x1"}}},
		"promote orders-worker --now --reason ok":                        {"serin-promote-now", nil},
		"promote orders-worker --now --without-data --reason ok -o json": {"serin-promote-now", map[string][]string{"NoData": {"true"}}},
		"override orders-worker --alarm a --alarm b --reason ok":         {"serin-override", map[string][]string{"Alarms": {"a", "b"}}},
	} {
		account := install(t)
		account.apply()
		account.runbooks.answer = operate.Answer{Release: "r-0123456789ab", Note: "it goes on at its next look"}
		account.runbooks.looks = 3
		code, out, errOut := account.call("", strings.Fields(args)...)
		if code != exitOK || errOut != "" || !strings.Contains(out, "it goes on at its next look") || len(account.runbooks.asked) != 1 {
			t.Errorf("%s: exit %d, %s%s", args, code, out, errOut)
			continue
		}
		asked := account.runbooks.asked[0]
		if len(asked.parameters["Id"]) != 1 {
			t.Errorf("%s: without an id", args)
		}
		if want.more["Id"] == nil {
			delete(asked.parameters, "Id")
		}
		parameters := map[string][]string{"Target": {"orders-worker"}, "Reason": {"ok"}}
		maps.Copy(parameters, want.more)
		if asked.document != want.runbook || fmt.Sprint(asked.parameters) != fmt.Sprint(parameters) {
			t.Errorf("%s: asked for %+v", args, asked)
		}
	}
}

// What the function refuses is said in its words, and its code decides the exit code; what Systems Manager refuses is
// said with what would be right.
func TestOrdersRefused(t *testing.T) {
	var told strings.Builder
	for _, c := range []struct {
		name, args string
		prepare    func(*installed)
		code       int
	}{
		{"it makes no sense now", "approve orders-worker --reason ok", refusing(release.Illegal, "approve orders-worker: r-0123456789ab waits for no approval"), exitFailed},
		{"by the requester", "approve orders-worker --reason ok", refusing(release.Forbidden, "approve orders-worker: anna started this release, and approvals.byRequester is false: somebody else must approve it"), exitBadInput},
		{"nothing under way", "stop orders-worker --reason ok", refusing(release.NotFound, "stop orders-worker: no release of orders-worker is under way"), exitBadInput},
		{"an unknown target", "stop orders --reason ok", nil, exitBadInput},
		{"an unknown release", "stop r-0123456789ab --reason ok", nil, exitBadInput},
		{"no reason", "stop orders-worker", nil, exitBadInput},
		{"promote without --now", "promote orders-worker --reason ok", nil, exitBadInput},
		{"override of nothing", "override orders-worker --reason ok", nil, exitBadInput},
		{"an empty reason and a wrong id", "stop orders-worker --reason= --id x/1", nil, exitBadInput},
		{"a core without runbooks", "stop orders-worker --reason ok", func(i *installed) {
			i.runbooks.refuses = &ssmtypes.AutomationDefinitionNotFoundException{}
		}, exitBadInput},
		{"a runbook of another version", "stop orders-worker --reason ok", func(i *installed) {
			i.runbooks.refuses = awsAnswer("InvalidAutomationExecutionParametersException", "Unexpected parameter Id.")
		}, exitBadInput},
		{"no permission", "stop orders-worker --reason ok", func(i *installed) {
			i.runbooks.refuses = awsAnswer("AccessDeniedException", "User: dev is not authorized to perform: ssm:StartAutomationExecution")
		}, exitFailed},
		{"too many runbooks", "stop orders-worker --reason ok", func(i *installed) {
			i.runbooks.refuses = &ssmtypes.AutomationExecutionLimitExceededException{Message: aws.String("100 run")}
		}, exitFailed},
		{"no permission to see the end", "stop orders-worker --reason ok", func(i *installed) {
			i.runbooks.silent = awsAnswer("AccessDeniedException", "User: dev is not authorized to perform: ssm:GetAutomationExecution")
		}, exitFailed},
		{"the runbook times out", "stop orders-worker --reason ok", func(i *installed) {
			i.runbooks.ends = ssmtypes.AutomationExecutionStatusTimedout
		}, exitFailed},
		{"somebody cancels the runbook", "stop orders-worker --reason ok", func(i *installed) {
			i.runbooks.ends = ssmtypes.AutomationExecutionStatusCancelled
		}, exitFailed},
		{"the runbook never ends", "stop orders-worker --reason ok", func(i *installed) { i.runbooks.looks = 1000 }, exitFailed},
		{"Systems Manager never answers", "stop orders-worker --reason ok", func(i *installed) {
			i.runbooks.silent = awsAnswer("ThrottlingException", "Rate exceeded")
		}, exitFailed},
	} {
		account := install(t)
		account.apply()
		if c.prepare != nil {
			c.prepare(account)
		}
		code, out, errOut := account.call("", strings.Fields(c.args)...)
		if code != c.code || out != "" {
			t.Errorf("%s: exit %d, %s", c.name, code, out)
		}
		fmt.Fprintf(&told, "== %s\n%s", c.name, errOut)
	}
	golden.Text(t, "orders-refused", told.String())
}

func refusing(code release.Code, text string) func(*installed) {
	return func(i *installed) { i.runbooks.fails = &release.Error{Code: code, Err: errors.New(text)} }
}

// A release is named by its id too.
func TestOrderOfARelease(t *testing.T) {
	account := install(t)
	opened, err := account.ledger().Open(context.Background(), ledgertest.Sample("orders-worker", "one", account.now()), release.Event{Text: "opened"})
	if err != nil {
		t.Fatal(err)
	}
	code, _, errOut := account.call("", "rollback", string(opened.ID), "--reason", "customers call")
	if code != exitOK || len(account.runbooks.asked) != 1 || account.runbooks.asked[0].parameters["Release"][0] != string(opened.ID) || account.runbooks.asked[0].parameters["Target"][0] != "orders-worker" {
		t.Errorf("exit %d, %s, asked for %+v", code, errOut, account.runbooks.asked)
	}
}

// A release is recovered by hand when it is dirty or when its execution is gone, and not while it runs or when it is over.
func TestRecover(t *testing.T) {
	ctx := context.Background()
	account, run := rehearsed(t, "bad.yaml")
	run.Advance(3 * time.Minute)
	own := account.executions.all[string(run.Execution())]
	refused := func(when, want string) {
		t.Helper()
		if code, _, errOut := account.call("", "recover", "orders-worker"); code != exitFailed || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d, %s", when, code, errOut)
		}
	}
	started := func(when string, intent release.Intent) {
		t.Helper()
		before := len(account.executions.all)
		code, out, errOut := account.call("", "recover", "orders-worker", "--reason", "the role is back")
		if code != exitOK || !strings.Contains(out, "is being brought home") || len(account.executions.all) != before+1 {
			t.Fatalf("%s: exit %d, %s%s", when, code, out, errOut)
		}
		for arn, one := range account.executions.all {
			if request, err := events.Decode([]byte(one.input)); strings.Contains(arn, "by-hand") && (err != nil || request.Intent != intent || request.Release == "") {
				t.Errorf("%s: %v, %s", when, err, one.input)
			}
		}
	}
	refused("while it runs", "its execution is running")
	own.end(run.Now(), sfntypes.ExecutionStatusAborted, "", "", "")
	started("its execution was stopped", release.IntentRecover)
	delete(account.executions.all, string(run.Execution()))
	clearByHand(account)
	started("its execution is forgotten", release.IntentRecover)

	book := account.ledger()
	entries, err := book.Releases(ctx, "orders-worker", 1, "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := book.Load(ctx, entries.Entries[0].Release)
	if err != nil {
		t.Fatal(err)
	}
	for _, phase := range []release.Phase{release.RollingBack, release.Dirty} {
		if err := r.Enter(phase, run.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Save(ctx, r, release.Event{Kind: release.EventPhase, Text: "cannot"}); err != nil {
		t.Fatal(err)
	}
	run.Advance(time.Minute)
	push := release.Entry{Release: "r-333333333333", Target: "orders-worker", At: account.now(), Outcome: release.OutcomeRefused, Sentence: "orders-worker is locked"}
	if err := book.Decline(ctx, push); err != nil { // what comes after a dirty release stands before it for nobody
		t.Fatal(err)
	}
	clearByHand(account)
	started("it is dirty", release.IntentRollback)
	if code, out, _ := account.call("", "status", "orders-worker", "--wait"); code != exitDirty || !strings.Contains(out, "Dirty: a person is needed") {
		t.Errorf("status of a dirty release: exit %d, %s", code, out)
	}
}

func clearByHand(i *installed) {
	for arn := range i.executions.all {
		if strings.Contains(arn, "by-hand") {
			delete(i.executions.all, arn)
		}
	}
}

func TestRecoverOfOneThatIsOver(t *testing.T) {
	account, run := rehearsed(t, "bad.yaml")
	run.Finish()
	if code, _, errOut := account.call("", "recover", "orders-worker"); code != exitFailed || !strings.Contains(errOut, "is over (RolledBack)") {
		t.Errorf("exit %d, %s", code, errOut)
	}
}
