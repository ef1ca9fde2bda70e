package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// Does is what a hook comes to.
type Does string

// The ways.
const (
	Succeeds Does = "succeed"
	Fails    Does = "fail"   // it says FAILED
	Hangs    Does = "hang"   // it never answers
	Breaks   Does = "break"  // the function fails
	Babbles  Does = "babble" // it answers what is no answer
)

// Function is one hook.
type Function struct {
	ARN        string
	Does       Does
	InProgress time.Duration // how long it says IN_PROGRESS first
	Takes      time.Duration // one call
	At         []string      // the stages at which it does so; at the others it succeeds; empty: at all

	Executions []*Execution // in the order of their first call
}

// Execution is one execution of a hook, however often it was called.
type Execution struct {
	ID      string
	Release string
	Stage   string
	Since   time.Time
	Calls   int
	Said    string // the last hookStatus; empty where it said none
}

// Service is Lambda as far as hooks are called through it.
type Service struct {
	loop      *loop.Loop
	functions []*Function
	patience  time.Duration
}

type option = func(*sdk.Options)

// New returns a service whose caller gives up on a call after so long.
func New(l *loop.Loop, patience time.Duration) *Service { return &Service{loop: l, patience: patience} }

// Add makes a function exist, once.
func (s *Service) Add(f *Function) {
	if s.find(f.ARN) == nil {
		s.functions = append(s.functions, f)
	}
}

// Functions are all functions, in the order in which they were added.
func (s *Service) Functions() []*Function { return s.functions }

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (s *Service) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	if in, ok := params.(*sdk.InvokeInput); ok {
		out, err = s.Invoke(ctx, in)
		return out, true, err
	}
	return nil, false, nil
}

// Invoke is the operation of that name.
func (s *Service) Invoke(ctx context.Context, in *sdk.InvokeInput, _ ...option) (*sdk.InvokeOutput, error) {
	f := s.find(aws.ToString(in.FunctionName))
	dry := in.InvocationType == types.InvocationTypeDryRun
	takes := time.Duration(0)
	if f != nil && !dry {
		takes = f.Takes
		if e := read(in.Payload); f.doing(e.Serin.Stage) == Hangs {
			takes = s.patience
		}
	}
	out, err := door.Call(ctx, "lambda:InvokeFunction", in, func() (*sdk.InvokeOutput, error) { return s.invoke(f, in, dry) })
	if err != nil || takes == 0 {
		return out, err
	}
	if !door.Pass(ctx, takes) {
		return nil, door.ErrGone
	}
	if takes >= s.patience {
		return nil, noAnswer{}
	}
	return out, nil
}

// noAnswer is what the SDK's HTTP client answers when its time is up.
type noAnswer struct{}

func (noAnswer) Error() string { return "request canceled while waiting for the answer" }

// Timeout reports that it was the time that was up.
func (noAnswer) Timeout() bool { return true }

// event is what a function reads of what it is given.
type event struct {
	ExecutionID    string                     `json:"executionId"`
	LifecycleStage string                     `json:"lifecycleStage"`
	HookDetails    map[string]json.RawMessage `json:"hookDetails"`
	Serin          struct {
		Release string `json:"release"`
		Stage   string `json:"stage"`
	} `json:"serin"`
}

func read(payload []byte) event {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return event{}
	}
	return e
}

func (s *Service) find(function string) *Function {
	i := slices.IndexFunc(s.functions, func(f *Function) bool { return f.ARN == function })
	if i < 0 {
		return nil
	}
	return s.functions[i]
}

func (f *Function) doing(stage string) Does {
	if len(f.At) > 0 && !slices.Contains(f.At, stage) {
		return Succeeds
	}
	return f.Does
}

func (s *Service) invoke(f *Function, in *sdk.InvokeInput, dry bool) (*sdk.InvokeOutput, error) {
	if f == nil {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Function not found: " + aws.ToString(in.FunctionName))}
	}
	if dry {
		return &sdk.InvokeOutput{StatusCode: 204}, nil
	}
	e := read(in.Payload)
	if e.ExecutionID == "" || e.LifecycleStage == "" || e.HookDetails == nil {
		return failure("KeyError", fmt.Sprintf("not the event of a lifecycle hook: %s", in.Payload)), nil
	}
	x := f.execution(e, s.loop.Now())
	x.Calls++
	does := f.doing(e.Serin.Stage)
	if s.loop.Now().Sub(x.Since) < f.InProgress && does != Breaks && does != Babbles {
		x.Said = "IN_PROGRESS"
		return answer(map[string]any{"hookStatus": x.Said, "callBackDelay": 30, "hookDetails": map[string]any{"calls": x.Calls}}), nil
	}
	switch does {
	case Fails:
		x.Said = "FAILED"
	case Breaks:
		return failure("AssertionError", "the smoke test could not connect"), nil
	case Babbles:
		return answer(map[string]any{"statusCode": 200, "body": "ok"}), nil
	case Hangs:
		return answer(nil), nil // which nobody waits for
	case Succeeds:
		x.Said = "SUCCEEDED"
	}
	return answer(map[string]any{"hookStatus": x.Said}), nil
}

func (f *Function) execution(e event, now time.Time) *Execution {
	i := slices.IndexFunc(f.Executions, func(x *Execution) bool { return x.ID == e.ExecutionID })
	if i < 0 {
		f.Executions = append(f.Executions, &Execution{ID: e.ExecutionID, Release: e.Serin.Release, Stage: e.Serin.Stage, Since: now})
		i = len(f.Executions) - 1
	}
	return f.Executions[i]
}

func answer(value any) *sdk.InvokeOutput {
	payload, err := json.Marshal(value)
	if err != nil { // texts and numbers
		panic(err)
	}
	return &sdk.InvokeOutput{StatusCode: 200, Payload: payload}
}

func failure(kind, message string) *sdk.InvokeOutput {
	out := answer(map[string]any{"errorType": kind, "errorMessage": message})
	out.FunctionError = aws.String("Unhandled")
	return out
}
