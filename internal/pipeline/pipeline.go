package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Job is one job of the action.
type Job struct {
	ID        string
	Execution string // the name of the execution that it follows: its own id, or that of the first job of the action
	Input     []byte // what the execution is started with
	Request   release.Request
}

// Execution is how an execution stands. An unknown one has no status.
type Execution struct {
	Running bool
	Unknown bool
	Failed  bool   // it ended, and not well
	Output  []byte // where it ended well
	Cause   string // where it did not
}

// Executions is Step Functions. A start of what was started is no error.
type Executions interface {
	Describe(ctx context.Context, name string) (Execution, error)
	Start(ctx context.Context, name string, input []byte) error
	ARN(name string) release.ExecutionARN
}

// Ledger is where releases are read. A release of which nothing was recorded is NotFound.
type Ledger interface {
	LoadMarked(ctx context.Context, id release.ID) (*release.Release, error)
}

// Jobs is CodePipeline. An answer to a job that was answered before is no error.
type Jobs interface {
	Continue(ctx context.Context, job string, c Continuation) error
	Succeed(ctx context.Context, job string, s Success) error
	Fail(ctx context.Context, job string, f Failure) error
}

// Adapter answers jobs.
type Adapter struct {
	Executions Executions
	Ledger     Ledger
	Jobs       Jobs
}

// reserve is what is left of the function's time for the answer itself.
const reserve = 10 * time.Second

// Handle does what a job asks for and answers it. decode reads the event; where it fails and there is a job's id, the
// job is answered with the error. The errors that are returned are those of answering; the job may be without an answer
// then, and the function is called again.
func (a *Adapter) Handle(ctx context.Context, decode func() (Job, error)) (err error) {
	var job Job
	defer func() {
		if p := recover(); p != nil {
			err = release.Errorf(release.Panicked, "the adapter", "panicked: %v", p)
			if job.ID != "" {
				if failed := a.Jobs.Fail(ctx, job.ID, failure(job, broken, "serin's adapter panicked. A release that was started goes on by itself: serin status "+string(job.Request.Target))); failed != nil {
					err = failed
				}
			}
		}
	}()
	job, err = decode()
	if err != nil && job.ID == "" {
		return err
	}
	if err != nil {
		return a.Jobs.Fail(ctx, job.ID, failure(job, misconfigured, err.Error()))
	}
	return a.follow(ctx, job)
}

// follow starts the job's execution where it is not there, and answers how it stands.
func (a *Adapter) follow(ctx context.Context, job Job) error {
	inTime, cancel := ahead(ctx)
	defer cancel()
	e, err := a.Executions.Describe(inTime, job.Execution)
	if err == nil && e.Unknown {
		if err = a.Executions.Start(inTime, job.Execution, job.Input); err == nil {
			return a.goOn(ctx, job, "started; the release is being prepared")
		}
	}
	if err != nil {
		return a.answerError(ctx, job, err)
	}
	r, err := a.Ledger.LoadMarked(inTime, release.NewID(job.Request.Target, a.Executions.ARN(job.Execution)))
	switch {
	case release.CodeOf(err) == release.NotFound && err != nil && e.Running:
		return a.goOn(ctx, job, "the release is being prepared, or waits for its turn")
	case release.CodeOf(err) == release.NotFound && err != nil:
		return a.notOpened(ctx, job, e)
	case err != nil:
		return a.answerError(ctx, job, err)
	}
	return a.opened(ctx, job, r)
}

// opened answers how a release stands that was recorded. It is over when the release is, not when the execution is: the
// action fails only after the baseline is back.
func (a *Adapter) opened(ctx context.Context, job Job, r *release.Release) error {
	switch {
	case r.Phase == release.Released:
		return a.Jobs.Succeed(ctx, job.ID, success(job, r))
	case r.Phase.Final():
		return a.Jobs.Fail(ctx, job.ID, failure(job, broken, ending(r)))
	}
	return a.goOn(ctx, job, standing(r))
}

// notOpened answers for an execution that ended without a release.
func (a *Adapter) notOpened(ctx context.Context, job Job, e Execution) error {
	if e.Failed {
		return a.Jobs.Fail(ctx, job.ID, failure(job, broken, "not started: "+e.Cause))
	}
	var said release.Answer
	if err := json.Unmarshal(e.Output, &said); err != nil || said.Next != release.NextNothing {
		return a.Jobs.Fail(ctx, job.ID, failure(job, broken, "the execution ended, and no release of it is recorded"))
	}
	return a.Jobs.Succeed(ctx, job.ID, nothing(job, said))
}

// goOn asks CodePipeline to call again.
func (a *Adapter) goOn(ctx context.Context, job Job, summary string) error {
	return a.Jobs.Continue(ctx, job.ID, Continuation{Token: job.Execution, Summary: cut(summary, maxSummary), Execution: string(a.Executions.ARN(job.Execution))})
}

// answerError answers what went wrong on the way: what may pass is asked again, what will not fails the job.
func (a *Adapter) answerError(ctx context.Context, job Job, err error) error {
	switch code := release.CodeOf(err); {
	case release.ClassOf(code) == release.ClassRetry:
		return a.goOn(ctx, job, fmt.Sprintf("asked again: %v", err))
	case code == release.Denied:
		return a.Jobs.Fail(ctx, job.ID, failure(job, forbidden, err.Error()))
	default:
		return a.Jobs.Fail(ctx, job.ID, failure(job, broken, err.Error()))
	}
}

// ahead returns a context that ends while there is still time for an answer.
func ahead(ctx context.Context) (context.Context, context.CancelFunc) {
	until, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, until.Add(-reserve))
}
