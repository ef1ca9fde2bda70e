package hook_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/hook"
	"github.com/serin-aws/serin/internal/release"
)

const function = "arn:aws:lambda:eu-central-1:123456789012:function:smoke-test:live"

// answering is Lambda with one function.
type answering struct {
	payload string
	broken  *string
	err     error
	asked   []*lambda.InvokeInput
}

func (a *answering) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	a.asked = append(a.asked, in)
	return &lambda.InvokeOutput{Payload: []byte(a.payload), FunctionError: a.broken}, a.err
}

func TestAnswers(t *testing.T) {
	for payload, want := range map[string]release.HookAnswer{
		`{"hookStatus":"SUCCEEDED"}`:                         {Status: release.HookSucceeded},
		`{"hookStatus":"SUCCEEDED","callBackDelay":60}`:      {Status: release.HookSucceeded},
		`{"hookStatus":"FAILED","message":"x"}`:              {Status: release.HookFailed},
		`{"hookStatus":"IN_PROGRESS"}`:                       {Status: release.HookInProgress},
		`{"hookStatus":"IN_PROGRESS","callBackDelay":60}`:    {Status: release.HookInProgress, Delay: time.Minute},
		`{"hookStatus":"IN_PROGRESS","callBackDelay":0.5}`:   {Status: release.HookInProgress, Delay: 500 * time.Millisecond},
		`{"hookStatus":"IN_PROGRESS","callBackDelay":-1}`:    {Status: release.HookInProgress},
		`{"hookStatus":"IN_PROGRESS","callBackDelay":1e30}`:  {Status: release.HookInProgress, Delay: release.LongestHook},
		`{"hookStatus":"IN_PROGRESS","hookDetails":null}`:    {Status: release.HookInProgress},
		`{"hookStatus":"IN_PROGRESS","hookDetails":{"a":1}}`: {Status: release.HookInProgress, Details: json.RawMessage(`{"a":1}`)},
	} {
		client := &answering{payload: payload}
		got, err := hook.New(client).Ask(context.Background(), function, release.HookEvent{ExecutionID: "one"})
		if err != nil || got.Status != want.Status || got.Delay != want.Delay || string(got.Details) != string(want.Details) {
			t.Errorf("%s: %+v %v", payload, got, err)
		}
		if in := client.asked[0]; *in.FunctionName != function || in.InvocationType != "" || !strings.Contains(string(in.Payload), `"executionId":"one"`) {
			t.Errorf("asked %+v with %s", in, in.Payload)
		}
	}
}

// timeout is what an HTTP client answers when its time is up.
type timeout struct{ error }

func (timeout) Timeout() bool { return true }

func TestWhatIsNoAnswer(t *testing.T) {
	api := func(code string, fault smithy.ErrorFault) error {
		return &smithy.OperationError{ServiceID: "Lambda", OperationName: "Invoke", Err: &smithy.GenericAPIError{Code: code, Message: "said AWS", Fault: fault}}
	}
	for name, c := range map[string]struct {
		lambda answering
		code   release.Code
		says   string
	}{
		"no status":            {answering{payload: `{"statusCode":200}`}, release.Unexpected, `answered {"statusCode":200}, but a hook answers {"hookStatus"`},
		"a status in lower":    {answering{payload: `{"hookStatus":"succeeded"}`}, release.Unexpected, "but a hook answers"},
		"a text":               {answering{payload: `"SUCCEEDED"`}, release.Unexpected, "but a hook answers"},
		"nothing":              {answering{payload: "null"}, release.Unexpected, "answered nothing"},
		"no bytes":             {answering{}, release.Unexpected, "answered nothing"},
		"details of a list":    {answering{payload: `{"hookStatus":"IN_PROGRESS","hookDetails":[1]}`}, release.Unexpected, "but a hook answers"},
		"too many details":     {answering{payload: `{"hookStatus":"IN_PROGRESS","hookDetails":{"a":"` + strings.Repeat("x", 5000) + `"}}`}, release.Unexpected, "at most 4096 can be"},
		"a failure":            {answering{broken: aws.String("Unhandled"), payload: `{"errorType":"KeyError","errorMessage":"'path'"}`}, release.Unexpected, "KeyError: 'path'"},
		"a failure of no form": {answering{broken: aws.String("Unhandled"), payload: `oops`}, release.Unexpected, "oops"},
		"no such function":     {answering{err: &types.ResourceNotFoundException{}}, release.NotFound, "check hooks in the target's file"},
		"not allowed":          {answering{err: api("AccessDeniedException", smithy.FaultClient)}, release.Denied, "deploy the target's roles again"},
		"being updated":        {answering{err: &types.ResourceConflictException{}}, release.Unavailable, "not ready"},
		"too many":             {answering{err: &types.TooManyRequestsException{}}, release.Throttled, ""},
		"a server's error":     {answering{err: api("ServiceException", smithy.FaultServer)}, release.Unavailable, ""},
		"no answer in time":    {answering{err: &smithy.OperationError{Err: timeout{errors.New("cancelled")}}}, release.Unavailable, "must answer IN_PROGRESS"},
	} {
		_, err := hook.New(&c.lambda).Ask(context.Background(), function, release.HookEvent{})
		if err == nil || release.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %s: %v", name, release.CodeOf(err), err)
		}
	}
}

func TestACheckRunsNothing(t *testing.T) {
	client := &answering{}
	if err := hook.New(client).Check(context.Background(), function); err != nil || client.asked[0].InvocationType != types.InvocationTypeDryRun {
		t.Error(client.asked, err)
	}
	client.err = &types.ResourceNotFoundException{}
	if err := hook.New(client).Check(context.Background(), function); release.CodeOf(err) != release.NotFound {
		t.Error(err)
	}
}

// FuzzAnswers holds that whatever a hook answers is one of the statuses, within its bounds, or an error.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{`{"hookStatus":"IN_PROGRESS","callBackDelay":60,"hookDetails":{"a":{"b":[1]}}}`, `{"hookStatus":"FAILED"}`, `{}`, `[]`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		got, err := hook.New(&answering{payload: payload}).Ask(context.Background(), function, release.HookEvent{})
		switch {
		case err != nil:
			if got.Status != "" {
				t.Errorf("%+v with %v", got, err)
			}
		case got.Status != release.HookSucceeded && got.Status != release.HookFailed && got.Status != release.HookInProgress:
			t.Errorf("status %q", got.Status)
		case got.Delay < 0 || got.Delay > release.LongestHook || len(got.Details) > 4<<10 || got.Details != nil && !json.Valid(got.Details):
			t.Errorf("%+v", got)
		}
	})
}
