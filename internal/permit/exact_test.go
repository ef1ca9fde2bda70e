package permit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/recovery"
	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/reporting"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/targetfile"
	"github.com/serin-aws/serin/internal/telling"
)

// The targets that are rehearsed; their scenarios lie beside them.
const (
	worker    = "../../examples/orders-worker/target.yaml"
	alias     = "../../examples/orders-api/target.yaml"
	hooked    = "../../examples/orders-api/target-hooks.yaml"
	imaged    = "../../examples/orders-api/target-image.yaml"
	zipped    = "../../examples/orders-api/target-zip.yaml"
	balanced  = "../../examples/shop-web/target.yaml"
	blueGreen = "../../examples/shop-web/blue-green.yaml"
	mirrored  = "../../examples/catalogue/target.yaml"
)

// needed are the actions that each role was seen to need: functions' own roles by their name, the target's by access.
type needed map[string]map[string]bool

func (n needed) add(role, action string) {
	if n[role] == nil {
		n[role] = map[string]bool{}
	}
	n[role][action] = true
}

// own are the services of serin's own account. ssm is both: deploy-canary reads targets with its own role,
// and operate runbooks.
func own(function, action string) bool {
	service, _, _ := strings.Cut(action, ":")
	return service == "dynamodb" || service == "sns" || service == "states" || service == "ssm" && slices.Contains([]permit.Function{permit.DeployCanary, permit.Operate}, permit.Function(function))
}

// roleOf says with which role a function makes a call: its own, the target's look - always to CloudWatch and to scans of
// images, and whatever check-alarms does - or the target's change.
func roleOf(function, action string) string {
	switch {
	case own(function, action):
		return function
	case strings.HasPrefix(action, "cloudwatch:"), strings.Contains(action, "Scan"), function == string(permit.CheckAlarms):
		return string(permit.Look)
	}
	return string(permit.Change)
}

// observe rehearses releases of all kinds, good, bad and disturbed at random, and adds every call that was made. change
// makes something else of the example; it may be nil.
func (n needed) observe(t *testing.T, file, scenes string, seeds uint64, change func(*release.Target, *scenario.Scenario)) {
	t.Helper()
	target := read(t, file)
	scene, err := scenario.Open(filepath.Join(filepath.Dir(file), scenes))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&target, &scene)
	}
	plan, err := rehearsal.NewPlan(target, scene)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range seeds {
		if seed > 0 {
			plan.Disturb(faults.Usual(0.03), nil)
		}
		run, err := plan.Start(seed, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		run.Finish()
		if _, err := run.Outcome(context.Background()); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(run.Trace())) {
			fields := strings.Fields(line)
			if function := fields[1]; slices.Contains(permit.Functions(), permit.Function(function)) {
				for _, action := range asked(fields[2]) {
					n.add(roleOf(function, action), action)
				}
			}
		}
		run.Close()
	}
}

func read(t *testing.T, file string) release.Target {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	target, err := targetfile.Parse(file, text)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// asked are the actions that IAM is asked for when a call is made. A transaction is no action of its own: each of its
// parts is one, and the ledger's hold writes and conditions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
func asked(call string) []string {
	if call == "dynamodb:TransactWriteItems" {
		return []string{"dynamodb:ConditionCheckItem", "dynamodb:PutItem"}
	}
	return []string{call}
}

// reasons say for each role why it may do what a rehearsal does seldom or never. An action of an undisturbed release has
// no place there.
type reasons map[string]map[string]string

// ofWorkers are those of queue workers, and of serin's own functions.
var ofWorkers = reasons{
	string(permit.DeployCanary): {"events:PutEvents": told, "sns:Publish": told},
	string(permit.CheckAlarms):  {"events:PutEvents": told},
	string(permit.Promote):      {"events:PutEvents": told},
	string(permit.Rollback):     {"events:PutEvents": told},
	string(permit.Operate):      {"events:PutEvents": abandoned, "sns:Publish": abandoned},
	string(permit.Recover):      {"events:PutEvents": givenUp, "sns:Publish": givenUp},
	string(permit.Change):       {"ecs:UpdateTaskProtection": "asked where tasks do not stop in time; internal/platform/ecsqueue has the tests"},
	string(permit.Look): {
		"ecs:DescribeTaskDefinition": foreign, "ecs:ListTaskDefinitions": foreign, "ecs:ListServiceDeployments": foreign,
		"ecs:DescribeServiceRevisions": foreign,
	},
}

// recorded is the ledger's table and the reports' bucket of one function, and notes what is asked of them.
type recorded struct {
	dynamodb.Outside
	seen     needed
	function string
}

func (r recorded) GetItem(ctx context.Context, in *sdk.GetItemInput, o ...func(*sdk.Options)) (*sdk.GetItemOutput, error) {
	r.seen.add(r.function, "dynamodb:GetItem")
	return r.Outside.GetItem(ctx, in, o...)
}

func (r recorded) Query(ctx context.Context, in *sdk.QueryInput, o ...func(*sdk.Options)) (*sdk.QueryOutput, error) {
	r.seen.add(r.function, "dynamodb:Query")
	return r.Outside.Query(ctx, in, o...)
}

func (r recorded) PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	r.seen.add(r.function, "s3:PutObject")
	return &s3.PutObjectOutput{}, nil
}

// opened puts a release into a ledger.
func opened(t *testing.T, kept *ledger.Ledger, clock *loop.Loop, id release.ID, phase release.Phase) *release.Release {
	t.Helper()
	r := release.Release{
		Snapshot: release.Snapshot{Schema: release.Schema, ID: id, Target: release.Target{Name: "orders"}, Steps: []release.Step{{Weight: 10}}, Resources: []release.Resource{"arn:aws:ecs:eu-central-1:123456789012:service/prod/orders"}, Opened: clock.Now()},
		State:    release.State{Phase: phase, Epoch: 1, Executions: []release.ExecutionARN{"arn:aws:states:eu-central-1:123456789012:execution:serin:1"}},
	}
	if _, err := kept.Open(t.Context(), r, release.Event{At: clock.Now(), Text: "baseline recorded"}); err != nil {
		t.Fatal(err)
	}
	return &r
}

// report lets the function report keep the report of a release that has ended, and adds what it asks for.
func (n needed) report(t *testing.T) {
	t.Helper()
	clock := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	known := recorded{dynamodb.New(clock, "ledger", dynamodb.Settings{}).Outside(), n, string(permit.Report)}
	kept := ledger.New(known, "ledger", clock.Now)
	r := opened(t, kept, clock, "r-0123456789ab", release.Dirty)
	reporter := reporting.Reporter{Objects: known, Bucket: "reports", Ledger: kept, Metrics: func(context.Context, *release.Release) (story.Metrics, error) {
		return nil, errors.New("the workload is not looked at here")
	}}
	event := telling.Place{}.Event(r, release.Notice{Kind: release.NoticeDirty}, clock.Now())
	if _, err := reporter.Handle(t.Context(), fmt.Appendf(nil, `{"source":%q,"detail":%s}`, event.Source, event.Detail)); err != nil {
		t.Fatal(err)
	}
}

// runbooks is Systems Manager with a target's parameter and one execution of the runbook serin-start, as a function meets
// it, and Step Functions with an execution of that name. Once it was asked for it has asked for nothing.
type runbooks struct {
	jobs
	seen     needed
	function permit.Function
}

func (r runbooks) GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	r.seen.add(string(r.function), "ssm:GetParameter")
	text, err := os.ReadFile(worker)
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: aws.String(string(text))}}, err
}

func (r runbooks) GetAutomationExecution(context.Context, *ssm.GetAutomationExecutionInput, ...func(*ssm.Options)) (*ssm.GetAutomationExecutionOutput, error) {
	r.seen.add(string(r.function), "ssm:GetAutomationExecution")
	return &ssm.GetAutomationExecutionOutput{AutomationExecution: &ssmtypes.AutomationExecution{
		DocumentName: aws.String("serin-start"), ExecutedBy: aws.String("arn:aws:iam::123456789012:user/anna"), AutomationExecutionStatus: ssmtypes.AutomationExecutionStatusInprogress,
		ExecutionStartTime: aws.Time(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)), Parameters: map[string][]string{"Target": {"orders-worker"}, "Image": {"orders-worker:release-42"}},
	}}, nil
}

func (r runbooks) StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	r.seen.add(string(r.function), "states:StartExecution")
	return nil, &sfntypes.ExecutionAlreadyExists{}
}

func (r runbooks) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	r.seen.add(string(r.function), "states:DescribeExecution")
	return &sfn.DescribeExecutionOutput{Input: aws.String("{}"), Status: sfntypes.ExecutionStatusRunning}, nil
}

// start lets a person start a release by the runbook: operate starts it where it is not there yet, and deploy-canary asks
// whether it was so.
func (n needed) start(t *testing.T) {
	t.Helper()
	const execution = "01234567-89ab-cdef-0123-456789abcdef"
	for function, event := range map[permit.Function]string{
		permit.Operate: `{"execution":"` + execution + `"}`,
		permit.DeployCanary: `{"trigger":{"target":"orders-worker","revision":{"image":"orders-worker:release-43"},"startedBy":"arn:aws:iam::123456789012:user/anna","runbook":"` + execution + `"},
			"execution":"arn:aws:states:eu-central-1:123456789012:execution:serin:one","state":"DeployCanary","data":{}}`,
	} {
		clock := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
		table := recorded{dynamodb.New(clock, "ledger", dynamodb.Settings{}).Outside(), n, string(function)}
		met := runbooks{seen: n, function: function}
		serin := assembly.New(assembly.Core{DynamoDB: table, SSM: met, Runbooks: met, StepFunctions: met, Parse: targetfile.Parse}, nil, assembly.Settings{Table: "ledger"},
			conductor.Runtime{Now: clock.Now, Request: func(context.Context) string { return "request" }}, slog.New(slog.DiscardHandler), nil)
		var err error
		want := "used before for another request"
		if function == permit.Operate {
			_, err = serin.Operate()(t.Context(), []byte(event))
		} else {
			var answer release.Answer
			answer, err = serin.DeployCanary()(t.Context(), []byte(event))
			want = "serin-start, which has asked for something else"
			err = errors.Join(err, errors.New(answer.Note))
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", function, err, want)
		}
	}
}

// jobs is Step Functions and CodePipeline, as the function pipeline meets them.
type jobs struct {
	seen   needed
	status sfntypes.ExecutionStatus // of the job's execution; empty: there is none yet
}

func (j jobs) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	j.seen.add(string(permit.Pipeline), "states:DescribeExecution")
	if j.status == "" {
		return nil, &sfntypes.ExecutionDoesNotExist{}
	}
	return &sfn.DescribeExecutionOutput{Status: j.status, Output: aws.String(`{"release":"r-0123456789ab","next":"done"}`)}, nil
}

func (j jobs) StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	j.seen.add(string(permit.Pipeline), "states:StartExecution")
	return &sfn.StartExecutionOutput{}, nil
}

func (j jobs) StopExecution(context.Context, *sfn.StopExecutionInput, ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error) {
	j.seen.add(string(permit.Pipeline), "states:StopExecution")
	return &sfn.StopExecutionOutput{}, nil
}

func (j jobs) PutJobSuccessResult(context.Context, *codepipeline.PutJobSuccessResultInput, ...func(*codepipeline.Options)) (*codepipeline.PutJobSuccessResultOutput, error) {
	j.seen.add(string(permit.Pipeline), "codepipeline:PutJobSuccessResult")
	return &codepipeline.PutJobSuccessResultOutput{}, nil
}

func (j jobs) PutJobFailureResult(context.Context, *codepipeline.PutJobFailureResultInput, ...func(*codepipeline.Options)) (*codepipeline.PutJobFailureResultOutput, error) {
	j.seen.add(string(permit.Pipeline), "codepipeline:PutJobFailureResult")
	return &codepipeline.PutJobFailureResultOutput{}, nil
}

// job lets the function pipeline follow a job from its start to both ends, and adds what it asks for.
func (n needed) job(t *testing.T) {
	t.Helper()
	event, err := os.ReadFile("../../events/codepipeline-job.json")
	if err != nil {
		t.Fatal(err)
	}
	clock := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	table := recorded{dynamodb.New(clock, "ledger", dynamodb.Settings{}).Outside(), n, string(permit.Pipeline)}
	job, err := events.DecodeJob(event)
	if err != nil {
		t.Fatal(err)
	}
	_, request, err := job.Trigger()
	if err != nil {
		t.Fatal(err)
	}
	const machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:serin"
	opened(t, ledger.New(table.Outside, "ledger", clock.Now), clock, release.NewID(request.Target, recovery.ExecutionOf(machine, job.ID)), release.Preparing)
	for _, status := range []sfntypes.ExecutionStatus{"", sfntypes.ExecutionStatusRunning, sfntypes.ExecutionStatusSucceeded, sfntypes.ExecutionStatusFailed} {
		met := jobs{n, status}
		serin := assembly.New(assembly.Core{DynamoDB: table, StepFunctions: met}, nil,
			assembly.Settings{Table: "ledger", Machine: machine},
			conductor.Runtime{Now: clock.Now, Request: func(context.Context) string { return "request" }}, slog.New(slog.DiscardHandler), nil)
		another := bytes.ReplaceAll(event, []byte(job.ID), []byte("22222222-abcd-1111-abcd-111111abcdef")) // which opened no release
		for _, event := range [][]byte{event, another} {
			if _, err := serin.Pipeline(met)(t.Context(), event); err != nil {
				t.Fatalf("%s: %v", status, err)
			}
		}
	}
}

const (
	told      = "a rehearsed account has nobody to tell and nowhere to keep a report"
	abandoned = "told when a person gives a Dirty release up; internal/rehearsal has the test"
	givenUp   = "told when nothing brings a release home, after hours; internal/recovery has the tests"
	foreign   = "asked when somebody else deploys in the middle, or when a record was lost; internal/platform/ecsqueue has the tests"
)

// compare returns what is missing from a role's statements and what is spare in them, measured at what was seen.
func compare(role string, statements []permit.Statement, seen map[string]bool, rare map[string]string) []string {
	var wrong []string
	allowed := permit.Actions(statements)
	unseen := permit.Actions(slices.DeleteFunc(slices.Clone(statements), func(s permit.Statement) bool { return !s.Unseen }))
	for _, action := range slices.Sorted(maps.Keys(seen)) {
		if !slices.Contains(allowed, action) {
			wrong = append(wrong, fmt.Sprintf("%s lacks %s, which was called", role, action))
		}
	}
	for _, action := range allowed {
		_, excused := rare[action]
		if !seen[action] && !excused && !slices.Contains(unseen, action) {
			wrong = append(wrong, fmt.Sprintf("%s may %s, which nothing calls", role, action))
		}
	}
	return wrong
}

// clean is what a target may require of its images.
var clean = release.ImageRequirement{FindingsBelow: release.SeverityHigh}

// Nothing missing, nothing spare: what the table allows is what releases of all kinds were seen to call.
func TestExact(t *testing.T) {
	seen, calm := needed{}, needed{}
	for _, file := range []string{"good.yaml", "bad.yaml", "crash-loop.yaml", "quiet.yaml"} {
		calm.observe(t, worker, file, 1, nil)
		seen.observe(t, worker, file, 8, nil)
	}
	seen.observe(t, worker, "good.yaml", 8, func(_ *release.Target, s *scenario.Scenario) {
		s.Orders = []scenario.Order{{At: release.Duration(5 * time.Minute), Verb: string(release.OrderStop), Who: "anna", Why: "rehearsed"}}
	})
	for _, scan := range []*scenario.Scan{nil, {}} { // images that are not scanned, and one whose scan finds nothing
		seen.observe(t, worker, "bad.yaml", 1, func(target *release.Target, s *scenario.Scenario) {
			target.Source.ECR.Require, s.World.Scan = &clean, scan
		})
	}
	seen.report(t)
	seen.job(t)
	seen.start(t)
	target := &release.Target{
		Name: "orders-worker", Platform: release.PlatformECSQueue,
		ECSQueue: &release.ECSQueue{Cluster: "prod", PrimaryService: "orders-worker", CanaryService: "orders-worker-canary", Queue: "orders"},
		Source:   release.Source{ECR: &release.ECRSource{Repository: "orders-worker", Require: &clean}},
	}
	tables := targetTables(t, target)
	for _, f := range permit.Functions() {
		tables[string(f)] = permit.Core(f)
	}
	exact(t, tables, seen, calm, ofWorkers)
}

// exact holds tables of permissions to what was seen, and breaks each of them on purpose.
func exact(t *testing.T, tables map[string][]permit.Statement, seen, calm needed, rare reasons) {
	t.Helper()
	for role, statements := range tables {
		for _, wrong := range compare(role, statements, seen[role], rare[role]) {
			t.Error(wrong)
		}
	}
	for role, actions := range rare {
		for action, reason := range actions {
			if calm[role][action] {
				t.Errorf("%s: %s is called in every release, so it is not rare (%s)", role, action, reason)
			}
			if !slices.Contains(permit.Actions(tables[role]), action) {
				t.Errorf("%s: %s is excused (%s), but not allowed", role, action, reason)
			}
		}
	}
	planted(t, tables, seen, rare)
}

// targetTables are the tables of a target's two roles.
func targetTables(t *testing.T, target *release.Target) map[string][]permit.Statement {
	t.Helper()
	tables := map[string][]permit.Statement{}
	for _, access := range permit.Accesses() {
		statements, err := permit.Target(target, access)
		if err != nil {
			t.Fatal(err)
		}
		tables[string(access)] = statements
	}
	return tables
}

// planted breaks each table on purpose: a spare permission and a dropped one are both found.
func planted(t *testing.T, tables map[string][]permit.Statement, seen needed, rare reasons) {
	t.Helper()
	for role, statements := range tables {
		spare := append(slices.Clone(statements), permit.Statement{Actions: []string{"s3:DeleteBucket"}, Resources: []string{"*"}})
		if !slices.Contains(compare(role, spare, seen[role], rare[role]), role+" may s3:DeleteBucket, which nothing calls") {
			t.Errorf("a spare permission of %s is not found", role)
		}
		for i, s := range statements {
			if s.Unseen || !slices.ContainsFunc(s.Actions, func(a string) bool { return seen[role][a] }) {
				continue
			}
			if dropped := slices.Delete(slices.Clone(statements), i, i+1); len(compare(role, dropped, seen[role], rare[role])) == 0 {
				t.Errorf("%s without %v is not found", role, s.Actions)
			}
		}
	}
}
