package infra

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipelineactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/release"
)

// Revision says what a pipeline releases: one of the four, usually a variable of an earlier action.
type Revision struct {
	Image          string // "repository@sha256:..." or "repository:tag"
	TaskDefinition string // ARN or family:revision
	Version        string // of a Lambda function
	Code           string // of a Lambda function: "s3://bucket/key?versionId=..."
}

func (r Revision) request() map[string]any {
	revision := map[string]any{}
	for name, value := range map[string]string{"image": r.Image, "taskDefinition": r.TaskDefinition, "version": r.Version, "code": r.Code} {
		if value != "" {
			revision[name] = value
		}
	}
	if len(revision) != 1 {
		panic(fmt.Sprintf("infra: a release action names %d of Image, TaskDefinition, Version and Code, but must name exactly one", len(revision)))
	}
	return revision
}

// ReleaseActionProps says what a stage of a pipeline releases.
type ReleaseActionProps struct {
	Name     string // of the action; empty means Release
	Target   *Target
	Revision Revision
	Reason   string  // empty means the pipeline's execution id
	RunOrder float64 // zero means 1
}

func (p *ReleaseActionProps) defaults() *ReleaseActionProps {
	d := *p
	if d.Name == "" {
		d.Name = "Release"
	}
	if d.RunOrder == 0 {
		d.RunOrder = 1
	}
	if d.Reason == "" {
		d.Reason = "pipeline execution " + *awscodepipeline.GlobalVariables_ExecutionId()
	}
	return &d
}

func (p *ReleaseActionProps) request() map[string]any {
	return map[string]any{"target": string(p.Target.Name), "revision": p.Revision.request(), "reason": p.Reason, "startedBy": release.Pipeline}
}

// NewReleaseAction returns an action that runs a release as an execution of serin's state machine and ends with it:
// the stage succeeds when all work is on the new revision, and fails when it is on the recorded baseline again.
//
// The action waits for at most seven days (CodePipeline's bound for it). Stopping the pipeline does not stop the
// release: serin stop does.
func NewReleaseAction(machine sfn.IStateMachine, props *ReleaseActionProps) awscodepipeline.IAction {
	p := props.defaults()
	request := p.request()
	return awscodepipelineactions.NewStepFunctionInvokeAction(&awscodepipelineactions.StepFunctionsInvokeActionProps{
		ActionName:          &p.Name,
		RunOrder:            &p.RunOrder,
		StateMachine:        machine,
		ExecutionNamePrefix: jsii.String(prefix(string(p.Target.Name))),
		StateMachineInput:   awscodepipelineactions.StateMachineInput_Literal(&request),
	})
}

// prefix keeps an execution's name, prefix-<the action execution's id of 36 characters>, within 80.
func prefix(target string) string { return target[:min(len(target), 43)] }

// NewReleaseJob returns an action that does the same through serin's function pipeline. It gives later actions the
// variables release, verdict and revision, and ends after 24 hours at most (CodePipeline's bound for jobs).
func NewReleaseJob(pipeline awslambda.IFunction, props *ReleaseActionProps) awscodepipeline.IAction {
	p := props.defaults()
	parameters := p.request()
	return awscodepipelineactions.NewLambdaInvokeAction(&awscodepipelineactions.LambdaInvokeActionProps{
		ActionName:     &p.Name,
		RunOrder:       &p.RunOrder,
		Lambda:         pipeline,
		UserParameters: &parameters,
	})
}
