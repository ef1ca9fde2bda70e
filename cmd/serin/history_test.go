package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/release"
)

// furnish opens a release of a target and brings it to an end, all by hand and at fixed times.
func (i *installed) furnish(target release.TargetName, execution string, decision release.Decision, end ...release.Phase) *release.Release {
	i.t.Helper()
	ctx, book := context.Background(), i.ledger()
	r, err := book.Open(ctx, ledgertest.Sample(target, execution, i.now()), release.Event{Text: "baseline recorded"})
	if err != nil {
		i.t.Fatal(err)
	}
	for n, phase := range end {
		i.pass(4 * time.Minute)
		if decision.Next != "" && n == 2 {
			r.Decision = decision
			r.Decision.At = i.now()
		}
		if err := r.Enter(phase, i.now()); err != nil {
			i.t.Fatal(err)
		}
		write := book.Save
		if phase.Final() && phase != release.Dirty {
			write = book.Finish
		}
		if err := write(ctx, r, release.Event{Kind: release.EventPhase, Text: string(phase)}); err != nil {
			i.t.Fatal(err)
		}
	}
	i.pass(time.Hour)
	return r
}

var (
	promoted   = []release.Phase{release.Shifting, release.Baking, release.Promoting, release.Settling, release.Cleaning, release.Released}
	rolledBack = []release.Phase{release.Shifting, release.Baking, release.RollingBack, release.Cleaning, release.RolledBack}
	pass       = release.Decision{Next: release.NextPromote, Sentence: "2,114 canary messages; a failure rate 2 times the primary's is excluded"}
	fail       = release.Decision{Next: release.NextRollback, Reason: release.ReasonVerdict, Sentence: "canary fails 3.1 % of 812 messages against 0.4 % of 7,306: at least 3.9 times as often; chance of a false alarm below 1 %"}
)

// A past that shows everything there can be: released, rolled back, given way, refused, under way.
func eventful(t *testing.T) *installed {
	account := install(t)
	account.apply()
	account.furnish("orders-worker", "one", pass, promoted...)
	account.furnish("orders-worker", "two", fail, rolledBack...)
	gaveWay := release.Decision{Next: release.NextRollback, Reason: release.ReasonSuperseded, Sentence: "it gives way to release r-222222222222"}
	account.furnish("orders-worker", "three", gaveWay, rolledBack...)
	refused := release.Entry{
		Release: "r-333333333333", Target: "orders-worker", At: account.now(), Outcome: release.OutcomeRefused, Sentence: "its image is older than what serves",
		Request: release.Request{Target: "orders-worker", Revision: release.Revision{Image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders-worker:release-40"}},
	}
	if err := account.ledger().Decline(context.Background(), refused); err != nil {
		t.Fatal(err)
	}
	account.pass(24 * time.Hour)
	account.furnish("orders-worker", "four", release.Decision{}, release.Shifting, release.Baking)
	return account
}

func TestHistory(t *testing.T) {
	account := eventful(t)
	var told strings.Builder
	for _, args := range []string{"history orders-worker --verify", "history orders-worker --limit 2 --days 1", "history orders-worker --limit 1 -o json", "list", "list -o json"} {
		code, out, errOut := account.call("", strings.Fields(args)...)
		if code != exitOK || errOut != "" {
			t.Errorf("%s: exit %d, %s", args, code, errOut)
		}
		fmt.Fprintf(&told, "== serin %s\n%s", args, out)
	}
	golden.Text(t, "history", told.String())
	inEightyColumns(t, account, "history orders-worker --verify")
}

// Of many targets those with work come first; one whose parameter is gone is not forgotten while its release is open.
func TestList(t *testing.T) {
	account := install(t)
	for _, name := range []string{"billing", "orders-worker", "shop", "zoo"} {
		if code, _, errOut := account.call(strings.Replace(least, "name: orders-worker", "name: "+name, 1), "apply", "-f", "-"); code != exitOK {
			t.Fatal(errOut)
		}
	}
	account.furnish("billing", "one", pass, promoted...)
	account.furnish("shop", "two", fail, release.Shifting, release.Baking, release.RollingBack, release.Dirty)
	account.furnish("gone", "three", release.Decision{}, release.Shifting)
	waiting := release.Waiting{Release: "r-444444444444", Request: release.Request{Target: "zoo"}, Since: account.now(), Due: account.now()}
	if _, err := account.ledger().Wait(context.Background(), waiting); err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	for _, args := range []string{"list", "list --open", "list --open -o json"} {
		code, out, errOut := account.call("", strings.Fields(args)...)
		if code != exitOK || errOut != "" {
			t.Errorf("%s: exit %d, %s", args, code, errOut)
		}
		fmt.Fprintf(&told, "== serin %s\n%s", args, out)
	}
	golden.Text(t, "list", told.String())
	if _, out, _ := account.call("", "__complete", "status", ""); out != "billing\norders-worker\nshop\nzoo\n:4\n" {
		t.Errorf("status completes to %q", out)
	}
}

// tampered is a table that somebody has written to past the ledger.
type tampered struct {
	ledger.Client
	change func(items []map[string]types.AttributeValue) []map[string]types.AttributeValue
}

func (c tampered) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := c.Client.Query(ctx, in, options...)
	if err == nil && strings.Contains(aws.ToString(in.KeyConditionExpression), "begins_with") {
		if prefix, ok := in.ExpressionAttributeValues[":prefix"].(*types.AttributeValueMemberS); ok && strings.HasPrefix(prefix.Value, "event#") {
			out.Items = c.change(out.Items)
		}
	}
	return out, err
}

// Whatever was done to a story is found, and the place of it is said.
func TestVerifyFindsWhatWasDone(t *testing.T) {
	type items = []map[string]types.AttributeValue
	rewritten := func(item map[string]types.AttributeValue, before, after string) map[string]types.AttributeValue {
		doc := item["doc"].(*types.AttributeValueMemberS)
		changed := map[string]types.AttributeValue{}
		for name, value := range item {
			changed[name] = value
		}
		changed["doc"] = &types.AttributeValueMemberS{Value: strings.Replace(doc.Value, before, after, 1)}
		return changed
	}
	var told strings.Builder
	for _, c := range []struct {
		name   string
		change func(items) items
	}{
		{"an event was changed", func(all items) items {
			return append(append(append(items{}, all[:2]...), rewritten(all[2], "Baking", "Bathing")), all[3:]...)
		}},
		{"an event was removed", func(all items) items { return append(append(items{}, all[:2]...), all[3:]...) }},
		{"the beginning was removed", func(all items) items { return all[1:] }},
		{"the end was cut off", func(all items) items { return all[:len(all)-2] }},
		{"everything was removed", func(items) items { return nil }},
		{"an event is no record any more", func(all items) items {
			return append(append(append(items{}, all[:2]...), rewritten(all[2], "{", "[")), all[3:]...)
		}},
		{"an event was put in", func(all items) items { return append(append(append(items{}, all[:2]...), all[1]), all[2:]...) }},
	} {
		account := install(t)
		account.apply()
		account.furnish("orders-worker", "one", pass, promoted...)
		account.clients.DynamoDB = tampered{account.clients.DynamoDB, c.change}
		code, out, errOut := account.call("", "history", "orders-worker", "--verify")
		if code != exitFailed || errOut != "serin: the story of one release is not the one that was written\n" {
			t.Errorf("%s: exit %d, %s", c.name, code, errOut)
		}
		out, _, _ = strings.Cut(out, "\nthe last")
		if before, _, unread := strings.Cut(out, "delete the record:"); unread { // the JSON package words its errors now so, now so
			out = before + "...\n"
		}
		fmt.Fprintf(&told, "== %s\n%s", c.name, out)
		code, out, _ = account.call("", "history", "orders-worker", "--verify", "-o", "json")
		var read historyTold
		if err := json.Unmarshal([]byte(out), &read); err != nil || code != exitFailed || read.Entries[0].Verified == nil || read.Entries[0].Verified.OK {
			t.Errorf("%s, as JSON: exit %d, %v", c.name, code, err)
		}
	}
	golden.Text(t, "verify", told.String())
}

// The report is written beside nothing else, of a release that was opened; its metrics may be missing.
func TestReportOfARelease(t *testing.T) {
	account, run := rehearsed(t, "bad.yaml")
	code, _, errOut := account.call("", "report", string(run.Execution()))
	if code != exitBadInput || !strings.Contains(errOut, "there is nothing to report on") {
		t.Errorf("before it was opened: exit %d, %s", code, errOut)
	}
	run.Finish()
	t.Chdir(t.TempDir())
	code, out, errOut := account.call("", "report", "orders-worker")
	id := release.NewID("orders-worker", run.Execution())
	page, err := os.ReadFile(string(id) + ".html")
	if code != exitOK || errOut != "" || err != nil || !strings.Contains(out, string(id)+".html") {
		t.Fatalf("exit %d, %v, %s%s", code, err, out, errOut)
	}
	for _, want := range []string{"Rolled back", "orders-canary-failure-rate", "e-value", "</html>"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the report says nothing of %s", want)
		}
	}
	if code, out, _ := account.call("", "report", "orders-worker", "--out", "-"); code != exitOK || out != string(page) {
		t.Errorf("to standard output: exit %d, %d bytes instead of %d", code, len(out), len(page))
	}
	if code, _, errOut := account.call("", "report", "orders-worker", "--out", filepath.Join("none", "a.html")); code != exitBadInput || !strings.Contains(errOut, "--out is none/a.html but there is no folder none") {
		t.Errorf("no folder: exit %d, %s", code, errOut)
	}
	if code, out, _ := account.call("", "report", "orders-worker", "--out", "b.html", "-o", "json"); code != exitOK || !strings.Contains(out, `"file": "b.html"`) {
		t.Errorf("as JSON: exit %d, %s", code, out)
	}
}

// What was never brought home has failed, and nothing says how long it took to restore: it was not restored.
func TestWhatIsAbandonedWasNotRestored(t *testing.T) {
	account := install(t)
	account.apply()
	account.furnish("orders-worker", "one", fail, release.Shifting, release.Baking, release.RollingBack, release.Dirty, release.Abandoned)
	var history struct {
		Figures struct {
			Failures int `json:"failures"`
			Seconds  int `json:"timeToRestoreMedianSeconds"`
		} `json:"figures"`
	}
	code, out, errOut := account.call("", "history", "orders-worker", "-o", "json")
	if err := json.Unmarshal([]byte(out), &history); err != nil || code != exitOK || history.Figures.Failures != 1 || history.Figures.Seconds != 0 {
		t.Errorf("exit %d, %v, %+v: %s%s", code, err, history, out, errOut)
	}
}
