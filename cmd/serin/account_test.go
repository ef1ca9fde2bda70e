package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/core"
	"github.com/serin-aws/serin/internal/entry"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/targetfile"
)

const machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:serin"

const coreText = `{"schema":1,"stateMachine":"` + machine + `","table":"serin-ledger",` +
	`"topic":"arn:aws:sns:eu-central-1:123456789012:serin","bucket":"serin-reports"}`

const person = "arn:aws:sts::123456789012:assumed-role/Developer/anna"

// installed is an account with serin in it, for commands to be called against.
type installed struct {
	t          *testing.T
	now        func() time.Time
	pass       func(time.Duration) // lets time pass
	parameters *parameters
	executions *executions
	runbooks   *runbooks
	clients    remote.Clients
	where      remote.Where // of the last command
}

// install returns an account in which nothing was ever released.
func install(t *testing.T) *installed {
	l := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	table := dynamodb.New(l, "serin-ledger", dynamodb.Settings{}).Outside()
	return newInstalled(t, table, nil, l.Now, func(d time.Duration) { l.AdvanceTo(l.Now().Add(d)) })
}

func newInstalled(t *testing.T, table ledger.Client, metrics story.Metrics, now func() time.Time, pass func(time.Duration)) *installed {
	i := &installed{
		t: t, now: now, pass: pass, parameters: &parameters{stored: map[string]parameter{}},
		executions: &executions{now: now, all: map[string]*execution{}}, runbooks: &runbooks{},
	}
	i.parameters.stored[core.Parameter] = parameter{value: coreText, version: 1}
	watch := func(context.Context, string, release.Target, release.ID) (story.Metrics, error) { return metrics, nil }
	i.clients = remote.Clients{SSM: i.parameters, DynamoDB: table, StepFunctions: i.executions, Runbooks: i.runbooks, CloudWatch: watch}
	i.runbooks.operate = functions(table, i, now).Operate()
	return i
}

// rehearsed returns an account in which a release of the example is under way, by a scenario of the example's: the
// simulated functions and services, and the time of the simulation.
func rehearsed(t *testing.T, scene string) (*installed, *rehearsal.Run) {
	t.Helper()
	return rehearsedOf(t, example, scene)
}

// rehearsedOf is rehearsed with a target of another file.
func rehearsedOf(t *testing.T, target, scene string) (*installed, *rehearsal.Run) {
	t.Helper()
	r := rehearse{target: target, scenario: folder + scene, through: "types"}
	plan, _, err := r.plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	i, run := of(t, plan)
	i.clients.StepFunctions, i.runbooks.beside = i.executions, true
	i.executions.all[string(run.Execution())] = &execution{input: `{"target":"orders-worker","revision":{"image":"orders-worker:release-42"}}`, status: sfntypes.ExecutionStatusRunning, started: run.Now()}
	return i, run
}

// of returns an account that is rehearsed in all of its parts: what is started there runs.
func of(t *testing.T, plan *rehearsal.Plan) (*installed, *rehearsal.Run) {
	t.Helper()
	run, err := plan.Start(1, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Close)
	table, metrics := run.Outside()
	var after time.Duration // the end of the rehearsal, where its own time stands still
	now := func() time.Time { return run.Now().Add(after) }
	pass := func(d time.Duration) {
		before := run.Now()
		run.Advance(d)
		if run.Over() {
			after += d - run.Now().Sub(before)
		}
	}
	i := newInstalled(t, table, metrics, now, pass)
	i.runbooks.run = run
	i.clients.StepFunctions = run.Executions()
	text, err := targetfile.Marshal(plan.Target)
	if err != nil {
		t.Fatal(err)
	}
	i.parameters.stored[ordersParameter] = parameter{value: string(text), version: 1}
	return i, run
}

// world is what the commands reach outside of the process.
func (i *installed) world() outside {
	return outside{
		now: i.now,
		connect: func(_ context.Context, where remote.Where, now func() time.Time) (*remote.Account, error) {
			i.where = where
			return remote.New(i.clients, "eu-central-1", now), nil
		},
		wait: func(ctx context.Context, d time.Duration) error {
			i.pass(d)
			return ctx.Err()
		},
	}
}

// call runs serin in the account as a shell would, and returns what came out.
func (i *installed) call(in string, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = execute(root(i.world()), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// ledger is the account's ledger, to furnish it.
func (i *installed) ledger() *ledger.Ledger {
	return ledger.New(i.clients.DynamoDB, "serin-ledger", i.now)
}

// apply writes the least of targets.
func (i *installed) apply() {
	i.t.Helper()
	if code, _, errOut := i.call(least, "apply", "-f", "-"); code != exitOK {
		i.t.Fatal(errOut)
	}
}

// functions are those of the account that are not rehearsed.
func functions(table ledger.Client, i *installed, now func() time.Time) *assembly.Serin {
	core := assembly.Core{DynamoDB: table, SSM: i.parameters, Runbooks: i.runbooks, StepFunctions: i.executions}
	runtime := conductor.Runtime{Now: now, Request: func(context.Context) string { return "request" }}
	return assembly.New(core, nil, assembly.Settings{Table: "serin-ledger", Machine: machine}, runtime, slog.New(slog.DiscardHandler), nil)
}

// executions is a Step Functions that keeps the rules of names, and runs nothing.
type executions struct {
	now   func() time.Time
	all   map[string]*execution // by ARN
	fails error                 // of every call
}

type execution struct {
	input, output, code, cause string
	status                     sfntypes.ExecutionStatus
	started, stopped           time.Time
}

func (e *executions) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	arn := strings.Replace(aws.ToString(in.StateMachineArn), ":stateMachine:", ":execution:", 1) + ":" + aws.ToString(in.Name)
	there, exists := e.all[arn]
	switch {
	case e.fails != nil:
		return nil, e.fails
	case len(aws.ToString(in.Name)) > 80:
		return nil, &sfntypes.InvalidName{}
	case exists && (there.input != aws.ToString(in.Input) || there.status != sfntypes.ExecutionStatusRunning):
		return nil, &sfntypes.ExecutionAlreadyExists{}
	case !exists:
		e.all[arn] = &execution{input: aws.ToString(in.Input), status: sfntypes.ExecutionStatusRunning, started: e.now()}
	}
	return &sfn.StartExecutionOutput{ExecutionArn: aws.String(arn)}, nil
}

// StopExecution ends one.
func (e *executions) StopExecution(_ context.Context, in *sfn.StopExecutionInput, _ ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error) {
	e.all[aws.ToString(in.ExecutionArn)].end(e.now(), sfntypes.ExecutionStatusAborted, "", "", "")
	return &sfn.StopExecutionOutput{}, e.fails
}

// ListExecutions answers two of them a page.
func (e *executions) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	if e.fails != nil {
		return nil, e.fails
	}
	out := &sfn.ListExecutionsOutput{}
	for _, arn := range slices.Sorted(maps.Keys(e.all)) {
		if arn <= aws.ToString(in.NextToken) || in.StatusFilter != "" && e.all[arn].status != in.StatusFilter {
			continue
		}
		if len(out.Executions) == 2 {
			out.NextToken = out.Executions[1].ExecutionArn
			break
		}
		out.Executions = append(out.Executions, sfntypes.ExecutionListItem{ExecutionArn: aws.String(arn)})
	}
	return out, nil
}

func (e *executions) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	there, exists := e.all[aws.ToString(in.ExecutionArn)]
	switch {
	case e.fails != nil:
		return nil, e.fails
	case !exists:
		return nil, &sfntypes.ExecutionDoesNotExist{}
	}
	out := &sfn.DescribeExecutionOutput{ExecutionArn: in.ExecutionArn, Input: aws.String(there.input), Status: there.status, StartDate: aws.Time(there.started)}
	if there.status != sfntypes.ExecutionStatusRunning {
		out.StopDate = aws.Time(there.stopped)
	}
	if there.output != "" {
		out.Output = aws.String(there.output)
	}
	if there.code != "" {
		out.Error, out.Cause = aws.String(there.code), aws.String(there.cause)
	}
	return out, nil
}

// only returns the one execution that was started.
func (e *executions) only(t *testing.T) (arn string, one *execution) {
	t.Helper()
	if len(e.all) != 1 {
		t.Fatalf("%d executions", len(e.all))
	}
	for arn, one = range e.all {
		return arn, one
	}
	return "", nil
}

// end ends an execution as the state machine would.
func (e *execution) end(at time.Time, status sfntypes.ExecutionStatus, output, code, cause string) {
	e.status, e.output, e.code, e.cause, e.stopped = status, output, code, cause, at
}

// runbooks is Systems Manager's Automation with serin's runbooks, and the function that they call: the real one for what
// starts executions, else that of a rehearsal, or one that notes what it is asked and answers as it is told, after some looks.
type runbooks struct {
	asked   []*started
	operate entry.Function[operate.Answer]
	orders  int                                // given to the rehearsal
	looks   int                                // at an execution before it ends
	answer  operate.Answer                     // of the function
	fails   *release.Error                     // of the function, as Lambda passes it on
	ends    ssmtypes.AutomationExecutionStatus // in place of what the function makes of it
	refuses error                              // of StartAutomationExecution
	run     *rehearsal.Run                     // whose function takes the orders; nil: none
	beside  bool                               // what starts executions starts them beside the rehearsal
	silent  error                              // of GetAutomationExecution
}

// started is an execution of a runbook.
type started struct {
	document   string
	parameters map[string][]string
	looks      int
	order      int    // of the rehearsal's
	calls      bool   // the function operate, at this moment
	said       string // by that function, where it is the real one
	failed     string // likewise
}

// starts reports whether the runbook starts an execution of the state machine.
func (s *started) starts() bool { return s.document == "serin-start" || s.document == "serin-recover" }

// call lets the real function take the order.
func (r *runbooks) call(one *started, id string) {
	one.calls = true
	answer, err := r.operate(context.Background(), []byte(`{"execution":"`+id+`"}`))
	one.calls = false
	payload, _ := json.Marshal(answer)
	if one.said = string(payload); err != nil {
		says, _ := errors.AsType[messages.InvokeResponse_Error](err)
		one.failed = lambdaSays(says.Type, says.Message)
	}
}

// lambdaSays is how Systems Manager tells of a function that failed.
func lambdaSays(kind, message string) string {
	return fmt.Sprintf("Step fails when it is Execute/Cancelling action. Function failed: {\"errorMessage\":%q,\"errorType\":%q}. Please refer to the troubleshooting guide.", message, kind)
}

const automation = "00000000-0000-4000-8000-%012d"

func (r *runbooks) StartAutomationExecution(_ context.Context, in *ssm.StartAutomationExecutionInput, _ ...func(*ssm.Options)) (*ssm.StartAutomationExecutionOutput, error) {
	if r.refuses != nil {
		return nil, r.refuses
	}
	one := &started{document: aws.ToString(in.DocumentName), parameters: in.Parameters}
	r.asked = append(r.asked, one)
	id := fmt.Sprintf(automation, len(r.asked))
	switch {
	case one.starts() && (r.run == nil || r.beside):
		r.call(one, id)
	case r.run != nil:
		one.order = r.orders
		r.orders++
		r.run.Runbook(one.document, "arn:aws:sts::123456789012:assumed-role/Lead/ben", one.parameters)
	}
	return &ssm.StartAutomationExecutionOutput{AutomationExecutionId: aws.String(id)}, nil
}

func (r *runbooks) GetAutomationExecution(_ context.Context, in *ssm.GetAutomationExecutionInput, _ ...func(*ssm.Options)) (*ssm.GetAutomationExecutionOutput, error) {
	var number int
	_, err := fmt.Sscanf(aws.ToString(in.AutomationExecutionId), automation, &number)
	switch {
	case r.silent != nil:
		return nil, r.silent
	case err != nil || number > len(r.asked):
		return nil, &ssmtypes.AutomationExecutionNotFoundException{}
	}
	one := r.asked[number-1]
	e := &ssmtypes.AutomationExecution{
		AutomationExecutionStatus: ssmtypes.AutomationExecutionStatusInprogress,
		DocumentName:              aws.String(one.document), Parameters: one.parameters, ExecutedBy: aws.String(person), ExecutionStartTime: aws.Time(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)),
	}
	if !one.calls {
		one.looks++
	}
	switch {
	case one.calls:
	case one.failed != "":
		e.AutomationExecutionStatus, e.FailureMessage = ssmtypes.AutomationExecutionStatusFailed, aws.String(one.failed)
	case one.said != "":
		e.AutomationExecutionStatus, e.Outputs = ssmtypes.AutomationExecutionStatusSuccess, map[string][]string{"Order.Payload": {one.said}}
	case one.looks <= r.looks, r.run != nil && len(r.run.Orders) <= one.order:
	case r.run != nil && r.run.Orders[one.order].Refused != "":
		e.AutomationExecutionStatus, e.FailureMessage = ssmtypes.AutomationExecutionStatusFailed, aws.String("Step failed: "+r.run.Orders[one.order].Refused)
	case r.run != nil:
		e.AutomationExecutionStatus = ssmtypes.AutomationExecutionStatusSuccess
		e.Outputs = map[string][]string{"Order.Payload": {string(r.run.Orders[one.order].Answer)}}
	case r.ends != "":
		e.AutomationExecutionStatus, e.FailureMessage = r.ends, aws.String("Step timed out while it was executing the action.")
	case r.fails != nil:
		e.AutomationExecutionStatus = ssmtypes.AutomationExecutionStatusFailed
		e.FailureMessage = aws.String(lambdaSays(string(r.fails.Code), r.fails.Err.Error()))
	default:
		answer := r.answer
		answer.Target = release.TargetName(one.parameters["Target"][0])
		answer.Verb = release.OrderVerb(strings.TrimPrefix(one.document, "serin-"))
		payload, err := json.Marshal(answer)
		if err != nil {
			return nil, err
		}
		e.AutomationExecutionStatus, e.Outputs = ssmtypes.AutomationExecutionStatusSuccess, map[string][]string{"Order.Payload": {string(payload)}}
	}
	return &ssm.GetAutomationExecutionOutput{AutomationExecution: e}, nil
}

// parameters is a Parameter Store that keeps the rules of tiers.
type parameters struct {
	stored map[string]parameter
	fails  error // of every call
	writes int
}

type parameter struct {
	value    string
	advanced bool
	version  int64
}

func (p *parameters) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	there, ok := p.stored[aws.ToString(in.Name)]
	switch {
	case p.fails != nil:
		return nil, p.fails
	case !ok:
		return nil, &ssmtypes.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Name: in.Name, Value: aws.String(there.value), Version: there.version}}, nil
}

// GetParametersByPath answers one parameter a page.
func (p *parameters) GetParametersByPath(_ context.Context, in *ssm.GetParametersByPathInput, _ ...func(*ssm.Options)) (*ssm.GetParametersByPathOutput, error) {
	if p.fails != nil {
		return nil, p.fails
	}
	for _, name := range slices.Sorted(maps.Keys(p.stored)) {
		if strings.HasPrefix(name, aws.ToString(in.Path)+"/") && name > aws.ToString(in.NextToken) {
			return &ssm.GetParametersByPathOutput{Parameters: []ssmtypes.Parameter{{Name: aws.String(name)}}, NextToken: aws.String(name)}, nil
		}
	}
	return &ssm.GetParametersByPathOutput{}, nil
}

func (p *parameters) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	there, exists := p.stored[aws.ToString(in.Name)]
	advanced := in.Tier == ssmtypes.ParameterTierAdvanced
	switch {
	case p.fails != nil:
		return nil, p.fails
	case exists && !aws.ToBool(in.Overwrite):
		return nil, &ssmtypes.ParameterAlreadyExists{}
	case there.advanced && !advanced:
		return nil, awsAnswer("ValidationException", "You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.")
	case !advanced && len(aws.ToString(in.Value)) > 4096 || len(aws.ToString(in.Value)) > 8192:
		return nil, awsAnswer("ValidationException", "Parameter value is too large")
	}
	p.writes++
	p.stored[aws.ToString(in.Name)] = parameter{value: aws.ToString(in.Value), advanced: advanced, version: there.version + 1}
	return &ssm.PutParameterOutput{Version: there.version + 1, Tier: in.Tier}, nil
}

// awsAnswer is an error as AWS answers it.
func awsAnswer(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message, Fault: smithy.FaultClient}
}

// meddled is a Parameter Store that somebody else writes to between every read and write.
type meddled struct{ *parameters }

func (m meddled) PutParameter(ctx context.Context, in *ssm.PutParameterInput, options ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	there := m.stored[aws.ToString(in.Name)]
	there.version++
	m.stored[aws.ToString(in.Name)] = there
	return m.parameters.PutParameter(ctx, in, options...)
}
