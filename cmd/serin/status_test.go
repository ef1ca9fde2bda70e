package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// What a person sees of a release from its start to its end. The times of a rehearsal change with every call that is
// added to a function, so only what must stand there is looked for.
func TestARelease(t *testing.T) {
	for _, c := range []struct {
		scenario  string
		code      int
		end, head string
		can       string
	}{
		{"good", exitOK, "\u2714 Released", "released", "serin start orders-worker --undo r-"},
		{"bad", exitRolledBack, "\u2716 Rolled back", "rolled back", "--image orders-worker@sha256:a4e49c57"},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			account, run := rehearsed(t, c.scenario+".yaml")
			for _, step := range []struct {
				after time.Duration
				args  string
				code  int
				want  []string
			}{
				{0, "status " + string(run.Execution()), exitOK, []string{"orders-worker:release-42", "In progress", "is being prepared"}},
				{30 * time.Second, "status orders-worker", exitOK, []string{"sha256:27a10adf -> sha256:a4e49c57", "Shifting  step 1 of 2", "serin rollback orders-worker"}},
				{3 * time.Minute, "status orders-worker", exitOK, []string{"Baking  step 1 of 2 \u00b7 weight 10 % (1 of 10 tasks = 10 %)", "next look in", "deadline 12:00", "serin promote orders-worker --now"}},
				{0, "list", exitOK, []string{"TARGET", "orders-worker  Baking 1 of 2, 10 %"}},
				{0, "list --open", exitOK, []string{"orders-worker  Baking 1 of 2, 10 %"}},
				{0, "status orders-worker --wait", c.code, []string{"\u25b8 Baking       canary runs", "\u25c6 Baking ", "\n" + c.end + "\n", "on the canary"}},
				{0, "watch orders-worker", c.code, []string{"\u25b8 Baking       canary runs", "\n" + c.end + "\n"}},
				{0, "status orders-worker", exitOK, []string{c.end, c.can}},
				{0, "list", exitOK, []string{"orders-worker  " + c.head}},
				{0, "list --open", exitOK, []string{"nothing is under way"}},
				{0, "history orders-worker --verify", exitOK, []string{"2026-01-05 09:00  r-", "sha256:a4e49c57  " + c.head, "events verified", "deployment frequency"}},
			} {
				run.Advance(step.after)
				code, out, errOut := account.call("", strings.Fields(step.args)...)
				if code != step.code || errOut != "" {
					t.Errorf("%s: exit %d, want %d: %s", step.args, code, step.code, errOut)
				}
				for _, want := range step.want {
					if !strings.Contains(out, want) {
						t.Errorf("%s says nothing of %q:\n%s", step.args, want, out)
					}
				}
			}
			inEightyColumns(t, account, "status orders-worker", "list", "history orders-worker --verify")
		})
	}
}

// inEightyColumns holds what is shown to the width that there is everywhere.
func inEightyColumns(t *testing.T, account *installed, commands ...string) {
	t.Helper()
	for _, args := range commands {
		_, out, _ := account.call("", strings.Fields(args)...)
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
				t.Errorf("%s has a line of %d columns: %s", args, n, line)
			}
		}
	}
}

// What scripts get of a release while it goes on and when it is over.
func TestStatusAsJSON(t *testing.T) {
	account, run := rehearsed(t, "bad.yaml")
	read := func(args ...string) (s standing) {
		t.Helper()
		code, out, errOut := account.call("", append([]string{"status", "orders-worker", "-o", "json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatalf("exit %d, %v: %s%s", code, err, out, errOut)
		}
		return s
	}
	run.Advance(210 * time.Second)
	open := read()
	if open.Outcome != release.OutcomeOpen || !open.Opened || open.Phase != release.Baking || open.Step != 1 || open.Steps != 2 || open.NextLook == "" || open.Ended != "" || len(open.Actions) != 3 {
		t.Errorf("%+v", open)
	}
	if w := open.Weight; w == nil || w.Set != 10 || w.Seen != 10 || w.Canary.Running != 1 || w.Primary.Running != 9 {
		t.Errorf("%+v", open.Weight)
	}
	over := read("--wait")
	if over.Outcome != release.OutcomeRolledBack || over.Reason != release.ReasonVerdict || over.Verdict != "fail" || over.Ended == "" || !strings.HasPrefix(over.Serves, "sha256:27a10adf") || over.Release != open.Release {
		t.Errorf("%+v", over)
	}
}

// How an execution that opened no release ended, by the ledger, by Step Functions, or by who waits.
func TestReleasesThatWereNotOpened(t *testing.T) {
	ctx := context.Background()
	ours := release.Request{Intent: release.IntentRelease, Target: "orders-worker", Revision: release.Revision{Image: "orders-worker:42"}, StartedBy: person}
	var told strings.Builder
	for _, c := range []struct {
		name    string
		prepare func(*installed, *execution, release.ID)
		code    int
		open    bool // it has not ended
	}{
		{"just started", func(*installed, *execution, release.ID) {}, 0, true},
		{"it waits", func(i *installed, _ *execution, id release.ID) {
			if _, err := i.ledger().Wait(ctx, release.Waiting{Release: id, Request: ours, Way: release.Queue, Since: i.now(), Due: i.now().Add(time.Minute)}); err != nil {
				t.Fatal(err)
			}
		}, 0, true},
		{"refused, and the ledger says why", func(i *installed, e *execution, id release.ID) {
			e.end(i.now(), sfntypes.ExecutionStatusFailed, "", "Refused", "in other words")
			if err := i.ledger().Decline(ctx, release.Entry{Release: id, Target: "orders-worker", At: i.now(), Request: ours, Outcome: release.OutcomeRefused, Sentence: "its image is older than what serves"}); err != nil {
				t.Fatal(err)
			}
		}, exitNotReleased, false},
		{"refused before the ledger was reached", func(i *installed, e *execution, _ release.ID) {
			e.end(i.now(), sfntypes.ExecutionStatusFailed, "", "Refused", "target orders-worker: the parameter holds no target")
		}, exitNotReleased, false},
		{"nothing to release", func(i *installed, e *execution, id release.ID) {
			e.end(i.now(), sfntypes.ExecutionStatusSucceeded, `{"release":"`+string(id)+`","next":"nothing","note":"sha256:9b1e0c55 serves already"}`, "", "")
		}, exitOK, false},
		{"stopped in the console", func(i *installed, e *execution, _ release.ID) {
			e.end(i.now(), sfntypes.ExecutionStatusAborted, "", "", "")
		}, exitNotReleased, false},
		{"dirty before anything was recorded", func(i *installed, e *execution, _ release.ID) {
			e.end(i.now(), sfntypes.ExecutionStatusFailed, "", "Dirty", "serin could not bring the work back")
		}, exitDirty, false},
	} {
		account := install(t)
		account.apply()
		code, out, errOut := account.call("", "start", "orders-worker", "--image", "orders-worker:42", "-o", "json")
		var started begun
		if err := json.Unmarshal([]byte(out), &started); err != nil || code != exitOK {
			t.Fatal(err, errOut)
		}
		_, one := account.executions.only(t)
		c.prepare(account, one, started.Release)
		if code, out, errOut = account.call("", "status", string(started.Execution)); code == exitOK {
			byExecution := out
			if code, out, errOut = account.call("", "status", string(started.Release)); out != byExecution {
				t.Errorf("%s: by the release's id\n%s%s", c.name, out, errOut)
			}
		}
		if code != exitOK || errOut != "" {
			t.Errorf("%s: exit %d, %s", c.name, code, errOut)
		}
		fmt.Fprintf(&told, "== %s\n%s", c.name, out)
		if c.open {
			if _, byTarget, errOut := account.call("", "status", "orders-worker"); byTarget != out {
				t.Errorf("%s: by the target's name\n%s%s", c.name, byTarget, errOut)
			}
			continue
		}
		if code, out, errOut = account.call("", "status", string(started.Execution), "--wait", "-o", "json"); code != c.code {
			t.Errorf("%s: exit %d with --wait, want %d: %s%s", c.name, code, c.code, out, errOut)
		}
		fmt.Fprintf(&told, "-- waiting\n%s-- as JSON\n%s", errOut, out)
	}
	golden.Text(t, "not-opened", told.String())
}

// A release that gave way to a newer one, or that a person rejected, is told from one that failed.
func TestEndings(t *testing.T) {
	rolledBack := func(reason release.Reason, orders ...release.Order) story.Story {
		s := story.Story{Outcome: release.OutcomeRolledBack}
		s.Release.Phase, s.Release.Decision.Reason, s.Release.Orders = release.RolledBack, reason, orders
		return s
	}
	for name, c := range map[string]struct {
		told story.Story
		code int
	}{
		"released":        {story.Story{Outcome: release.OutcomeReleased}, exitOK},
		"nothing":         {story.Story{Outcome: release.OutcomeNothing}, exitOK},
		"refused":         {story.Story{Outcome: release.OutcomeRefused}, exitNotReleased},
		"dirty":           {story.Story{Outcome: release.OutcomeDirty}, exitDirty},
		"held":            {story.Story{Outcome: release.OutcomeHeld}, exitRolledBack},
		"failed":          {rolledBack(release.ReasonVerdict), exitRolledBack},
		"superseded":      {rolledBack(release.ReasonSuperseded), exitNotReleased},
		"rejected":        {rolledBack(release.ReasonPerson, release.Order{Verb: release.OrderReject}), exitNotReleased},
		"a person's word": {rolledBack(release.ReasonPerson, release.Order{Verb: release.OrderRollback}), exitRolledBack},
	} {
		err := endingOf(c.told)
		if code := exitCode(err); err != nil && code != c.code || err == nil && c.code != exitOK {
			t.Errorf("%s: %v, want %d", name, err, c.code)
		}
	}
}

// AWS may fail for a moment while somebody waits; what does not pass ends the waiting.
func TestWaitingOutlivesAMoment(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		tell  string
		times int
		code  int
	}{
		"a throttle":      {awsAnswer("ThrottlingException", "Rate exceeded"), "Rate exceeded", 3, exitRolledBack},
		"a long throttle": {awsAnswer("ThrottlingException", "Rate exceeded"), "Rate exceeded", 1000, exitFailed},
		"an expired login": {
			awsAnswer("ExpiredTokenException", "The security token included in the request is expired"), "is expired", 1, exitFailed,
		},
	} {
		account, run := rehearsed(t, "bad.yaml")
		run.Advance(time.Minute)
		account.clients.DynamoDB = &faltering{Client: account.clients.DynamoDB, err: c.err, after: 12, times: c.times}
		if code, out, errOut := account.call("", "status", "orders-worker", "--wait"); code != c.code || !strings.Contains(errOut, c.tell) {
			t.Errorf("%s: exit %d, %s%s", name, code, out, errOut)
		}
	}
}

// faltering is a DynamoDB that fails for a while.
type faltering struct {
	ledger.Client
	err          error
	after, times int
}

func (f *faltering) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if f.after--; f.after < 0 && f.times > 0 {
		f.times--
		return nil, f.err
	}
	return f.Client.Query(ctx, in, options...)
}

// What names no release says so, and what to do.
func TestStatusBadInput(t *testing.T) {
	var told strings.Builder
	for _, args := range []string{"r-0123456789ab", "orders", "orders-worker", "arn:aws:states:eu-central-1:123456789012:execution:serin:none", "Orders!", ""} {
		account := install(t)
		account.apply()
		for _, command := range []string{"status", "watch", "report", "recover"} {
			code, out, errOut := account.call("", append([]string{command}, strings.Fields(args)...)...)
			if code != exitBadInput || out != "" {
				t.Errorf("serin %s %s: exit %d, %s", command, args, code, out)
			}
			fmt.Fprintf(&told, "== serin %s %s\n%s", command, args, errOut)
		}
	}
	account := install(t)
	for _, args := range []string{"list", "history orders-worker", "history orders-worker --limit 0", "history orders-worker --days 0"} {
		_, out, errOut := account.call("", strings.Fields(args)...)
		fmt.Fprintf(&told, "== serin %s\n%s%s", args, out, errOut)
	}
	golden.Text(t, "status-bad-input", told.String())
}
