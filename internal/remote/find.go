package remote

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Reference names one release, as far as it is known how.
type Reference struct {
	Release   release.ID
	Target    release.TargetName
	Execution release.ExecutionARN
}

// Find returns the release that a person names: by its id, by its execution's ARN, or by a target, whose latest
// release it is - one that is open or Dirty before one that waits, and that before whatever ended or was refused last.
func (a *Account) Find(ctx context.Context, name string) (Reference, error) {
	switch {
	case releaseForm.MatchString(name):
		return Reference{Release: release.ID(name)}, nil
	case strings.HasPrefix(name, "arn:"):
		execution, err := a.execution(ctx, release.ExecutionARN(name))
		if err != nil {
			return Reference{}, err
		}
		ref := Reference{Release: execution.request.Release, Target: execution.request.Target, Execution: execution.arn}
		if ref.Release == "" {
			ref.Release = release.NewID(ref.Target, ref.Execution)
		}
		return ref, nil
	}
	return a.latest(ctx, release.TargetName(name))
}

// Named returns the release that a name as of Find stands for, with its target.
func (a *Account) Named(ctx context.Context, name string) (Reference, error) {
	ref, err := a.Find(ctx, name)
	if err != nil {
		return Reference{}, err
	}
	return a.Address(ctx, string(ref.Release))
}

// Address returns what an order is for: a release by its id, with its target, or a target alone.
func (a *Account) Address(ctx context.Context, name string) (Reference, error) {
	if !releaseForm.MatchString(name) {
		target, err := a.Target(ctx, release.TargetName(name))
		return Reference{Target: target.Name}, err
	}
	r, err := a.load(ctx, release.ID(name))
	if err != nil {
		return Reference{}, err
	}
	return Reference{Release: r.ID, Target: r.Target.Name}, nil
}

// load returns a release, Dirty also where the state machine itself has marked it. NotFound says where it was looked for.
func (a *Account) load(ctx context.Context, id release.ID) (*release.Release, error) {
	book, err := a.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	r, err := book.LoadMarked(ctx, id)
	if err != nil && release.CodeOf(err) == release.NotFound {
		return nil, release.Errorf(release.NotFound, "", "no release %s was opened here (%s); serin list names the latest of each target, serin status %s says what is known of it", id, a.place, id)
	}
	return r, err
}

// latest finds the release of a target that is open, or waits, or came last.
func (a *Account) latest(ctx context.Context, target release.TargetName) (Reference, error) {
	if err := checkTarget(target); err != nil {
		return Reference{}, err
	}
	book, err := a.Ledger(ctx)
	if err != nil {
		return Reference{}, err
	}
	opened, err := book.Releases(ctx, target, 1, "")
	if err != nil {
		return Reference{}, err
	}
	var last release.Entry
	if len(opened.Entries) > 0 {
		last = opened.Entries[0]
	}
	if last.Outcome != release.OutcomeOpen && last.Outcome != release.OutcomeDirty { // either is in everybody's way
		line, err := book.Line(ctx, target)
		if err != nil {
			return Reference{}, err
		}
		if len(line) > 0 {
			next := line[max(0, slices.IndexFunc(line, func(w release.Waiting) bool { return w.Dismissed == "" }))]
			return Reference{Release: next.Release, Target: target, Execution: next.Execution}, nil
		}
		if ref, err := a.preparing(ctx, target); err != nil || ref.Release != "" && ref.Release != last.Release {
			return ref, err
		}
		declined, err := book.Declined(ctx, target, 1, "")
		if err != nil {
			return Reference{}, err
		}
		if len(declined.Entries) > 0 && declined.Entries[0].At.After(last.At) {
			last = declined.Entries[0]
		}
	}
	if last.Release == "" {
		if _, err := a.Target(ctx, target); err != nil {
			return Reference{}, err
		}
		return Reference{}, release.Errorf(release.NotFound, "", "%s was never released; start one with: serin start %s --image ...", target, target)
	}
	return Reference{Release: last.Release, Target: target}, nil
}

// Read tells the story of a release as far as it has come: opened, waiting, refused, or only just started.
func (a *Account) Read(ctx context.Context, ref Reference) (story.Story, error) {
	book, err := a.Ledger(ctx)
	if err != nil {
		return story.Story{}, err
	}
	r, err := book.LoadMarked(ctx, ref.Release)
	switch {
	case err == nil:
		events, err := book.Events(ctx, ref.Release)
		if err != nil {
			return story.Story{}, err
		}
		return story.Tell(r, events), nil
	case release.CodeOf(err) != release.NotFound:
		return story.Story{}, err
	}
	return a.unopened(ctx, book, ref)
}

// Measure adds what the workload's metrics tell. What cannot be read is missing from the story.
func (a *Account) Measure(ctx context.Context, told *story.Story) {
	if told.Release.ID == "" {
		return
	}
	c, err := a.Core(ctx)
	if err != nil {
		told.Missing = append(told.Missing, err.Error())
		return
	}
	metrics, err := a.clients.CloudWatch(ctx, c.StateMachine, told.Release.Target, told.Release.ID)
	if err != nil {
		told.Missing = append(told.Missing, err.Error())
		return
	}
	told.Measure(ctx, metrics)
}

// unopened tells of a release that the ledger has no record of.
func (a *Account) unopened(ctx context.Context, book *ledger.Ledger, ref Reference) (story.Story, error) {
	id := ref.Release
	declined, err := book.NotOpened(ctx, id)
	if err == nil {
		return a.notStarted(ctx, declined.Request, declined.Outcome, declined.Sentence, declined.At), nil
	}
	if release.CodeOf(err) != release.NotFound {
		return story.Story{}, err
	}
	targets := []release.TargetName{ref.Target}
	if ref.Target == "" {
		if targets, err = a.Targets(ctx); err != nil {
			return story.Story{}, err
		}
	}
	waiting, found, err := waitingIn(ctx, book, ref, targets)
	if err != nil {
		return story.Story{}, err
	}
	if found {
		return a.notStarted(ctx, waiting.Request, release.OutcomeOpen, waits(waiting), waiting.Since), nil
	}
	if ref.Execution == "" {
		if ref, err = a.executionOf(ctx, ref.Release, targets); err != nil {
			return story.Story{}, err
		}
	}
	if ref.Execution == "" {
		return story.Story{}, release.Errorf(release.NotFound, "", "there is no release %s here (%s): the ledger does not know it, it waits for no target, and none of the latest executions makes it", id, a.place)
	}
	return a.executed(ctx, ref)
}

// waitingIn looks for a release among those that wait for their targets.
func waitingIn(ctx context.Context, book *ledger.Ledger, ref Reference, targets []release.TargetName) (release.Waiting, bool, error) {
	for _, name := range targets {
		line, err := book.Line(ctx, name)
		if err != nil {
			return release.Waiting{}, false, err
		}
		if w, found := line.Find(ref.Release); found {
			return w, true, nil
		}
	}
	return release.Waiting{}, false, nil
}

func waits(w release.Waiting) string {
	if w.Dismissed != "" {
		return w.Dismissed
	}
	return fmt.Sprintf("it waits for its turn since %s UTC and looks again at %s UTC", story.Clock(w.Since), story.Clock(w.Due))
}

// executed tells of a release that only Step Functions knows of.
func (a *Account) executed(ctx context.Context, ref Reference) (story.Story, error) {
	e, err := a.execution(ctx, ref.Execution)
	if err != nil {
		return story.Story{}, err
	}
	outcome, why := e.ending()
	return a.notStarted(ctx, e.request, outcome, why, e.started), nil
}

// ending says how an execution ended that opened no release.
func (e execution) ending() (release.Outcome, string) {
	switch {
	case e.status == types.ExecutionStatusRunning || e.status == types.ExecutionStatusPendingRedrive:
		return release.OutcomeOpen, ""
	case e.status == types.ExecutionStatusSucceeded && e.answer.Next == release.NextNothing:
		return release.OutcomeNothing, e.answer.Note
	case e.status == types.ExecutionStatusFailed && e.code == "Dirty":
		return release.OutcomeDirty, e.cause
	case e.status == types.ExecutionStatusFailed:
		return release.OutcomeRefused, e.cause
	}
	return release.OutcomeRefused, fmt.Sprintf("its execution ended as %s at %s UTC, before anything was changed", e.status, story.Clock(e.ended))
}

// notStarted tells of a release that was not opened. Its target may be gone by now; its name is known.
func (a *Account) notStarted(ctx context.Context, request release.Request, outcome release.Outcome, why string, at time.Time) story.Story {
	target, err := a.Target(ctx, request.Target)
	if err != nil {
		target = release.Target{Name: request.Target}
	}
	return story.NotStarted(target, request, outcome, why, at)
}
