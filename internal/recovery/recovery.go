package recovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// neverOpened is what is found where an execution opened no release.
const neverOpened = "no release was opened: nothing was changed"

// Status is how Step Functions says an execution stands.
type Status string

// The statuses that are told apart. Every other one is an end.
const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Unknown   Status = "" // Step Functions does not know the execution
)

// Execution is one execution as Step Functions describes it.
type Execution struct {
	Status Status
	Input  []byte // what it was started with; empty where it is unknown
	Output []byte // what it answered, where it succeeded
	Cause  string // why it ended, where somebody said
}

// Executions is Step Functions. What is repeated is no error: a start of what was started, a stop of what has ended.
type Executions interface {
	Describe(ctx context.Context, execution release.ExecutionARN) (Execution, error)
	Start(ctx context.Context, machine, name string, input []byte) error
	Stop(ctx context.Context, execution release.ExecutionARN, cause string) error
}

// Ledger is where releases are kept. Save and Finish fail with Conflict when another invocation wrote first.
type Ledger interface {
	Load(ctx context.Context, id release.ID) (*release.Release, error)
	Marked(ctx context.Context, execution release.ExecutionARN) (bool, error)
	Opened(ctx context.Context) ([]release.ID, error)
	Left(ctx context.Context) ([]release.ID, error)
	// Lines returns the targets that somebody waits for, Line who.
	Lines(ctx context.Context) ([]release.TargetName, error)
	Line(ctx context.Context, target release.TargetName) (release.Line, error)
	// Free answers Held where a release holds one of the resources.
	Free(ctx context.Context, resources []release.Resource) error
	Save(ctx context.Context, r *release.Release, events ...release.Event) error
	Finish(ctx context.Context, r *release.Release, events ...release.Event) error
	// Decline records a request that opened no release, once; Leave takes it out of its target's line.
	Decline(ctx context.Context, e release.Entry) error
	Leave(ctx context.Context, target release.TargetName, id release.ID) error
}

// Notifier tells people and machines what happened. Nothing depends on it.
type Notifier interface {
	Notify(ctx context.Context, r *release.Release, notice release.Notice) error
}

// Decode turns an execution's input into a request; an input it does not understand is an Invalid error.
type Decode func(trigger []byte) (release.Request, error)

// Recovery takes over releases that have lost their execution.
type Recovery struct {
	Ledger     Ledger
	Executions Executions
	Notifier   Notifier
	Decode     Decode
	Machine    string // ARN of the state machine
	Now        func() time.Time
}

// Most is how many executions are started for one release before a person is called. Each of them tries for six hours
// where functions fail, so more of them only help against somebody who stops them.
const Most = 5

// backOff is how long after the last recovery another is started: 0, 5, 10, 20 and 40 minutes.
func backOff(recoveries int) time.Duration {
	if recoveries == 0 {
		return 0
	}
	return 5 * time.Minute << (recoveries - 1)
}

// unseen is how long Step Functions may not know an execution that was started: describing one is eventually
// consistent. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
const unseen = 5 * time.Minute

// Ended looks at the release of an execution that is said to have ended.
func (v *Recovery) Ended(ctx context.Context, execution release.ExecutionARN) (string, error) {
	e, err := v.Executions.Describe(ctx, execution)
	if err != nil {
		return "", err
	}
	if e.Status == Running || e.Status == Unknown {
		return fmt.Sprintf("execution %s has not ended (%s)", execution, e.Status), nil
	}
	request, err := v.Decode(e.Input)
	if err != nil {
		return "it started no release: " + err.Error(), nil //nolint:nilerr // such an execution opened none
	}
	id := request.Release
	if id == "" {
		id = release.NewID(request.Target, execution)
	}
	note, _, err := v.look(ctx, id)
	if err == nil && note == neverOpened && request.Release == "" {
		return v.dismiss(ctx, id, request, e)
	}
	return note, err
}

// Sweep looks at every release that is open, or left something. What fails for one does not keep the others from being
// looked at. It answers what it did, and for how many releases a cleanup is pending.
func (v *Recovery) Sweep(ctx context.Context) (did string, pending int, err error) {
	open, err := v.Ledger.Opened(ctx)
	if err != nil {
		return "", 0, err
	}
	left, err := v.Ledger.Left(ctx)
	if err != nil {
		return "", 0, err
	}
	var failed []error
	for _, id := range slices.Concat(open, left) {
		note, uncleaned, err := v.look(ctx, id)
		if err != nil {
			failed = append(failed, fmt.Errorf("release %s: %w", id, err))
		}
		if note != "" {
			did += note + "; "
		}
		if uncleaned {
			pending++
		}
	}
	gone, err := v.deserted(ctx)
	did += gone
	failed = append(failed, err)
	return fmt.Sprintf("%s%d open releases looked at, %d that left something", did, len(open), len(left)), pending, errors.Join(failed...)
}

// look finds out whether a release needs somebody: one that has lost its execution, and one that is over and left
// something. uncleaned says that a cleanup is pending.
func (v *Recovery) look(ctx context.Context, id release.ID) (note string, uncleaned bool, err error) {
	r, err := v.Ledger.Load(ctx, id)
	switch {
	case err != nil && release.CodeOf(err) == release.NotFound:
		return neverOpened, false, nil
	case err != nil:
		return "", false, err
	case r.Leaves():
		uncleaned = r.CleanupPending != ""
		note, err = v.settled(v.tidy(ctx, r))
	case r.Phase == release.Dirty && r.Uncalled != "":
		note, err = v.settled(fmt.Sprintf("%s is Dirty: a person is called", r.ID), v.callPerson(ctx, r))
	case !r.Phase.Final():
		note, err = v.lost(ctx, r)
	}
	return note, uncleaned, err
}

// lost finds out whether an open release has lost its execution, and takes it over where it has.
func (v *Recovery) lost(ctx context.Context, r *release.Release) (string, error) {
	owner := r.Owner()
	marked, err := v.Ledger.Marked(ctx, owner)
	if err != nil {
		return "", err
	}
	if marked {
		return v.settled(v.giveUp(ctx, r, "no function could bring it home; the state machine says so", called))
	}
	e, err := v.Executions.Describe(ctx, owner)
	if err != nil {
		return "", err
	}
	switch {
	case e.Status == Running:
		return "", nil
	case e.Status == Unknown && r.Recoveries > 0 && owner == v.execution(name(r.ID, r.Epoch)):
		return fmt.Sprintf("%s: %s was announced and is started now", r.ID, owner), v.start(ctx, r, "its start was cut off")
	case e.Status == Unknown && v.Now().Sub(r.Opened) < unseen:
		return fmt.Sprintf("%s: its execution is not seen yet", r.ID), nil
	case r.Recoveries >= Most:
		return v.settled(v.giveUp(ctx, r, fmt.Sprintf("%d executions were started to bring it home, and none did; the last one ended as %s", Most, ended(e)), call))
	case v.Now().Before(r.RecoveryAt.Add(backOff(r.Recoveries))):
		return fmt.Sprintf("%s: taken over again after %s UTC", r.ID, r.RecoveryAt.Add(backOff(r.Recoveries)).UTC().Format(time.TimeOnly)), nil
	}
	return v.settled(fmt.Sprintf("%s: taken over", r.ID), v.TakeOver(ctx, r, "its execution ended as "+ended(e)))
}

// settled takes a lost write for no failure: whoever wrote meanwhile knew as much.
func (v *Recovery) settled(note string, err error) (string, error) {
	if release.CodeOf(err) == release.Conflict {
		return "somebody else has written the release meanwhile", nil
	}
	return note, err
}

// ended says how an execution ended, for people.
func ended(e Execution) string {
	switch {
	case e.Status == Unknown:
		return "unknown to Step Functions"
	case e.Cause != "":
		return fmt.Sprintf("%s (%s)", e.Status, cut(e.Cause))
	}
	return string(e.Status)
}

// cut keeps a text readable in a line.
func cut(text string) string {
	const most = 120 // in UTF-8 it fits into the 500 bytes of a reason
	runes := []rune(text)
	if len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}
