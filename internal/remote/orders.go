package remote

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

// Runbooks is what is used of Systems Manager's Automation.
type Runbooks interface {
	StartAutomationExecution(context.Context, *ssm.StartAutomationExecutionInput, ...func(*ssm.Options)) (*ssm.StartAutomationExecutionOutput, error)
	GetAutomationExecution(context.Context, *ssm.GetAutomationExecutionInput, ...func(*ssm.Options)) (*ssm.GetAutomationExecutionOutput, error)
}

// Ordering is an order that is being given: an execution of a runbook.
type Ordering struct {
	Verb      release.OrderVerb
	Target    release.TargetName
	Execution string
}

// Startable reports what can be told before a release of a target is started: that there is such a target, and that it
// has an emergency plan where one is asked for. What the target would refuse is refused by the release itself, later: a
// busy target, an older image, a revision that was rolled back.
func (a *Account) Startable(ctx context.Context, in operate.Input) error {
	target, err := a.Target(ctx, in.Target)
	if err == nil && in.Emergency && target.Emergency == nil {
		err = release.Errorf(release.Invalid, "", "target %s has no emergency plan; write one into its file (emergency:), or start a usual release", target.Name)
	}
	return err
}

// Order starts the runbook that gives an order. Systems Manager notes the caller as who gives it; what the order says of
// that is not sent.
func (a *Account) Order(ctx context.Context, in operate.Input) (Ordering, error) {
	if _, err := a.Core(ctx); err != nil {
		return Ordering{}, err
	}
	if err := in.Check(); err != nil {
		return Ordering{}, err
	}
	runbook := operate.Runbook(in.Verb)
	out, err := a.clients.Runbooks.StartAutomationExecution(ctx, &ssm.StartAutomationExecutionInput{
		DocumentName: aws.String(runbook), Parameters: in.Parameters(),
	})
	op := string(in.Verb) + " " + string(in.Target) + " (" + a.place + ")"
	switch {
	case awserr.Is(err, "AutomationDefinitionNotFoundException", "InvalidDocument"):
		return Ordering{}, release.Errorf(release.NotFound, op, "there is no runbook %s here, which gives this order; the core stack makes it: update the stack", runbook)
	case awserr.Is(err, "InvalidAutomationExecutionParametersException"):
		return Ordering{}, release.Errorf(release.Invalid, op, "the runbook %s does not take the order; it may be of another version than this command: %w", runbook, err)
	case awserr.Is(err, "AutomationExecutionLimitExceededException"):
		return Ordering{}, release.Errorf(release.Throttled, op, "too many runbooks run in this account; try again in a moment: %w", err)
	case release.CodeOf(awserr.Wrap(op, err)) == release.Denied:
		return Ordering{}, release.Errorf(release.Denied, op, "you may not start the runbook %s; the managed policy serin-%s-REGION permits it: %w", runbook, in.Verb.Permission(), err)
	case err != nil:
		return Ordering{}, awserr.Wrap(op, err)
	}
	return Ordering{Verb: in.Verb, Target: in.Target, Execution: aws.ToString(out.AutomationExecutionId)}, nil
}

// Ordered looks what became of an order. done is false while the runbook runs, and where AWS does not answer; an error of
// the function that takes orders keeps its code.
func (a *Account) Ordered(ctx context.Context, o Ordering) (answer operate.Answer, done bool, err error) {
	out, err := a.clients.Runbooks.GetAutomationExecution(ctx, &ssm.GetAutomationExecutionInput{AutomationExecutionId: aws.String(o.Execution)})
	if err != nil {
		return operate.Answer{}, false, a.failed("see what became of "+o.String(), err)
	}
	if out.AutomationExecution == nil {
		return operate.Answer{}, false, release.Errorf(release.Unavailable, o.String(), "Systems Manager answered nothing")
	}
	e := *out.AutomationExecution
	switch e.AutomationExecutionStatus {
	case types.AutomationExecutionStatusSuccess:
		answer, err = answered(o, e)
		return answer, true, err
	case types.AutomationExecutionStatusFailed, types.AutomationExecutionStatusTimedout, types.AutomationExecutionStatusCancelled,
		types.AutomationExecutionStatusRejected, types.AutomationExecutionStatusExited, types.AutomationExecutionStatusCompletedWithFailure:
		return operate.Answer{}, true, failure(o, e)
	}
	return operate.Answer{}, false, nil
}

// String names the execution, for people who look for it.
func (o Ordering) String() string {
	return string(o.Verb) + " " + string(o.Target) + " (execution " + o.Execution + " of the runbook " + operate.Runbook(o.Verb) + ")"
}

// answered reads what the function answered: it is an output of the execution, and of its one step.
func answered(o Ordering, e types.AutomationExecution) (operate.Answer, error) {
	var answer operate.Answer
	texts := e.Outputs[operate.Step+".Payload"]
	for _, step := range e.StepExecutions {
		texts = append(texts, step.Outputs["Payload"]...)
	}
	for _, text := range texts {
		if err := json.Unmarshal([]byte(text), &answer); err == nil && answer.Target != "" {
			return answer, nil
		}
	}
	return answer, release.Errorf(release.Unexpected, o.String(), "the order was given, and its answer cannot be read: %q; see serin status %s", texts, o.Target)
}

// failure says why a runbook failed: what the function said where it said something, and else what Systems Manager says.
func failure(o Ordering, e types.AutomationExecution) error {
	texts := []string{aws.ToString(e.FailureMessage)}
	for _, step := range e.StepExecutions {
		texts = append(texts, aws.ToString(step.FailureMessage))
		texts = append(texts, step.Outputs["Payload"]...)
	}
	for _, text := range texts {
		if err := refusal(text); err != nil {
			return err
		}
	}
	return release.Errorf(release.Unexpected, o.String(), "it ended as %s: %s", e.AutomationExecutionStatus, strings.Join(distinct(texts), "; "))
}

// distinct returns the texts that say something, each once.
func distinct(texts []string) []string {
	var said []string
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" && !strings.Contains(strings.Join(said, "\n"), text) {
			said = append(said, text)
		}
	}
	return said
}

// longest is how much of a text is read, in bytes: a function's error is a few sentences.
const longest = 8 << 10

// refusal finds the error of a Lambda function in a text around it: a JSON object with errorType and errorMessage, as it
// is or quoted once more. It returns nil where there is none. How Systems Manager words the rest is not documented.
// https://docs.aws.amazon.com/lambda/latest/dg/golang-exceptions.html
func refusal(text string) error {
	text = text[:min(len(text), longest)] // each brace may begin it
	for _, text := range []string{text, strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(text)} {
		for rest := text; ; rest = rest[1:] {
			start := strings.IndexByte(rest, '{')
			if start < 0 {
				break
			}
			rest = rest[start:]
			var failure struct{ ErrorType, ErrorMessage string }
			if err := json.NewDecoder(strings.NewReader(rest)).Decode(&failure); err == nil && failure.ErrorMessage != "" {
				return &release.Error{Code: release.Code(failure.ErrorType), Err: errors.New(failure.ErrorMessage)}
			}
		}
	}
	return nil
}
