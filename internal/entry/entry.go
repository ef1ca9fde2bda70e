// Package entry is the boundary between Lambda and serin: JSON in, JSON out, errors by the names that the state
// machine's Retry and Catch know. Only here is an error translated for Lambda, which would otherwise name it by its Go
// type.
package entry

import (
	"context"
	stdjson "encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/go-json-experiment/json"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/release"
)

// Verb is what a function does: a method of one of the conductor's verbs.
type Verb func(context.Context, conductor.Input) (release.Answer, error)

// Handler is a Lambda function of the state machine as lambda.Start takes it.
type Handler = Function[release.Answer]

// Function is a Lambda function as lambda.Start takes it.
type Function[Answer any] func(ctx context.Context, event stdjson.RawMessage) (Answer, error)

// New returns the handler of a verb. Its errors are messages.InvokeResponse_Error with a code of release.Codes as
// type. A panic becomes the code Panicked: the release goes home, and the stack goes into the log.
func New(verb Verb, log *slog.Logger) Handler {
	return Raw(func(ctx context.Context, event []byte) (release.Answer, error) {
		var in conductor.Input
		if err := json.Unmarshal(event, &in); err != nil {
			return release.Answer{}, release.Errorf(release.Invalid, "the function's event", "is not what the state machine sends: %w", err)
		}
		answer, err := verb(ctx, in)
		if err != nil {
			log.ErrorContext(ctx, "failed", "code", release.CodeOf(err), "state", in.State, "execution", in.Execution, "error", err.Error())
			return release.Answer{}, err
		}
		log.InfoContext(ctx, "answered", "release", answer.Release, "state", in.State, "next", answer.Next, "wait", answer.Wait, "note", answer.Note)
		return answer, nil
	}, log)
}

// Raw returns a function that reads its event itself, with errors and panics named as New names them. The event itself
// is never logged: it may carry what nobody may see.
func Raw[Answer any](handle func(ctx context.Context, event []byte) (Answer, error), log *slog.Logger) Function[Answer] {
	return func(ctx context.Context, event stdjson.RawMessage) (answer Answer, err error) {
		defer func() {
			if p := recover(); p != nil {
				log.ErrorContext(ctx, "panic", "code", release.Panicked, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				err = translate(release.Errorf(release.Panicked, "the function", "panicked: %v", p))
			}
		}()
		answer, err = handle(ctx, event)
		if err != nil {
			var none Answer
			return none, translate(err)
		}
		return answer, nil
	}
}

// translate names an error as the state machine knows it.
func translate(err error) error {
	return messages.InvokeResponse_Error{Type: string(release.CodeOf(err)), Message: err.Error()}
}
