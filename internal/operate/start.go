package operate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/serin-aws/serin/internal/release"
)

// Executions is Step Functions, for the executions of one state machine.
type Executions interface {
	// Start starts an execution under a name. One of that name that is there already is answered with its request.
	Start(ctx context.Context, name string, request release.Request) (Started, error)
	Running(ctx context.Context, execution release.ExecutionARN) (bool, error)
}

// Started is an execution of the state machine.
type Started struct {
	Execution release.ExecutionARN
	Before    *release.Request // with which it had been started before; nil: it was started now
}

// fresh is how long after a runbook was started its release may open for the first time, or stand in line: retries of a
// function take hours at most. The name of an execution is taken for 90 days, so within this span it is taken once.
const fresh = 24 * time.Hour

// Asked returns the request that an execution of the runbook serin-start has made, and the name that the release's
// execution has for it. An input that says so can be held to it: the name is taken once, and Systems Manager says who.
//
// Errors: Forbidden where no such execution has made a request, or has made it long ago.
func (o *Operate) Asked(ctx context.Context, runbook string) (request release.Request, name string, err error) {
	e, err := o.execution(ctx, runbook)
	if err != nil {
		return request, "", err
	}
	in := e.order(release.OrderStart)
	if e.Document != Runbook(release.OrderStart) || e.ExecutedBy == "" || in.Check() != nil {
		return request, "", NoRunbook("execution %s is of %q and starts no release", e.ID, e.Document)
	}
	if o.Now().Sub(e.Began) > fresh {
		return request, "", NoRunbook("execution %s was started on %s, and a release starts with its runbook", e.ID, release.When(e.Began))
	}
	request, err = o.request(ctx, in)
	return request, in.name(string(in.Target)), err
}

// start starts a release in the name of whoever started the runbook.
func (o *Operate) start(ctx context.Context, in Input) (Answer, error) {
	request, err := o.request(ctx, in)
	if err != nil {
		return Answer{}, err
	}
	started, err := o.Executions.Start(ctx, in.name(string(in.Target)), request)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{
		Release: release.NewID(in.Target, started.Execution), Target: in.Target, Verb: in.Verb,
		Execution: started.Execution, StartedBy: in.Who, Again: started.Before != nil,
	}
	if before := started.Before; before != nil {
		who, runbook := before.StartedBy, before.Runbook
		before.StartedBy, before.Runbook = request.StartedBy, request.Runbook // whoever does it again
		if *before != request {
			return Answer{}, release.Errorf(release.Invalid, "start "+string(in.Target), "the id %s was used before for another request (%s of %s); use another id", in.ID, before.Revision, before.Target)
		}
		answer.StartedBy, answer.Again = who, runbook != request.Runbook
	}
	answer.Note = fmt.Sprintf("%s of %s is started. To follow it: serin watch %s", request.Revision, in.Target, answer.Release)
	return answer, nil
}

// request is what a start asks of the state machine.
func (o *Operate) request(ctx context.Context, in Input) (release.Request, error) {
	request := release.Request{
		Intent: release.IntentRelease, Target: in.Target, Revision: in.Revision, First: in.First, Retry: in.Retry, Emergency: in.Emergency,
		Reason: in.Why, StartedBy: in.Who, Runbook: in.Runbook,
	}
	if in.Undo == "" {
		return request, nil
	}
	r, err := o.Ledger.LoadMarked(ctx, in.Undo)
	if err != nil && release.CodeOf(err) == release.NotFound {
		err = release.Errorf(release.NotFound, "undo "+string(in.Undo), "there is no such release; what was: serin list, serin history %s", in.Target)
	}
	if err != nil {
		return request, err
	}
	request.Retry = true // it is older than what serves, and that is meant
	request.Revision, err = undone(r, in.Target)
	return request, err
}

// name names an execution for people who look at the list of them: what it is about, and the order's id. By its name it
// counts once, for 90 days.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
func (in Input) name(about string) string {
	const longest, id = 80, 40
	return about[:min(longest-1-id, len(about))] + "-" + in.ID
}

// longestParameter is how much Systems Manager takes as one parameter of an execution, in characters.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartAutomationExecution.html
const longestParameter = 512

// checkStart finds what is wrong with a start.
func (in Input) checkStart(bad func(is bool, format string, args ...any)) {
	if in.Verb != release.OrderStart {
		bad(!in.Revision.IsZero() || in.Undo != "" || in.First || in.Retry || in.Emergency, "a revision, an undo, first, retry and emergency belong to the verb start")
		return
	}
	bad(in.Undo == "" && in.Revision.Check() != nil, "%v", in.Revision.Check())
	bad(in.Undo != "" && !in.Revision.IsZero(), "it names both a revision and a release to undo; name one of them")
	bad(in.Undo != "" && !releaseForm.MatchString(string(in.Undo)), "the release to undo is %q but must be like r-0123456789ab", in.Undo)
	for _, text := range []string{in.Revision.Image, in.Revision.TaskDefinition, in.Revision.Version, in.Revision.Code} {
		bad(utf8.RuneCountInString(text) > longestParameter, "what is to be released is named in more than %d characters, which Systems Manager does not take", longestParameter)
	}
	bad(in.Why == "" && (in.Undo != "" || in.Retry || in.Emergency), "an undo, a retry and an emergency need a reason")
}

// named reports whether an order makes an execution of the state machine, which has a name made of the order's id.
func (in Input) named() bool {
	return slices.Contains([]release.OrderVerb{release.OrderStart, release.OrderRecover}, in.Verb)
}

// said reports whether a text is empty or a line.
func said(text string) bool { return text == "" || line(text, maxWhy) }

// person is who gives an order, behind why.
func (in Input) person() string {
	const most = 300
	why := []rune(in.Why)
	return strings.TrimSpace(string(why[:min(most, len(why))]) + " (" + release.Person(in.Who) + ")")
}
