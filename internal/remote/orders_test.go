package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

// systems is Systems Manager as it speaks over HTTP: a parameter, and executions of one runbook. It notes the calls.
type systems struct {
	calls []call
	state map[string]any // of the execution that was started, as GetAutomationExecution answers it
	fails string         // the code with which every start is refused
}

type call struct {
	name string
	body map[string]any
}

func (s *systems) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	one := call{name: strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSSM.")}
	if err := json.Unmarshal(text, &one.body); err != nil {
		panic(err)
	}
	s.calls = append(s.calls, one)
	var answer any
	switch {
	case one.name == "GetParameter":
		answer = map[string]any{"Parameter": map[string]any{"Name": "/serin/core", "Value": `{"schema":1,"stateMachine":"arn:aws:states:eu-central-1:123456789012:stateMachine:serin","table":"serin-ledger"}`}}
	case s.fails != "":
		w.WriteHeader(http.StatusBadRequest)
		answer = map[string]any{"__type": s.fails, "message": "so says Systems Manager"}
	case one.name == "StartAutomationExecution":
		answer = map[string]any{"AutomationExecutionId": execution}
	case one.name == "GetAutomationExecution" && one.body["AutomationExecutionId"] == execution:
		answer = map[string]any{"AutomationExecution": s.state}
	default:
		w.WriteHeader(http.StatusBadRequest)
		answer = map[string]any{"__type": "AutomationExecutionNotFoundException"}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		panic(err)
	}
}

const execution = "01234567-89ab-cdef-0123-456789abcdef"

// account is an account behind the SDK's own client.
func (s *systems) account(t *testing.T) *remote.Account {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := ssm.New(ssm.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})
	return remote.New(remote.Clients{SSM: client, Runbooks: client}, "eu-central-1", time.Now)
}

// What goes over the wire is the runbook's name and what a person has asked for; who that is, is not said.
func TestOrderOverTheWire(t *testing.T) {
	for verb, c := range map[release.OrderVerb]struct {
		in   operate.Input
		want string
	}{
		release.OrderStop:       {operate.Input{}, `{"DocumentName":"serin-stop","Parameters":{"Reason":["why \"so\""],"Target":["orders"]}}`},
		release.OrderRollback:   {operate.Input{Release: "r-0123456789ab", ID: "x1"}, `{"DocumentName":"serin-rollback","Parameters":{"Id":["x1"],"Reason":["why \"so\""],"Release":["r-0123456789ab"],"Target":["orders"]}}`},
		release.OrderPromoteNow: {operate.Input{NoData: true}, `{"DocumentName":"serin-promote-now","Parameters":{"NoData":["true"],"Reason":["why \"so\""],"Target":["orders"]}}`},
		release.OrderAbandon:    {operate.Input{Release: "r-0123456789ab"}, `{"DocumentName":"serin-abandon","Parameters":{"Reason":["why \"so\""],"Release":["r-0123456789ab"],"Target":["orders"]}}`},
		release.OrderOverride:   {operate.Input{Alarms: []string{"a, b", "c"}}, `{"DocumentName":"serin-override","Parameters":{"Alarms":["a, b","c"],"Reason":["why \"so\""],"Target":["orders"]}}`},
	} {
		s := &systems{}
		in := c.in
		in.Verb, in.Target, in.Why, in.Who = verb, "orders", `why "so"`, "arn:aws:iam::123456789012:user/somebody-else"
		ordering, err := s.account(t).Order(t.Context(), in)
		if err != nil || ordering.Execution != execution || len(s.calls) != 2 {
			t.Fatalf("%s: %+v %v after %v", verb, ordering, err, s.calls)
		}
		sent, err := json.Marshal(s.calls[1].body)
		if err != nil || s.calls[1].name != "StartAutomationExecution" || string(sent) != c.want {
			t.Errorf("%s: %s %s", verb, s.calls[1].name, sent)
		}
	}
}

// An order that says nothing sensible is not sent.
func TestNoOrderIsSent(t *testing.T) {
	s := &systems{}
	_, err := s.account(t).Order(t.Context(), operate.Input{Verb: release.OrderStop, Target: "orders", Why: "a\nb"})
	if release.CodeOf(err) != release.Invalid || len(s.calls) != 1 {
		t.Errorf("%v after %v", err, s.calls)
	}
}

func TestStartsThatAreRefused(t *testing.T) {
	for code, want := range map[string]struct {
		code release.Code
		says string
	}{
		"AccessDeniedException":                         {release.Denied, "serin-operate-REGION"},
		"AutomationDefinitionNotFoundException":         {release.NotFound, "update the stack"},
		"InvalidAutomationExecutionParametersException": {release.Invalid, "another version"},
		"AutomationExecutionLimitExceededException":     {release.Throttled, "try again"},
		"ThrottlingException":                           {release.Throttled, "so says"},
		"InternalServerError":                           {release.Unavailable, "so says"},
	} {
		s := &systems{fails: code}
		_, err := s.account(t).Order(t.Context(), operate.Input{Verb: release.OrderStop, Target: "orders", Why: "because"})
		if release.CodeOf(err) != want.code || !strings.Contains(err.Error(), want.says) || !strings.Contains(err.Error(), "stop orders (eu-central-1)") {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// What became of an order is read from wherever Systems Manager puts it, and what cannot be read is an error that says so.
func TestOrdered(t *testing.T) {
	const answer = `{"release":"r-0123456789ab","target":"orders","verb":"stop","note":"it comes back"}`
	const refusal = `{"errorMessage":"stop orders: it is \"over\" {already}","errorType":"Illegal"}`
	quoted, err := json.Marshal(refusal)
	if err != nil {
		t.Fatal(err)
	}
	step := func(failure string, payload ...string) []any {
		return []any{map[string]any{"StepName": "Order", "FailureMessage": failure, "Outputs": map[string][]string{"Payload": payload}}}
	}
	for name, c := range map[string]struct {
		status string
		more   map[string]any
		done   bool
		code   release.Code // empty: it was answered
		says   string
	}{
		"waits":                  {"Pending", nil, false, "", ""},
		"runs":                   {"InProgress", nil, false, "", ""},
		"is being cancelled":     {"Cancelling", nil, false, "", ""},
		"answered":               {"Success", map[string]any{"Outputs": map[string][]string{"Order.Payload": {answer}}}, true, "", "it comes back"},
		"answered by the step":   {"Success", map[string]any{"StepExecutions": step("", answer)}, true, "", "it comes back"},
		"answered nothing":       {"Success", nil, true, release.Unexpected, "the order was given"},
		"answered something":     {"Success", map[string]any{"Outputs": map[string][]string{"Order.Payload": {"null"}}}, true, release.Unexpected, "the order was given"},
		"refused":                {"Failed", map[string]any{"FailureMessage": "Step fails {1}: " + refusal + ". See the guide."}, true, release.Illegal, `it is "over" {already}`},
		"refused, quoted":        {"Failed", map[string]any{"FailureMessage": "Step fails: " + string(quoted)}, true, release.Illegal, "{already}"},
		"refused, in the step":   {"Failed", map[string]any{"FailureMessage": "Step Order failed", "StepExecutions": step("said " + refusal)}, true, release.Illegal, "{already}"},
		"refused, in its output": {"Failed", map[string]any{"StepExecutions": step("", refusal)}, true, release.Illegal, "{already}"},
		"failed":                 {"Failed", map[string]any{"FailureMessage": "no such function", "StepExecutions": step("no such function")}, true, release.Unexpected, "ended as Failed: no such function"},
		"timed out":              {"TimedOut", map[string]any{"FailureMessage": "after 120 s"}, true, release.Unexpected, "ended as TimedOut: after 120 s"},
		"cancelled":              {"Cancelled", nil, true, release.Unexpected, "ended as Cancelled"},
	} {
		state := map[string]any{"AutomationExecutionId": execution, "AutomationExecutionStatus": c.status}
		maps.Copy(state, c.more)
		s := &systems{state: state}
		got, done, err := s.account(t).Ordered(t.Context(), remote.Ordering{Verb: release.OrderStop, Target: "orders", Execution: execution})
		if done != c.done || (err == nil) != (c.code == "") || err != nil && release.CodeOf(err) != c.code || !strings.Contains(fmt.Sprint(got.Note, err), c.says) {
			t.Errorf("%s: %+v %v %v", name, got, done, err)
		}
		if c.code == release.Unexpected && !strings.Contains(err.Error(), execution) {
			t.Errorf("%s: nobody can look it up: %v", name, err)
		}
	}
	s := &systems{}
	if _, done, err := s.account(t).Ordered(t.Context(), remote.Ordering{Execution: "another"}); done || release.CodeOf(err) != release.NotFound {
		t.Errorf("%v %v", done, err)
	}
}

// Whatever text Systems Manager puts around it, reading it ends and never makes an answer up.
func FuzzFailureMessage(f *testing.F) {
	f.Add(`Step fails: {"errorMessage":"no","errorType":"Illegal"}`)
	f.Add(`{{{{"errorMessage":{}}\"{`)
	f.Fuzz(func(t *testing.T, text string) {
		account := remote.New(remote.Clients{Runbooks: failed(text)}, "eu-central-1", time.Now)
		_, done, err := account.Ordered(t.Context(), remote.Ordering{Execution: execution})
		known, ok := errors.AsType[*release.Error](err)
		if !done || !ok || known.Err == nil || known.Err.Error() == "" {
			t.Errorf("%q: %v %v", text, done, err)
		}
	})
}

// failed is Systems Manager with an execution that failed, and this to say of it.
type failed string

func (f failed) GetAutomationExecution(context.Context, *ssm.GetAutomationExecutionInput, ...func(*ssm.Options)) (*ssm.GetAutomationExecutionOutput, error) {
	return &ssm.GetAutomationExecutionOutput{AutomationExecution: &types.AutomationExecution{
		AutomationExecutionStatus: types.AutomationExecutionStatusFailed, FailureMessage: aws.String(string(f)),
	}}, nil
}

func (failed) StartAutomationExecution(context.Context, *ssm.StartAutomationExecutionInput, ...func(*ssm.Options)) (*ssm.StartAutomationExecutionOutput, error) {
	return nil, errors.New("nothing is started here")
}
