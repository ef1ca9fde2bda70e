package conductor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// start is one attempt of an execution to open its release.
type start struct {
	*DeployCanary
	in      Input
	id      release.ID
	request release.Request

	target    release.Target
	hash      string
	line      release.Line
	place     release.Waiting   // in the line
	waiting   bool              // it stands there
	overrides release.Overrides // that are kept for the target
	used      release.Overrides // those that it needs
	normal    release.Reference // what is normal before the release
}

// open opens the release of an execution as soon as its turn has come. Without a release it answers why there is none:
// not yet, or not at all. What it answers for good is recorded, so that an execution that asks again hears the same.
func (s *start) open(ctx context.Context) (*release.Release, release.Answer, error) {
	if known, err := s.History.NotOpened(ctx, s.id); release.CodeOf(err) != release.NotFound {
		return nil, endOf(known), err
	}
	if err := s.read(ctx); err != nil {
		return s.refuse(ctx, err)
	}
	if s.place.Dismissed != "" {
		return s.decline(ctx, s.declined(release.OutcomeRefused, s.place.Dismissed))
	}
	running, err := s.History.Current(ctx, s.target.Name)
	if err != nil {
		return nil, release.Answer{}, err
	}
	if before := s.line.Before(s.id, s.request.Emergency, s.Now()); running != nil || len(before) > 0 {
		return s.behind(ctx, running, before)
	}
	if frozen, until := s.target.Frozen(s.Now()); frozen && !s.overridden() {
		return s.frozen(ctx, until)
	}
	return s.begin(ctx)
}

// read finds the target and the execution's place in its line.
func (s *start) read(ctx context.Context) error {
	var err error
	s.target = release.Target{Name: s.request.Target} // should there be none
	target, hash, err := s.Targets.Target(ctx, s.request.Target)
	if err != nil {
		return err
	}
	s.target, s.hash = target, hash
	if err := s.admissible(); err != nil {
		return err
	}
	s.line, err = s.Waiting.Line(ctx, target.Name)
	s.place, s.waiting = s.line.Find(s.id)
	if s.waiting { // a tag may have moved since it came
		s.request.Revision = s.place.Revision.Exactly()
	}
	if s.request.Emergency && err == nil {
		s.overrides, err = s.Waiting.Overrides(ctx, target.Name)
	}
	if err == nil && !s.waiting { // who waits has been asked
		err = s.authentic(ctx)
	}
	return err
}

// authentic holds a start to the execution of the runbook that its input names. Whoever may start executions can write
// there what he likes; what the runbook was asked for, and by whom, Systems Manager says.
func (s *start) authentic(ctx context.Context) error {
	if s.request.Runbook == "" {
		return nil
	}
	asked, name, err := s.Starts.Asked(ctx, s.request.Runbook)
	if err != nil {
		return err
	}
	if asked != s.request || !strings.HasSuffix(string(s.in.Execution), ":"+name) {
		return release.Errorf(release.Forbidden, "the execution's input", "it names execution %s of the runbook serin-start, which has asked for something else, or under another name; start by the runbook or serin start, or leave runbook and startedBy out",
			s.request.Runbook)
	}
	return nil
}

// overridden reports whether a person with the permission has spoken for an emergency: it may start, rise and be
// promoted within a freeze window then.
func (s *start) overridden() bool {
	return s.request.Emergency && slices.ContainsFunc(s.overrides, func(o release.Override) bool { return o.Valid(s.Now()) })
}

// admissible refuses what the target's file does not provide for.
func (s *start) admissible() error {
	op := "target " + string(s.target.Name)
	switch {
	case s.request.Emergency && s.target.Emergency == nil:
		return release.Errorf(release.Invalid, op, "has no emergency plan; add emergency to its file and apply it, or start without --emergency")
	case s.request.First && len(s.target.Checks.Alarms) == 0:
		return release.Errorf(release.Invalid, op, "names no alarm, and a first release has nothing to be compared with: nothing could judge it; add an alarm to checks.alarms")
	}
	return nil
}

// frozen refuses a start within a freeze window; whoever has waited for its turn waits for the end of it, too.
func (s *start) frozen(ctx context.Context, until time.Time) (*release.Release, release.Answer, error) {
	if s.waiting {
		return s.wait(ctx, s.place, "frozen until "+release.When(until))
	}
	return s.refuse(ctx, release.Errorf(release.Unstable, "target "+string(s.target.Name), "is frozen until %s; start again then", release.When(until)))
}

// begin prepares, locks and records.
func (s *start) begin(ctx context.Context) (*release.Release, release.Answer, error) {
	prepared, err := s.prepare(ctx)
	if err != nil {
		return s.unprepared(ctx, prepared, err)
	}
	if prepared.Live {
		return s.decline(ctx, s.declined(release.OutcomeNothing, fmt.Sprintf("%s serves already; there is nothing to release", prepared.Revision)))
	}
	fresh, err := s.fresh(prepared)
	if err != nil {
		return s.refuse(ctx, err)
	}
	waits, admitted, err := s.admit(ctx, prepared)
	if err != nil {
		return s.refuse(ctx, err)
	}
	if waits != "" {
		return s.wait(ctx, s.standing(prepared), waits)
	}
	text := "baseline recorded: " + prepared.Baseline.Summary
	if admitted != "" {
		text += "; " + admitted
	}
	if len(s.used) > 0 {
		text += "; " + overridesText(s.used)
	}
	if s.request.Emergency {
		text = "emergency (" + s.request.Reason + "): " + text
	}
	r, err := s.Ledger.Open(ctx, fresh, release.Event{At: fresh.Opened, Kind: release.EventOpened, Phase: release.Preparing, Epoch: 1, Text: text})
	if held, ok := errors.AsType[Held](err); ok {
		return s.held(ctx, held)
	}
	if err == nil {
		tell(ctx, s.Notifier, r, release.Notice{Kind: release.NoticeStarted})
	}
	return r, release.Answer{}, err
}

// admit asks the gate, where the target requires something of its images.
func (s *start) admit(ctx context.Context, prepared release.Prepared) (waits, note string, err error) {
	if s.target.Source.Required() == nil {
		return "", "", nil
	}
	gate, err := s.Gate(ctx, s.target, s.id)
	if err != nil {
		return "", "", err
	}
	return gate.Admit(ctx, s.target, prepared.Revision)
}

// standing is the execution's place in the line while it waits for something else than others: the one it has, or a new
// one. Whoever comes later waits behind it, or takes its place.
func (s *start) standing(prepared release.Prepared) release.Waiting {
	if s.waiting {
		return s.place
	}
	return release.Waiting{
		Release: s.id, Execution: s.in.Execution, Request: s.request, Way: s.target.Concurrency, Since: s.Now(),
		Revision: prepared.Revision, Pushed: prepared.Pushed,
	}
}

// fresh is the release as it is opened.
func (s *start) fresh(prepared release.Prepared) (release.Release, error) {
	steps, err := s.target.Plan.Resolved()
	if s.request.Emergency {
		steps = s.target.Emergency.Steps
	}
	now := s.Now()
	return release.Release{
		Snapshot: release.Snapshot{
			Schema: release.Schema, ID: s.id, Target: s.target, TargetHash: s.hash, Request: s.request,
			Revision: prepared.Revision, Pushed: prepared.Pushed, Baseline: prepared.Baseline, Steps: steps,
			Resources: prepared.Resources, Metrics: prepared.Metrics, Reference: s.normal, Overrides: s.used, Opened: now,
		},
		State: release.State{Phase: release.Preparing, Since: now, Epoch: 1, Executions: []release.ExecutionARN{s.in.Execution}},
	}, err
}

// prepare asks the platform, then what is known of the revision, then CloudWatch.
func (s *start) prepare(ctx context.Context) (release.Prepared, error) {
	platform, err := s.Platform(ctx, s.target, s.id)
	if err != nil {
		return release.Prepared{}, err
	}
	prepared, err := platform.Prepare(ctx, s.target, s.request.Revision)
	if err != nil {
		return prepared, err
	}
	if err := s.baseline(prepared); err != nil || prepared.Live {
		return prepared, err
	}
	candidate := release.Candidate{Revision: prepared.Revision, Pushed: prepared.Pushed}
	if err := s.notBefore(candidate, prepared.LivePushed, prepared.Baseline.Name()+", which serves"); err != nil {
		return prepared, err
	}
	if err := s.untried(ctx, prepared.Revision); err != nil {
		return prepared, err
	}
	watcher, err := s.Watcher(ctx, s.target, s.id)
	if err != nil {
		return prepared, err
	}
	if err := s.alarms(ctx, watcher); err != nil {
		return prepared, err
	}
	if err := s.hooks(ctx); err != nil {
		return prepared, err
	}
	s.normal, err = watcher.Reference(ctx, s.target, prepared.Metrics)
	return prepared, err
}

// baseline refuses a first release where a baseline serves, and any other where none does.
func (s *start) baseline(prepared release.Prepared) error {
	op := "target " + string(s.target.Name)
	switch {
	case s.request.First && prepared.Presence == release.Serves:
		return release.Errorf(release.Invalid, op, "serves %s, so this is no first release; start again without --first: then rollback has a baseline to return to", prepared.Baseline.Name())
	case !s.request.First && prepared.Presence == release.Absent:
		return release.Errorf(release.Invalid, op, "serves nothing that a release could be compared with or rolled back to; start again with --first, or bring a baseline up")
	}
	return nil
}

// alarms refuses a start while an alarm is firing: a release does not start on a failing workload, and what is normal is
// read before anything changes. An emergency starts nevertheless where a person has overridden every one of them by name.
func (s *start) alarms(ctx context.Context, watcher Watcher) error {
	firing, err := watcher.Firing(ctx, s.target)
	if err != nil {
		return err
	}
	op := "alarms of " + string(s.target.Name)
	if len(firing) > 0 && !s.request.Emergency {
		return release.Errorf(release.Unstable, op,
			"%s in ALARM before the release; a release does not start on a failing workload: repair it, or correct the alarm", list(firing))
	}
	frozen, _ := s.target.Frozen(s.Now())
	var bare []string
	if s.used, bare = s.overrides.Covering(firing, frozen, s.Now()); len(bare) > 0 {
		return release.Errorf(release.Unstable, op,
			"%s in ALARM and no override names it; whoever may override does so by name (serin override %s), then start again", list(bare), s.target.Name)
	}
	return nil
}

func overridesText(overrides release.Overrides) string {
	var parts []string
	for _, o := range overrides {
		parts = append(parts, fmt.Sprintf("%s overridden by %s (%s)", list(o.Alarms), release.Person(o.Who), o.Why))
	}
	return strings.Join(parts, "; ")
}
