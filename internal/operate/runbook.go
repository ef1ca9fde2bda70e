package operate

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

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
	Began      time.Time
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

	ParameterImage          = "Image"
	ParameterTaskDefinition = "TaskDefinition"
	ParameterVersion        = "Version"
	ParameterCode           = "Code"
	ParameterUndo           = "Undo"
	ParameterFirst          = "First"
	ParameterRetry          = "Retry"
	ParameterEmergency      = "Emergency"
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
	parameters := map[string][]string{ParameterTarget: {string(in.Target)}}
	for name, text := range map[string]string{
		ParameterReason: in.Why, ParameterRelease: string(in.Release), ParameterID: in.ID,
		ParameterImage: in.Revision.Image, ParameterTaskDefinition: in.Revision.TaskDefinition,
		ParameterVersion: in.Revision.Version, ParameterCode: in.Revision.Code, ParameterUndo: string(in.Undo),
	} {
		if text != "" {
			parameters[name] = []string{text}
		}
	}
	for name, yes := range map[string]bool{
		ParameterNoData: in.NoData, ParameterFirst: in.First, ParameterRetry: in.Retry, ParameterEmergency: in.Emergency,
	} {
		if yes {
			parameters[name] = []string{strconv.FormatBool(yes)}
		}
	}
	if len(in.Alarms) > 0 {
		parameters[ParameterAlarms] = in.Alarms
	}
	return parameters
}

// executionForm is that of the id of an automation's execution.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetAutomationExecution.html
var executionForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// asked returns the order that an execution of a runbook gives. It must be running: one that has ended has given its
// order, and whoever may call the function shall not give it again.
func (o *Operate) asked(ctx context.Context, call Call) (Input, error) {
	e, err := o.execution(ctx, call.Execution)
	if err != nil {
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

// execution asks Systems Manager for one.
func (o *Operate) execution(ctx context.Context, id string) (Execution, error) {
	if !executionForm.MatchString(id) {
		return Execution{}, NoRunbook("execution is %q but must be the id of an execution of Systems Manager", id)
	}
	e, err := o.Runbooks.Execution(ctx, id)
	if err != nil && release.CodeOf(err) == release.NotFound {
		return Execution{}, NoRunbook("Systems Manager knows no execution %s", id)
	}
	return e, err
}

// order is the inverse of Parameters. What is wrong with it is found later, all at once.
func (e Execution) order(verb release.OrderVerb) Input {
	one := func(name string) string { return strings.Join(e.Parameters[name], " ") }
	yes := func(name string) bool { return one(name) == strconv.FormatBool(true) }
	in := Input{
		Verb: verb, Target: release.TargetName(one(ParameterTarget)), Release: release.ID(one(ParameterRelease)),
		Who: e.ExecutedBy, Why: one(ParameterReason), ID: one(ParameterID), NoData: yes(ParameterNoData),
		Revision: release.Revision{
			Image: one(ParameterImage), TaskDefinition: one(ParameterTaskDefinition), Version: one(ParameterVersion), Code: one(ParameterCode),
		},
		Undo: release.ID(one(ParameterUndo)), First: yes(ParameterFirst), Retry: yes(ParameterRetry), Emergency: yes(ParameterEmergency),
		Runbook: e.ID,
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
