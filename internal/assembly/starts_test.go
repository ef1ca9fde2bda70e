package assembly

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/release"
)

// oneExecution is Step Functions with what it answers.
type oneExecution struct {
	StepFunctions
	refuses error
	there   *sfn.DescribeExecutionOutput // nil: it is not seen
}

func (o oneExecution) StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, o.refuses
}

func (o oneExecution) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	if o.there == nil {
		return nil, &types.ExecutionDoesNotExist{}
	}
	return o.there, nil
}

// An execution that is there already is told by what it was started with; one that is there and cannot be seen yet is no start.
func TestStartsThatAreThereAlready(t *testing.T) {
	const input = `{"target":"orders","revision":{"image":"orders:2"},"startedBy":"codepipeline"}`
	exists := &types.ExecutionAlreadyExists{}
	running := func(input string) *sfn.DescribeExecutionOutput {
		return &sfn.DescribeExecutionOutput{Status: types.ExecutionStatusRunning, Input: aws.String(input)}
	}
	for name, c := range map[string]struct {
		states oneExecution
		before release.TargetName // of what was started before; "-": nothing was
		code   release.Code
	}{
		"started":                  {oneExecution{}, "-", ""},
		"it is there":              {oneExecution{refuses: exists, there: running(input)}, "orders", ""},
		"something else is there":  {oneExecution{refuses: exists, there: running(`"hello"`)}, "", ""},
		"it is there, and unseen":  {oneExecution{refuses: exists}, "", release.Unavailable},
		"nobody may start it":      {oneExecution{refuses: &smithy.GenericAPIError{Code: "AccessDeniedException"}}, "", release.Denied},
		"too many start something": {oneExecution{refuses: &smithy.GenericAPIError{Code: "ThrottlingException"}}, "", release.Throttled},
	} {
		serin := New(Core{StepFunctions: c.states}, nil, Settings{Machine: "arn:aws:states:eu-central-1:123456789012:stateMachine:serin"}, conductor.Runtime{}, slog.New(slog.DiscardHandler), io.Discard)
		got, err := starts{serin}.Start(t.Context(), "orders-one", release.Request{Target: "orders"})
		if c.code != "" {
			if release.CodeOf(err) != c.code {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			continue
		}
		before := release.TargetName("-")
		if got.Before != nil {
			before = got.Before.Target
		}
		if err != nil || before != c.before || got.Execution != "arn:aws:states:eu-central-1:123456789012:execution:serin:orders-one" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if on, err := (starts{serin}).Running(t.Context(), got.Execution); err != nil || on != (c.states.there != nil) {
			t.Errorf("%s: it runs: %t, %v", name, on, err)
		}
	}
}
