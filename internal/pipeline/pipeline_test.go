package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/serin-aws/serin/internal/pipeline"
	"github.com/serin-aws/serin/internal/release"
)

const (
	first = "job-1" // the first job of the action, and so the execution's name
	arn   = "arn:aws:states:eu-central-1:123456789012:execution:serin:"
)

// account is Step Functions, the ledger and CodePipeline, as far as the adapter sees them.
type account struct {
	execution *pipeline.Execution // nil: not started
	started   []string
	describe  error
	start     error
	release   *release.Release
	load      error
	panics    bool

	continued []pipeline.Continuation
	succeeded []pipeline.Success
	failed    []pipeline.Failure
	unheard   error // of every answer
}

func (a *account) ARN(name string) release.ExecutionARN { return release.ExecutionARN(arn + name) }

func (a *account) Describe(ctx context.Context, _ string) (pipeline.Execution, error) {
	if a.panics {
		panic("out of luck")
	}
	if a.describe != nil {
		return pipeline.Execution{}, a.describe
	}
	if a.execution == nil {
		return pipeline.Execution{Unknown: true}, ctx.Err()
	}
	return *a.execution, nil
}

func (a *account) Start(_ context.Context, name string, input []byte) error {
	if a.start == nil {
		a.started = append(a.started, name+" "+string(input))
		a.execution = &pipeline.Execution{Running: true}
	}
	return a.start
}

func (a *account) LoadMarked(_ context.Context, id release.ID) (*release.Release, error) {
	if a.load != nil {
		return nil, a.load
	}
	if a.release == nil || id != release.NewID("orders", arn+first) {
		return nil, release.Errorf(release.NotFound, "load", "no such release")
	}
	return a.release, nil
}

func (a *account) Continue(_ context.Context, _ string, c pipeline.Continuation) error {
	a.continued = append(a.continued, c)
	return a.unheard
}

func (a *account) Succeed(_ context.Context, _ string, s pipeline.Success) error {
	a.succeeded = append(a.succeeded, s)
	return a.unheard
}

func (a *account) Fail(_ context.Context, _ string, f pipeline.Failure) error {
	a.failed = append(a.failed, f)
	return a.unheard
}

// answers counts the answers, and holds that they keep CodePipeline's bounds.
func (a *account) answers(t *testing.T) string {
	t.Helper()
	for _, f := range a.failed {
		if n := utf8.RuneCountInString(f.Message); n == 0 || n > 5000 {
			t.Errorf("a message of %d characters", n)
		}
	}
	for _, c := range a.continued {
		if c.Token != first || utf8.RuneCountInString(c.Summary) > 2048 {
			t.Errorf("continued with %+v", c)
		}
	}
	return fmt.Sprintf("%d continued, %d succeeded, %d failed", len(a.continued), len(a.succeeded), len(a.failed))
}

func job(name string) func() (pipeline.Job, error) {
	return func() (pipeline.Job, error) {
		return pipeline.Job{
			ID: name, Execution: first, Input: []byte(`{"target":"orders"}`),
			Request: release.Request{Target: "orders", Revision: release.Revision{Image: "orders:2"}},
		}, nil
	}
}

func (a *account) handle(decode func() (pipeline.Job, error)) error {
	adapter := pipeline.Adapter{Executions: a, Ledger: a, Jobs: a}
	return adapter.Handle(context.Background(), decode)
}

func standing(phase release.Phase) *release.Release {
	r := &release.Release{}
	r.ID, r.Target.Name, r.Phase = release.NewID("orders", arn+first), "orders", phase
	r.Revision.Digest, r.Baseline.Serves = "sha256:2222222222", "sha256:1111111111"
	r.Steps = []release.Step{{Weight: 10}}
	r.Judgement = release.Judgement{Verdict: release.Pass, Sentence: "all is well"}
	r.Decision.Sentence = "the evidence"
	return r
}

const (
	goesOn   = "1 continued, 0 succeeded, 0 failed"
	succeeds = "0 continued, 1 succeeded, 0 failed"
	fails    = "0 continued, 0 succeeded, 1 failed"
)

func TestHowAJobIsAnswered(t *testing.T) {
	running, stopped := &pipeline.Execution{Running: true}, &pipeline.Execution{Failed: true, Cause: "image is older than the live one"}
	throttled, denied := release.Errorf(release.Throttled, "describe", "slow down"), release.Errorf(release.Denied, "start", "no permission")
	asked := standing(release.Baking)
	asked.AskedSince = time.Now()
	abandoned := standing(release.Abandoned)
	abandoned.Orders = []release.Order{{Verb: release.OrderAbandon, Who: "anna", Why: "decommissioned"}}
	long := standing(release.RolledBack)
	long.Decision.Sentence = strings.Repeat("long ü ", 2000)
	for name, c := range map[string]struct {
		account account
		want    string
		says    string
	}{
		"nothing runs yet":               {account{}, goesOn, "started"},
		"a start that may work later":    {account{start: throttled}, goesOn, "slow down"},
		"a start that is not allowed":    {account{start: denied}, fails, "PermissionError: start: no permission"},
		"Step Functions does not answer": {account{describe: throttled}, goesOn, "slow down"},
		"being prepared":                 {account{execution: running}, goesOn, "prepared"},
		"the ledger does not answer":     {account{execution: running, load: release.Errorf(release.Unavailable, "load", "no answer")}, goesOn, "no answer"},
		"the ledger cannot be read":      {account{execution: running, load: release.Errorf(release.LedgerCorrupt, "load", "no JSON")}, fails, "JobFailed: load: no JSON"},
		"baking":                         {account{execution: running, release: standing(release.Baking)}, goesOn, "Baking, step 1 of 1. all is well"},
		"waiting for an approval":        {account{execution: running, release: asked}, goesOn, "serin approve orders"},
		"stopped, and not yet home":      {account{execution: stopped, release: standing(release.Baking)}, goesOn, "Baking"},
		"released":                       {account{execution: &pipeline.Execution{}, release: standing(release.Released)}, succeeds, "release=r-"},
		"rolled back":                    {account{execution: stopped, release: standing(release.RolledBack)}, fails, "JobFailed: orders serves sha256:11111111 again: the evidence"},
		"dirty":                          {account{execution: stopped, release: standing(release.Dirty)}, fails, "DIRTY"},
		"abandoned":                      {account{execution: stopped, release: abandoned}, fails, "JobFailed: orders could not be brought back (the evidence), and a person has given that up: anna abandoned the release: decommissioned"},
		"at great length":                {account{execution: stopped, release: long}, fails, "..."},
		"refused":                        {account{execution: stopped}, fails, "not started: image is older"},
		"nothing to release":             {account{execution: &pipeline.Execution{Output: []byte(`{"release":"r-1","next":"nothing","note":"it serves already"}`)}}, succeeds, "verdict=nothing"},
		"an end that says nothing":       {account{execution: &pipeline.Execution{Output: []byte(`{}`)}}, fails, "no release of it is recorded"},
		"a panic":                        {account{panics: true}, fails, "panicked"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.account.handle(job("job-2"))
			if (err != nil) != c.account.panics {
				t.Error(err)
			}
			if got := c.account.answers(t); got != c.want || !strings.Contains(c.account.said(), c.says) {
				t.Errorf("%s, said %q; want %s saying %q", got, c.account.said(), c.want, c.says)
			}
		})
	}
}

// said is what the one answer says.
func (a *account) said() string {
	for _, f := range a.failed {
		return string(f.Kind) + ": " + f.Message
	}
	for _, c := range a.continued {
		return c.Summary
	}
	if len(a.succeeded) == 0 {
		return ""
	}
	said := a.succeeded[0].Summary
	for _, name := range slices.Sorted(maps.Keys(a.succeeded[0].Outputs)) {
		said += " " + name + "=" + a.succeeded[0].Outputs[name]
	}
	return said
}

func TestOneExecutionForAllJobsOfAnAction(t *testing.T) {
	var a account
	for range 3 { // the same job twice, and the next one
		if err := a.handle(job(first)); err != nil {
			t.Fatal(err)
		}
	}
	if len(a.started) != 1 || !strings.HasPrefix(a.started[0], first+" ") {
		t.Errorf("started %v", a.started)
	}
}

func TestWhatCannotBeReadIsAnsweredWhereAJobIsKnown(t *testing.T) {
	wrong := release.Errorf(release.Invalid, "the input", "target is missing")
	var a account
	if err := a.handle(func() (pipeline.Job, error) { return pipeline.Job{ID: first, Execution: first}, wrong }); err != nil || a.answers(t) != fails || !strings.HasPrefix(a.said(), "ConfigurationError: ") {
		t.Errorf("%v, %s, said %q", err, a.answers(t), a.said())
	}
	var b account
	if err := b.handle(func() (pipeline.Job, error) { return pipeline.Job{}, wrong }); !errors.Is(err, wrong) || b.answers(t) != "0 continued, 0 succeeded, 0 failed" {
		t.Errorf("%v, %s", err, b.answers(t))
	}
	// Reading it panics: the job is not known, and Lambda calls again.
	var c account
	if err := c.handle(func() (pipeline.Job, error) { panic("out of luck") }); release.CodeOf(err) != release.Panicked {
		t.Errorf("%v", err)
	}
}

func TestAnAnswerThatIsNotHeardIsAnError(t *testing.T) {
	a := account{unheard: release.Errorf(release.Unavailable, "put job success", "no answer")}
	if err := a.handle(job(first)); release.CodeOf(err) != release.Unavailable {
		t.Errorf("%v: Lambda must call again", err)
	}
}

// What AWS does not answer in time leaves time for the answer to the job.
func TestThereIsTimeForTheAnswer(t *testing.T) {
	var a account
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // less than the reserve
	defer cancel()
	adapter := pipeline.Adapter{Executions: &a, Ledger: &a, Jobs: &a}
	a.describe = release.Errorf(release.Unavailable, "describe", "%w", context.DeadlineExceeded)
	if err := adapter.Handle(ctx, job(first)); err != nil || a.answers(t) != goesOn {
		t.Errorf("%v, %s", err, a.answers(t))
	}
}
