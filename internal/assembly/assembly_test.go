package assembly

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

func TestRoleARN(t *testing.T) {
	const self = "arn:aws-cn:lambda:cn-north-1:123456789012:function:serin-promote:7"
	for name, c := range map[string]struct {
		self, role string
		access     Access
		want       string
	}{
		"the default":   {self, "", Look, "arn:aws-cn:iam::123456789012:role/serin-orders-look"},
		"a name":        {self, "release-orders", Change, "arn:aws-cn:iam::123456789012:role/release-orders-change"},
		"another's":     {self, "arn:aws:iam::210987654321:role/serin-orders", Change, "arn:aws:iam::210987654321:role/serin-orders-change"},
		"nobody's self": {"", "", Look, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := RoleARN(c.self, release.Target{Name: "orders", Role: c.role}, c.access)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// parameters is SSM with one parameter, or an error.
type parameters struct {
	value string
	err   error
}

func (p parameters) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if p.err != nil {
		return nil, p.err
	}
	if aws.ToString(in.Name) != "/serin/targets/orders" {
		return nil, &ssmtypes.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: aws.String(p.value)}}, nil
}

const target = `{"name":"orders","platform":"ecs-queue","ecsQueue":{"cluster":"prod","primaryService":"orders","canaryService":"orders-canary","container":"worker","queue":"orders"},"source":{"ecr":{"repository":"orders"}},"plan":{"preset":"Canary10Percent15Minutes"},"checks":{"alarms":["a"]}}`

func TestTargetsComeFromSSM(t *testing.T) {
	for name, c := range map[string]struct {
		parameters parameters
		ask        release.TargetName
		code       release.Code
		says       string
	}{
		"there":            {parameters{value: target}, "orders", "", ""},
		"not there":        {parameters{value: target}, "other", release.NotFound, "serin apply -f FILE"},
		"broken":           {parameters{value: strings.Replace(target, "ecs-queue", "ecs", 1)}, "orders", release.Invalid, "/serin/targets/orders"},
		"of another name":  {parameters{value: strings.Replace(target, `"name":"orders"`, `"name":"others"`, 1)}, "orders", release.Invalid, "another name"},
		"SSM says nothing": {parameters{err: errors.New("connection reset")}, "orders", release.Unavailable, "connection reset"},
	} {
		t.Run(name, func(t *testing.T) {
			got, hash, err := targets{c.parameters, targetfile.Parse}.Target(context.Background(), c.ask)
			if c.code == "" {
				if err != nil || got.Name != "orders" || hash != targetfile.Hash([]byte(target)) {
					t.Errorf("%+v %s %v", got, hash, err)
				}
				return
			}
			if release.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s saying %q", err, c.code, c.says)
			}
		})
	}
}

// Whoever may call the function cannot say who gives an order, nor which: it takes the id of an execution and nothing else.
func TestNobodyGivesOrdersByHand(t *testing.T) {
	operate := New(Core{Runbooks: noRunbooks{}}, nil, Settings{}, conductor.Runtime{}, slog.New(slog.DiscardHandler), io.Discard).Operate()
	for _, event := range []string{
		`{"verb":"approve","target":"orders","who":"arn:aws:iam::123456789012:user/ben","why":"fine","id":"1"}`,
		`{"execution":"01234567-89ab-cdef-0123-456789abcdef","who":"arn:aws:iam::123456789012:user/ben"}`,
		`{"execution":"01234567-89ab-cdef-0123-456789abcdef"}`, `{"execution":7}`, `{}`, `"stop"`, ``,
	} {
		_, err := operate(t.Context(), []byte(event))
		if err == nil || !strings.Contains(err.Error(), "serin's runbooks") {
			t.Errorf("%s: %v", event, err)
		}
	}
}

// noRunbooks is Systems Manager without any execution.
type noRunbooks struct{}

func (noRunbooks) GetAutomationExecution(context.Context, *ssm.GetAutomationExecutionInput, ...func(*ssm.Options)) (*ssm.GetAutomationExecutionOutput, error) {
	return nil, &ssmtypes.AutomationExecutionNotFoundException{}
}

// An execution is believed while its step may be calling, and what Systems Manager cannot say is an error with its code.
func TestRunbooksAreAsked(t *testing.T) {
	for status, running := range map[ssmtypes.AutomationExecutionStatus]bool{"InProgress": true, "Pending": true, "Success": false, "Failed": false, "Cancelling": false, "": false} {
		e, err := runbooks{oneRunbook{status: status}}.Execution(t.Context(), "an id")
		if err != nil || e.Running != running || e.ID != "an id" || e.Document != "serin-stop" || e.ExecutedBy != "anna" || e.Parameters["Target"][0] != "orders" {
			t.Errorf("%s: %+v, %v", status, e, err)
		}
	}
	if _, err := (runbooks{oneRunbook{err: &ssmtypes.InternalServerError{}}}).Execution(t.Context(), "an id"); release.CodeOf(err) != release.Unavailable {
		t.Error(err)
	}
}

type oneRunbook struct {
	status ssmtypes.AutomationExecutionStatus
	err    error
}

func (r oneRunbook) GetAutomationExecution(context.Context, *ssm.GetAutomationExecutionInput, ...func(*ssm.Options)) (*ssm.GetAutomationExecutionOutput, error) {
	return &ssm.GetAutomationExecutionOutput{AutomationExecution: &ssmtypes.AutomationExecution{
		DocumentName: aws.String("serin-stop"), ExecutedBy: aws.String("anna"), AutomationExecutionStatus: r.status,
		Parameters: map[string][]string{"Target": {"orders"}},
	}}, r.err
}

func TestOnAWSNeedsItsEnvironment(t *testing.T) {
	_, err := OnAWS(context.Background(), func(string) string { return "" }, io.Discard)
	if release.CodeOf(err) != release.Invalid || err == nil || !strings.Contains(err.Error(), "SERIN_T") {
		t.Errorf("%v", err)
	}
}
