package operate

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// recover starts an execution that brings a release home: one that is Dirty, that is open while its execution has ended,
// or that is over and left something.
func (o *Operate) recover(ctx context.Context, in Input) (Answer, error) {
	r, err := o.find(ctx, in)
	if err != nil {
		return Answer{}, err
	}
	intent, err := o.homeward(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	request := release.Request{Intent: intent, Target: r.Target.Name, Release: r.ID, Reason: in.person()}
	started, err := o.Executions.Start(ctx, in.name(string(r.ID)+"-by-hand"), request)
	if err != nil {
		return Answer{}, err
	}
	return Answer{
		Release: r.ID, Target: r.Target.Name, Verb: in.Verb, Execution: started.Execution, StartedBy: in.Who, Again: started.Before != nil,
		Note: fmt.Sprintf("%s is being brought home. To follow it: serin watch %s", r.ID, r.ID),
	}, nil
}

// homeward says what an execution has to do for a release. Illegal says that there is nothing to do.
func (o *Operate) homeward(ctx context.Context, r *release.Release) (release.Intent, error) {
	nothing := func(format string, args ...any) error {
		return release.Errorf(release.Illegal, "recover "+string(r.Target.Name), "release %s %s", r.ID, fmt.Sprintf(format, args...))
	}
	switch {
	case r.Phase == release.Dirty:
		return release.IntentRollback, nil
	case r.Phase.Final() && !r.Leaves():
		return "", nothing("is over (%s): there is nothing to recover", r.Phase)
	}
	running, err := o.Executions.Running(ctx, r.Owner())
	switch {
	case err != nil:
		return "", err
	case running && r.Leaves():
		return "", nothing("is being cleaned up after already: serin list says when nothing is left")
	case running:
		return "", nothing("is %s and its execution is running: there is nothing to recover. To bring back what served before: serin rollback %s", r.Phase, r.Target.Name)
	case r.Leaves():
		return release.IntentCleanup, nil
	}
	return release.IntentRecover, nil
}
