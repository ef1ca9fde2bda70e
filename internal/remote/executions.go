package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Executions is what is used of Step Functions.
type Executions interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	ListExecutions(context.Context, *sfn.ListExecutionsInput, ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error)
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

// Started is an execution that was started, and the release that it makes.
type Started struct {
	Release   release.ID           `json:"release"`
	Target    release.TargetName   `json:"target"`
	Execution release.ExecutionARN `json:"execution"`
	StartedBy string               `json:"startedBy"`
	Again     bool                 `json:"again"` // it was started before, by the same request with the same id
}

// Start starts a release. An id that is not empty makes the request count once: the same request with the same id
// answers the execution that was started first, for 90 days. What the target would refuse is refused by the release
// itself, later: a busy target, an older image, a revision that was rolled back.
func (a *Account) Start(ctx context.Context, request release.Request, id string) (Started, error) {
	if err := request.Revision.Check(); err != nil {
		return Started{}, err
	}
	if id != "" && !idForm.MatchString(id) {
		return Started{}, release.Errorf(release.Invalid, "", "the id is %q but must be of 1 to 40 letters, digits, - and _", id)
	}
	target, err := a.Target(ctx, request.Target)
	if err != nil {
		return Started{}, err
	}
	if request.Emergency && target.Emergency == nil {
		return Started{}, release.Errorf(release.Invalid, "", "target %s has no emergency plan; write one into its file (emergency:), or start a usual release", target.Name)
	}
	if request.StartedBy, err = a.Who(ctx); err != nil {
		return Started{}, err
	}
	return a.launch(ctx, request, a.nameOf(request, id))
}

// Recover starts an execution that brings a release home: one that is Dirty, or that is open while its execution has
// ended. Illegal says that there is nothing to recover.
func (a *Account) Recover(ctx context.Context, id release.ID, reason string) (Started, error) {
	r, err := a.load(ctx, id)
	if err != nil {
		return Started{}, err
	}
	request := release.Request{Intent: release.IntentRecover, Target: r.Target.Name, Release: r.ID, Reason: reason}
	switch {
	case r.Phase == release.Dirty:
		request.Intent = release.IntentRollback
	case r.Leaves():
		request.Intent = release.IntentCleanup
		if err := a.idle(ctx, r); err != nil {
			return Started{}, err
		}
	case r.Phase.Final():
		return Started{}, release.Errorf(release.Illegal, "", "release %s of %s is over (%s): there is nothing to recover", r.ID, r.Target.Name, r.Phase)
	default:
		if err := a.idle(ctx, r); err != nil {
			return Started{}, err
		}
	}
	started, err := a.launch(ctx, request, fmt.Sprintf("%s-by-hand-%s", r.ID, stamp(a.now())))
	started.Release = r.ID
	return started, err
}

// idle answers Illegal where the execution that owns a release is running.
func (a *Account) idle(ctx context.Context, r *release.Release) error {
	owner, err := a.execution(ctx, r.Owner())
	if err != nil && release.CodeOf(err) == release.NotFound { // forgotten: ended long ago
		return nil
	}
	switch {
	case err != nil:
		return err
	case owner.status != types.ExecutionStatusRunning:
		return nil
	case r.Leaves():
		return release.Errorf(release.Illegal, "", "release %s of %s is being cleaned up after already: serin list says when nothing is left", r.ID, r.Target.Name)
	}
	return release.Errorf(release.Illegal, "", "release %s of %s is %s and its execution is running: there is nothing to recover. To bring back what served before: serin rollback %s", r.ID, r.Target.Name, r.Phase, r.Target.Name)
}

// idForm leaves room for the target in an execution's name, which may have 80 characters.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// nameOf names an execution for people who look at the list of them: the target, and the id or the moment. The SDK may
// send a request twice; by its name it counts once.
func (a *Account) nameOf(request release.Request, id string) string {
	const room = 80 - 1 - 40
	name := string(request.Target)[:min(room, len(request.Target))]
	if id != "" {
		return name + "-" + id
	}
	now := a.now()
	return fmt.Sprintf("%s-%s-%03d", name, stamp(now), now.Nanosecond()/int(time.Millisecond))
}

func stamp(t time.Time) string { return t.UTC().Format("20060102T150405") }

func (a *Account) launch(ctx context.Context, request release.Request, name string) (Started, error) {
	c, err := a.Core(ctx)
	if err != nil {
		return Started{}, err
	}
	input, err := json.Marshal(request)
	if err != nil { // a Request is texts and flags
		panic(err)
	}
	started := Started{Target: request.Target, StartedBy: request.StartedBy, Execution: executionARN(c.StateMachine, name)}
	out, err := a.clients.StepFunctions.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(c.StateMachine), Name: aws.String(name), Input: aws.String(string(input)),
	})
	switch {
	case awserr.Is(err, "ExecutionAlreadyExists"):
		if err := a.same(ctx, started.Execution, request); err != nil {
			return Started{}, err
		}
		started.Again = true
	case err != nil:
		return Started{}, a.failed("start execution "+name, err)
	default:
		started.Execution = release.ExecutionARN(aws.ToString(out.ExecutionArn))
	}
	started.Release = release.NewID(started.Target, started.Execution)
	return started, nil
}

// executionARN returns the ARN of an execution of a state machine.
func executionARN(machine, name string) release.ExecutionARN {
	at, err := arn.Parse(machine)
	if err != nil { // the core was checked
		panic(err)
	}
	at.Resource = strings.Replace(at.Resource, "stateMachine:", "execution:", 1) + ":" + name
	return release.ExecutionARN(at.String())
}

// same reports an error where an execution that has the wanted name was started for something else.
func (a *Account) same(ctx context.Context, execution release.ExecutionARN, request release.Request) error {
	e, err := a.execution(ctx, execution)
	if err != nil {
		return err
	}
	before := e.request
	before.StartedBy = request.StartedBy // whoever does it again
	if before != request {
		return release.Errorf(release.Invalid, "", "this id was used before for another request (%s of %s); use another id", e.request.Revision, e.request.Target)
	}
	return nil
}

// recent is how many executions are looked through for one of which only the release is known.
const recent = 1000

// executionOf finds the execution that makes a release, among the latest of the state machine: the release's id is a
// hash of the execution and its target. It answers nothing where there is none, or where nobody may look.
func (a *Account) executionOf(ctx context.Context, id release.ID, targets []release.TargetName) (Reference, error) {
	c, err := a.Core(ctx)
	if err != nil {
		return Reference{}, err
	}
	in := &sfn.ListExecutionsInput{StateMachineArn: aws.String(c.StateMachine), MaxResults: 100}
	for seen := 0; seen < recent; {
		out, err := a.clients.StepFunctions.ListExecutions(ctx, in)
		if err != nil && release.CodeOf(awserr.Wrap("", err)) == release.Denied {
			return Reference{}, nil
		}
		if err != nil {
			return Reference{}, a.failed("list the executions of "+c.StateMachine, err)
		}
		for _, e := range out.Executions {
			for _, target := range targets {
				if execution := release.ExecutionARN(aws.ToString(e.ExecutionArn)); release.NewID(target, execution) == id {
					return Reference{Release: id, Target: target, Execution: execution}, nil
				}
			}
		}
		if aws.ToString(out.NextToken) == "" {
			return Reference{}, nil
		}
		seen += len(out.Executions)
		in.NextToken = out.NextToken
	}
	return Reference{}, nil
}

// running is how many running executions are looked into for one that prepares a release.
const running = 30

// preparing finds an execution that was started for a target moments ago, before the ledger knows its release. It
// answers nothing where there is none, or where nobody may look.
func (a *Account) preparing(ctx context.Context, target release.TargetName) (Reference, error) {
	c, err := a.Core(ctx)
	if err != nil {
		return Reference{}, err
	}
	out, err := a.clients.StepFunctions.ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: aws.String(c.StateMachine), StatusFilter: types.ExecutionStatusRunning, MaxResults: running,
	})
	switch {
	case err != nil && release.CodeOf(awserr.Wrap("", err)) == release.Denied:
		return Reference{}, nil
	case err != nil:
		return Reference{}, a.failed("list the executions of "+c.StateMachine, err)
	}
	for _, one := range out.Executions {
		e, err := a.execution(ctx, release.ExecutionARN(aws.ToString(one.ExecutionArn)))
		if err != nil && release.CodeOf(err) != release.NotFound && release.CodeOf(err) != release.Invalid {
			return Reference{}, err
		}
		if err == nil && e.request.Target == target && e.request.Release == "" {
			return Reference{Release: release.NewID(target, e.arn), Target: target, Execution: e.arn}, nil
		}
	}
	return Reference{}, nil
}

// execution is what Step Functions knows of one.
type execution struct {
	arn     release.ExecutionARN
	request release.Request
	status  types.ExecutionStatus
	started time.Time
	ended   time.Time
	code    string // of one that failed: the Fail state's error
	cause   string
	answer  release.Answer // of one that succeeded
}

func (a *Account) execution(ctx context.Context, name release.ExecutionARN) (execution, error) {
	out, err := a.clients.StepFunctions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(string(name))})
	if awserr.Is(err, "ExecutionDoesNotExist", "InvalidArn") {
		return execution{}, release.Errorf(release.NotFound, "", "there is no execution %s here (%s); Step Functions forgets one 90 days after its end", name, a.place)
	}
	if err != nil {
		return execution{}, a.failed("describe execution "+string(name), err)
	}
	e := execution{
		arn: name, status: out.Status, started: aws.ToTime(out.StartDate), ended: aws.ToTime(out.StopDate),
		code: aws.ToString(out.Error), cause: aws.ToString(out.Cause),
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.Input)), &e.request); err != nil {
		return execution{}, release.Errorf(release.Invalid, "", "execution %s has an input that is no request of serin's: %v", name, err)
	}
	if out.Output != nil {
		if err := json.Unmarshal([]byte(*out.Output), &e.answer); err != nil {
			return execution{}, release.Errorf(release.Unexpected, "execution "+string(name), "its output is no answer of serin's: %w", err)
		}
	}
	return e, nil
}
