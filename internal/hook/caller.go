package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Lambda is what this package asks of AWS Lambda.
type Lambda interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// Patience is how long one call of a hook is waited for. A function of serin's lives a minute; a hook that works longer
// answers IN_PROGRESS. The client that a Caller is given must give up after so long, and not try again by itself.
const Patience = 40 * time.Second

// Caller calls hooks in a target's account.
type Caller struct{ lambda Lambda }

// New returns a caller over a client of the target's account.
func New(lambda Lambda) Caller { return Caller{lambda} }

// Check answers an error where a function does not exist, or may not be called with the target's role. It runs nothing.
func (c Caller) Check(ctx context.Context, function string) error {
	_, err := c.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, InvocationType: types.InvocationTypeDryRun})
	return explain(function, err)
}

// Ask calls a function once, and waits for what it says. The error is Throttled or Unavailable where it may answer at
// another time; Unexpected and the rest mean that the hook has failed.
func (c Caller) Ask(ctx context.Context, function string, event release.HookEvent) (release.HookAnswer, error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return release.HookAnswer{}, release.Errorf(release.Unexpected, op(function), "%w", err)
	}
	out, err := c.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Payload: payload})
	if err != nil {
		return release.HookAnswer{}, explain(function, err)
	}
	if out.FunctionError != nil {
		return release.HookAnswer{}, release.Errorf(release.Unexpected, op(function), "the function failed (%s): %s; its log says more", aws.ToString(out.FunctionError), failure(out.Payload))
	}
	answer, err := parse(out.Payload)
	if err != nil {
		return answer, release.Errorf(release.Unexpected, op(function), "%w", err)
	}
	return answer, nil
}

func op(function string) string { return "call " + release.Hook{Function: function}.Name() }

// explain gives an error of Lambda the code that it means for a hook, and says what would be right.
func explain(function string, err error) error {
	late, slow := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	switch {
	case err == nil:
		return nil
	case slow && late.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return release.Errorf(release.Unavailable, op(function), "no answer within %s; what takes longer must answer IN_PROGRESS and go on by itself", Patience)
	case awserr.Is(err, "ResourceNotFoundException"):
		return release.Errorf(release.NotFound, op(function), "%s does not exist; check hooks in the target's file", function)
	case awserr.Is(err, "AccessDeniedException"):
		return release.Errorf(release.Denied, op(function), "the target's role may not call %s; deploy the target's roles again (serin iam prints them), and look at the function's own policy where it is in another account", function)
	case awserr.Is(err, "ResourceConflictException", "ResourceNotReadyException", "SnapStartNotReadyException"): // it is being updated
		return release.Errorf(release.Unavailable, op(function), "the function is not ready: %w", err)
	}
	return awserr.Wrap(op(function), err)
}

// failure is what Lambda says of a function that failed.
func failure(payload []byte) string {
	var told struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(payload, &told); err != nil || told.ErrorMessage == "" {
		return quote(payload)
	}
	return strings.TrimPrefix(fmt.Sprintf("%s: %s", told.ErrorType, told.ErrorMessage), ": ")
}
