package assembly

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/entry"
	"github.com/serin-aws/serin/internal/pipeline"
	"github.com/serin-aws/serin/internal/recovery"
	"github.com/serin-aws/serin/internal/release"
)

// JobAnswerer is what serin needs of CodePipeline.
type JobAnswerer interface {
	PutJobSuccessResult(context.Context, *codepipeline.PutJobSuccessResultInput, ...func(*codepipeline.Options)) (*codepipeline.PutJobSuccessResultOutput, error)
	PutJobFailureResult(context.Context, *codepipeline.PutJobFailureResultInput, ...func(*codepipeline.Options)) (*codepipeline.PutJobFailureResultOutput, error)
}

// Done is what a function answers that nobody listens to.
type Done struct{}

// Pipeline returns the handler of the function pipeline.
func (s *Serin) Pipeline(client JobAnswerer) entry.Function[Done] {
	adapter := pipeline.Adapter{
		Executions: named{executions{s.core.StepFunctions}, s.settings.Machine}, Ledger: s.ledger, Jobs: jobs{client},
	}
	return entry.Raw(func(ctx context.Context, event []byte) (Done, error) {
		var id string
		err := adapter.Handle(ctx, func() (pipeline.Job, error) {
			job, err := jobOf(event)
			id = job.ID
			return job, err
		})
		s.log.InfoContext(ctx, "job", "id", id, "error", text(err)) // never the event: it carries credentials
		return Done{}, err
	}, s.log)
}

// jobOf reads a job of CodePipeline's event. Where its id could be read it is there beside the error.
func jobOf(event []byte) (pipeline.Job, error) {
	read, err := events.DecodeJob(event)
	job := pipeline.Job{ID: read.ID, Execution: read.Continued}
	if job.Execution == "" {
		job.Execution = read.ID
	}
	if err != nil {
		return job, err
	}
	job.Input, job.Request, err = read.Trigger()
	return job, err
}

// named is Step Functions by the names of one state machine's executions.
type named struct {
	executions executions
	machine    string
}

func (n named) ARN(name string) release.ExecutionARN {
	return recovery.ExecutionOf(n.machine, name)
}

func (n named) Start(ctx context.Context, name string, input []byte) error {
	return n.executions.Start(ctx, n.machine, name, input)
}

func (n named) Describe(ctx context.Context, name string) (pipeline.Execution, error) {
	e, err := n.executions.Describe(ctx, n.ARN(name))
	return pipeline.Execution{
		Running: e.Status == recovery.Running, Unknown: e.Status == recovery.Unknown,
		Failed: e.Status != recovery.Succeeded && e.Status != recovery.Running && e.Status != recovery.Unknown,
		Output: e.Output, Cause: e.Cause,
	}, err
}

// jobs answers CodePipeline.
type jobs struct{ client JobAnswerer }

// answered turns "somebody has answered this job" into a success: an answer that was lost is repeated.
func answered(op string, err error) error {
	if awserr.Is(err, "InvalidJobStateException") {
		return nil
	}
	return awserr.Wrap(op, err)
}

func (j jobs) Continue(ctx context.Context, job string, c pipeline.Continuation) error {
	_, err := j.client.PutJobSuccessResult(ctx, &codepipeline.PutJobSuccessResultInput{
		JobId: aws.String(job), ContinuationToken: aws.String(c.Token),
		ExecutionDetails: &types.ExecutionDetails{Summary: aws.String(c.Summary), ExternalExecutionId: aws.String(c.Execution)},
	})
	return answered("continue job "+job, err)
}

func (j jobs) Succeed(ctx context.Context, job string, s pipeline.Success) error {
	_, err := j.client.PutJobSuccessResult(ctx, &codepipeline.PutJobSuccessResultInput{
		JobId: aws.String(job), OutputVariables: s.Outputs,
		ExecutionDetails: &types.ExecutionDetails{Summary: aws.String(s.Summary), ExternalExecutionId: aws.String(s.Execution), PercentComplete: aws.Int32(100)},
	})
	return answered("answer job "+job, err)
}

func (j jobs) Fail(ctx context.Context, job string, f pipeline.Failure) error {
	in := &codepipeline.PutJobFailureResultInput{
		JobId: aws.String(job), FailureDetails: &types.FailureDetails{Type: types.FailureType(f.Kind), Message: aws.String(f.Message)},
	}
	if f.Execution != "" {
		in.FailureDetails.ExternalExecutionId = aws.String(f.Execution)
	}
	_, err := j.client.PutJobFailureResult(ctx, in)
	return answered("fail job "+job, err)
}
