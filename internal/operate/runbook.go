package operate

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// Call is all that the function operate is told: which execution of a runbook calls it. What is ordered, and by whom, it
// asks Systems Manager, so nobody can say it of somebody else.
type Call struct {
	Execution string `json:"execution"`
}

// Execution is one execution of a runbook, as Systems Manager tells of it.
type Execution struct {
	ID         string
	Document   string // the runbook's name
	Running    bool
	Status     string // as Systems Manager names it
	ExecutedBy string // the ARN of who started it
	Parameters map[string][]string
}

// Runbooks is where executions are asked for. One that does not exist is NotFound.
type Runbooks interface {
	Execution(ctx context.Context, id string) (Execution, error)
}

// Step is the name of the one step of a runbook, which calls the function operate.
const Step = "Order"

// The parameters of runbooks. Not every runbook has all of them.
const (
	ParameterTarget  = "Target"
	ParameterReason  = "Reason"
	ParameterRelease = "Release"
	ParameterID      = "Id"
	ParameterAlarms  = "Alarms"
	ParameterNoData  = "NoData"
)

// Attempts is how often a runbook tries to give its order. A refusal is no better the second time, but an answer of AWS
// may be.
const Attempts = 2

const runbookPrefix = "serin-"

// Runbook returns the name of the runbook that gives an order.
func Runbook(verb release.OrderVerb) string { return runbookPrefix + string(verb) }

// Parameters returns what a runbook is started with for an order to come out of it. Only what differs from the default
// is named.
func (in Input) Parameters() map[string][]string {
	parameters := map[string][]string{ParameterTarget: {string(in.Target)}, ParameterReason: {in.Why}}
	if in.Release != "" {
		parameters[ParameterRelease] = []string{string(in.Release)}
	}
	if in.ID != "" {
		parameters[ParameterID] = []string{in.ID}
	}
	if len(in.Alarms) > 0 {
		parameters[ParameterAlarms] = in.Alarms
	}
	if in.NoData {
		parameters[ParameterNoData] = []string{strconv.FormatBool(true)}
	}
	return parameters
}

// executionForm is that of the id of an automation's execution.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetAutomationExecution.html
var executionForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// asked returns the order that an execution of a runbook gives. It must be running: one that has ended has given its
// order, and whoever may call the function shall not give it again.
func (o *Operate) asked(ctx context.Context, call Call) (Input, error) {
	if !executionForm.MatchString(call.Execution) {
		return Input{}, NoRunbook("execution is %q but must be the id of an execution of Systems Manager", call.Execution)
	}
	e, err := o.Runbooks.Execution(ctx, call.Execution)
	switch {
	case err != nil && release.CodeOf(err) == release.NotFound:
		return Input{}, NoRunbook("Systems Manager knows no execution %s", call.Execution)
	case err != nil:
		return Input{}, err
	}
	verb := release.OrderVerb(strings.TrimPrefix(e.Document, runbookPrefix))
	switch {
	case e.Document != Runbook(verb) || verb.Permission() == "":
		return Input{}, NoRunbook("execution %s is of %q, which is no runbook of serin's", e.ID, e.Document)
	case !e.Running:
		return Input{}, NoRunbook("execution %s has ended (%s)", e.ID, e.Status)
	case e.ExecutedBy == "":
		return Input{}, NoRunbook("Systems Manager does not say who started execution %s", e.ID)
	}
	return e.order(verb), nil
}

// order is the inverse of Parameters. What is wrong with it is found later, all at once.
func (e Execution) order(verb release.OrderVerb) Input {
	one := func(name string) string { return strings.Join(e.Parameters[name], " ") }
	in := Input{
		Verb: verb, Target: release.TargetName(one(ParameterTarget)), Release: release.ID(one(ParameterRelease)),
		Who: e.ExecutedBy, Why: one(ParameterReason), ID: one(ParameterID),
		NoData: one(ParameterNoData) == strconv.FormatBool(true),
	}
	in.Alarms = slices.DeleteFunc(slices.Clone(e.Parameters[ParameterAlarms]), func(alarm string) bool { return alarm == "" })
	if in.ID == "" {
		in.ID = e.ID
	}
	return in
}

// NoRunbook is the error of a call that comes from no runbook.
func NoRunbook(format string, args ...any) error {
	return release.Errorf(release.Forbidden, "the order", format+"; orders are given by serin's runbooks, which the commands (serin stop TARGET) and the console (Systems Manager, Automation) start", args...)
}
