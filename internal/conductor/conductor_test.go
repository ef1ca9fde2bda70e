package conductor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/release"
)

const (
	execution = "arn:aws:states:eu-central-1:123456789012:execution:serin:one"
	another   = "arn:aws:states:eu-central-1:123456789012:execution:serin:two"
	resource  = "arn:aws:ecs:eu-central-1:123456789012:service/prod/orders"
)

var trigger = []byte(`{"target":"orders","revision":{"image":"orders:2"},"startedBy":"codepipeline"}`)

// stage is a workload that answers what it is told to, the real ledger on a simulated table, and a clock.
type stage struct {
	t       *testing.T
	clock   *loop.Loop
	ledger  *ledger.Ledger
	request string

	prepared  release.Prepared
	refusal   error
	progress  release.Progress // what Shift, Promote, Rollback and Cleanup answer
	failure   error            // or fail with
	sighting  release.Sighting
	judgement release.Judgement
	firing    []string
	reference release.Reference
	calls     []string
	told      []release.Notice
	refused   []string         // pushes that people were told of: target and why
	asked     release.Revision // what was to be prepared last
	runbooks  map[string]runbook
	target    release.Target
	platform  any // in place of the stage itself
	hooks     *hooks
}

// slow is a table whose writes take a moment: two transactions at the same instant would conflict.
type slow struct {
	dynamodb.Outside
	clock *loop.Loop
}

func (s slow) TransactWriteItems(ctx context.Context, in *sdk.TransactWriteItemsInput, options ...func(*sdk.Options)) (*sdk.TransactWriteItemsOutput, error) {
	s.clock.AdvanceTo(s.clock.Now().Add(100 * time.Millisecond))
	return s.Outside.TransactWriteItems(ctx, in, options...)
}

func newStage(t *testing.T) *stage {
	l := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	s := &stage{t: t, clock: l, request: "request-1"}
	s.ledger = ledger.New(slow{dynamodb.New(l, "ledger", dynamodb.Settings{}).Outside(), l}, "ledger", l.Now)
	s.prepared = release.Prepared{
		Revision:  release.Revision{Image: "orders:2", Digest: "sha256:2222222222"},
		Baseline:  release.Baseline{Serves: "sha256:1111111111", Summary: "orders:1 on 9 tasks", Detail: json.RawMessage(`{}`)},
		Resources: []release.Resource{resource},
	}
	s.progress = release.Progress{State: release.Reached, Note: "as asked for"}
	s.judgement = release.Judgement{Verdict: release.Pass, Sentence: "all is well"}
	s.target = release.Target{
		Name: "orders", Platform: "ecs-queue",
		Plan: release.Plan{
			Steps:   []release.Step{{Weight: 10, Bake: release.Duration(10 * time.Minute)}},
			MaxBake: release.Duration(30 * time.Minute), Settle: release.Duration(15 * time.Minute), Deadline: release.Duration(3 * time.Hour),
		},
		Checks: release.Checks{Inconclusive: release.InconclusiveHold},
	}
	return s
}

func (s *stage) Target(_ context.Context, name release.TargetName) (release.Target, string, error) {
	if name != s.target.Name {
		return release.Target{}, "", release.Errorf(release.NotFound, "target "+string(name), "is not there")
	}
	return s.target, "hash", nil
}

// runbook is what an execution of the runbook serin-start has asked for, and the name of what it has started.
type runbook struct {
	request release.Request
	name    string
}

func (s *stage) Asked(_ context.Context, id string) (release.Request, string, error) {
	asked, ok := s.runbooks[id]
	if !ok {
		return release.Request{}, "", release.Errorf(release.Forbidden, "the order", "there is no execution %s", id)
	}
	return asked.request, asked.name, nil
}

func (s *stage) Prepare(_ context.Context, _ release.Target, revision release.Revision) (release.Prepared, error) {
	s.asked = revision
	return s.prepared, s.refusal
}

func (s *stage) Pin(_ context.Context, _ release.Target, revision release.Revision) (release.Candidate, error) {
	return release.Candidate{Revision: s.prepared.Revision, Pushed: s.prepared.Pushed}, s.refusal
}

func (s *stage) Inspect(context.Context, *release.Release) (release.Sighting, error) {
	return s.sighting, nil
}

func (s *stage) did(call string) (release.Progress, error) {
	s.calls = append(s.calls, call)
	return s.progress, s.failure
}

func (s *stage) Shift(context.Context, *release.Release, release.Weight) (release.Progress, error) {
	return s.did("shift")
}

func (s *stage) Promote(context.Context, *release.Release) (release.Progress, error) {
	return s.did("promote")
}

func (s *stage) Rollback(context.Context, *release.Release) (release.Progress, error) {
	return s.did("rollback")
}

func (s *stage) Cleanup(context.Context, *release.Release) (release.Progress, error) {
	return s.did("cleanup")
}

func (s *stage) Firing(context.Context, release.Target) ([]string, error) { return s.firing, nil }
func (s *stage) Reference(context.Context, release.Target, release.Metrics) (release.Reference, error) {
	return s.reference, nil
}

func (s *stage) Look(context.Context, *release.Release, release.Sighting) (release.Judgement, error) {
	return s.judgement, nil
}

func (s *stage) Notify(_ context.Context, _ *release.Release, n release.Notice) error {
	if n.Kind == release.NoticeDirty && s.release().Uncalled != n.Text {
		s.t.Error("who dies now calls nobody: it is not written that a person has still to be called")
	}
	if n.Kind != release.NoticeStarted { // of that nobody is written to
		s.told = append(s.told, n)
	}
	return errors.New("nobody hears it, and nothing depends on it")
}

func (s *stage) NotifyRefused(_ context.Context, target release.Target, refused release.Entry, _ release.ExecutionARN) error {
	s.refused = append(s.refused, string(target.Name)+": "+refused.Sentence)
	return errors.New("nobody hears it, and nothing depends on it")
}

// invocation is a context as Lambda gives it: with a deadline a minute ahead.
type invocation struct {
	context.Context
	deadline time.Time
}

func (i invocation) Deadline() (time.Time, bool) { return i.deadline, true }

// call runs a verb as the state machine would.
func (s *stage) call(verb string, change ...func(*conductor.Input)) (release.Answer, error) {
	s.t.Helper()
	in := conductor.Input{Trigger: trigger, Execution: execution, State: verb}
	for _, c := range change {
		c(&in)
	}
	runtime := conductor.Runtime{Now: s.clock.Now, Request: func(context.Context) string { return s.request }}
	ctx := invocation{context.Background(), s.clock.Now().Add(time.Minute)}
	watcher := found[conductor.Watcher](s)
	switch verb {
	case "deploy-canary":
		v := conductor.DeployCanary{Decode: events.Decode, Targets: s, Starts: s, Ledger: s.ledger, History: s.ledger, Waiting: s.ledger, Platform: found[conductor.PreparerShifter](s), Watcher: watcher, Hooks: s.hooked, Notifier: s, Runtime: runtime}
		return v.Handle(ctx, in)
	case "check-alarms":
		v := conductor.CheckAlarms{Decode: events.Decode, Ledger: s.ledger, Lines: s.ledger, Platform: found[conductor.Inspector](s), Watcher: watcher, Hooks: s.hooked, Notifier: s, Runtime: runtime}
		return v.Handle(ctx, in)
	case "promote":
		v := conductor.Promote{Decode: events.Decode, Ledger: s.ledger, Platform: found[conductor.PromoterCleaner](s), Notifier: s, Runtime: runtime}
		return v.Handle(ctx, in)
	}
	v := conductor.Rollback{Decode: events.Decode, Ledger: s.ledger, Declined: s.ledger, Platform: found[conductor.Restorer](s), Hooks: s.hooked, Notifier: s, Runtime: runtime}
	return v.Handle(ctx, in)
}

func found[P any](s *stage) conductor.For[P] {
	return func(context.Context, release.Target, release.ID) (P, error) {
		if s.platform != nil {
			return s.platform.(P), nil
		}
		return any(s).(P), nil
	}
}

// want calls a verb and fails the test unless it answers next.
func (s *stage) want(next release.Next, verb string, change ...func(*conductor.Input)) release.Answer {
	s.t.Helper()
	answer, err := s.call(verb, change...)
	if err != nil || answer.Next != next {
		s.t.Fatalf("%s answered %+v, %v; want %s", verb, answer, err, next)
	}
	return answer
}

func (s *stage) later(d time.Duration) { s.clock.AdvanceTo(s.clock.Now().Add(d)) }

func (s *stage) release() *release.Release {
	s.t.Helper()
	r, err := s.ledger.Load(context.Background(), release.NewID("orders", execution))
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *stage) holder() release.ID {
	s.t.Helper()
	lock, err := s.ledger.Lock(context.Background(), resource)
	if err != nil {
		s.t.Fatal(err)
	}
	return lock.Holder
}

// baked brings a release to the end of its bake.
func (s *stage) baked() {
	s.want(release.NextCheck, "deploy-canary")
	s.later(10 * time.Minute)
}

func TestAReleaseFromTriggerToEnd(t *testing.T) {
	s := newStage(t)
	s.want(release.NextCheck, "deploy-canary")
	s.want(release.NextWait, "check-alarms")
	s.later(10 * time.Minute)
	s.want(release.NextPromote, "check-alarms")
	s.want(release.NextSettle, "promote")
	s.want(release.NextWait, "check-alarms")
	s.later(15 * time.Minute)
	s.want(release.NextPromote, "check-alarms")
	s.want(release.NextDone, "promote")
	if r := s.release(); r.Phase != release.Released || s.holder() != "" {
		t.Errorf("%s, lock of %q", r.Phase, s.holder())
	}
	if len(s.told) != 1 || s.told[0].Kind != release.NoticeReleased {
		t.Errorf("told %v", s.told)
	}
}

func TestWhatIsNotStarted(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		next   release.Next
		says   string
	}{
		"the live revision": {func(s *stage) { s.prepared.Live = true }, release.NextNothing, "serves already"},
		"a refusal":         {func(s *stage) { s.refusal = release.Errorf(release.Forbidden, "image", "of another repository") }, release.NextRefused, "another repository"},
		"a firing alarm":    {func(s *stage) { s.firing = []string{"dlq", "age"} }, release.NextRefused, "dlq and age are in ALARM"},
		"a freeze window":   {func(s *stage) { s.target.Freeze = []string{"Mon 08:00-Mon 10:00 UTC"} }, release.NextRefused, "frozen until"},
		"no such target":    {func(s *stage) { s.target.Name = "other" }, release.NextRefused, "is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			c.change(s)
			if answer := s.want(c.next, "deploy-canary"); !strings.Contains(answer.Note, c.says) {
				t.Errorf("says %q", answer.Note)
			}
			if len(s.calls) > 0 || s.holder() != "" {
				t.Errorf("did %v, lock of %q", s.calls, s.holder())
			}
			if answer := s.want(release.NextDone, "rollback"); !strings.Contains(answer.Note, "nothing") {
				t.Errorf("rollback says %q", answer.Note)
			}
		})
	}
}

func TestAPassingErrorIsTriedAgainAndLosesNothing(t *testing.T) {
	s := newStage(t)
	s.failure = release.Errorf(release.Throttled, "update service", "slow down")
	if _, err := s.call("deploy-canary"); release.CodeOf(err) != release.Throttled {
		t.Fatal(err)
	}
	s.failure, s.request = nil, "request-2"
	s.want(release.NextWait, "deploy-canary") // the first call's lease is waited out: what it did is not known
	s.later(time.Minute)
	s.want(release.NextCheck, "deploy-canary")
}

func TestPromoteNeedsADecision(t *testing.T) {
	s := newStage(t)
	s.baked()
	s.want(release.NextSettle, "promote") // astray: the release is baking, so nothing is promoted
	if strings.Join(s.calls, " ") != "shift" {
		t.Errorf("did %v", s.calls)
	}
	s.want(release.NextPromote, "check-alarms")
	r := s.release()
	r.Decision = release.Decision{}
	if err := s.ledger.Save(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := s.call("promote"); release.CodeOf(err) != release.Illegal {
		t.Errorf("promoted without a decision: %v", err)
	}
}

func TestAStaleExecutionDoesNothing(t *testing.T) {
	s := newStage(t)
	s.baked()
	recovery := func(in *conductor.Input) {
		in.Execution = another
		in.Trigger = []byte(`{"intent":"recover","target":"orders","release":"` + string(release.NewID("orders", execution)) + `"}`)
	}
	s.progress = release.Progress{State: release.Working, Wait: time.Second, Note: "on the way"}
	s.want(release.NextWait, "rollback", recovery)
	did := len(s.calls)
	for _, verb := range []string{"deploy-canary", "check-alarms", "promote"} {
		s.want(release.NextRollback, verb)
	}
	s.want(release.NextDone, "rollback")
	if len(s.calls) != did {
		t.Errorf("a stale execution did %v", s.calls[did:])
	}
	s.progress = release.Progress{State: release.Reached, Note: "home"}
	s.want(release.NextWait, "rollback", recovery)
	s.want(release.NextRecovered, "rollback", recovery)
	if r := s.release(); r.Phase != release.RolledBack || r.Epoch != 2 || s.holder() != "" {
		t.Errorf("%s, epoch %d, lock of %q", r.Phase, r.Epoch, s.holder())
	}
}

// An answer was lost, so an effect may land up to half a minute after the lease: home is only what is read after that.
func TestRestoredIsSaidOnlyAfterLateEffects(t *testing.T) {
	s := newStage(t)
	s.failure = release.Errorf(release.Unavailable, "update service", "no answer")
	if _, err := s.call("deploy-canary"); err == nil {
		t.Fatal("no error")
	}
	s.failure, s.request = nil, "request-2"
	answer := s.want(release.NextWait, "rollback")
	if s.release().Phase != release.RollingBack || answer.Wait < 60 {
		t.Errorf("%s, waits %d s: the lease of a minute and half a minute for late effects must pass", s.release().Phase, answer.Wait)
	}
	s.later(time.Duration(answer.Wait) * time.Second)
	s.want(release.NextWait, "rollback")
	s.want(release.NextDone, "rollback")
	if s.holder() != "" {
		t.Error("the lock is held")
	}
}

func TestTheOnlyHealthyCopyIsNotTakenAway(t *testing.T) {
	s := newStage(t)
	s.baked()
	s.judgement.Verdict = release.Inconclusive
	s.want(release.NextWait, "check-alarms")
	s.sighting = release.Sighting{Canary: release.Units{Desired: 1, Running: 1, Healthy: 1}, Primary: release.Units{Desired: 9}}
	answer := s.want(release.NextWait, "rollback")
	s.sighting.Canary.Healthy, s.sighting.Primary.Desired = 2, 10 // who is called once is not called again for a count
	s.want(release.NextWait, "rollback")
	if !strings.Contains(answer.Note, "is all that works") || len(s.told) != 1 || strings.Join(s.calls, " ") != "shift" {
		t.Errorf("says %q, told %d times, did %v", answer.Note, len(s.told), s.calls)
	}
	s.sighting.Primary.Running = 9
	s.want(release.NextWait, "rollback")
	s.want(release.NextDone, "rollback")
}

// A person has given a Dirty release up: whoever calls late for it changes nothing, neither of the workload nor of what is
// written, be it its own execution, one of the recoveries, or one that a person started before.
func TestWhatIsAbandonedIsLeftAlone(t *testing.T) {
	s := newStage(t)
	s.baked()
	s.progress = release.Progress{State: release.Failed, Note: "service orders is gone"}
	s.want(release.NextDirty, "rollback")
	r := s.release()
	late := *r // as an invocation has loaded it that is slow
	s.abandon(r.ID)
	if err := s.ledger.Save(t.Context(), &late); release.CodeOf(err) != release.Conflict {
		t.Errorf("what was loaded before is written after it: %v", err)
	}
	s.progress = release.Progress{State: release.Reached, Note: "home", Changed: true}
	did, version := len(s.calls), s.release().Version
	for _, verb := range []string{"deploy-canary", "check-alarms", "promote"} {
		s.want(release.NextRollback, verb)
	}
	own := s.want(release.NextDirty, "rollback")
	for _, intent := range []release.Intent{release.IntentRecover, release.IntentRollback, release.IntentCleanup} {
		answer := s.want(release.NextRecovered, "rollback", func(in *conductor.Input) {
			in.Execution = another
			in.Trigger = fmt.Appendf(nil, `{"intent":%q,"target":"orders","release":%q}`, intent, r.ID)
		})
		if intent != release.IntentCleanup && !strings.Contains(answer.Note, "anna abandoned the release: decommissioned") {
			t.Errorf("%s: %s", intent, answer.Note)
		}
	}
	if len(s.calls) != did || s.release().Version != version || s.holder() != "" || !strings.Contains(own.Note, "anna abandoned the release: decommissioned") {
		t.Errorf("did %v, version %d after %d, lock of %q, %s", s.calls[did:], s.release().Version, version, s.holder(), own.Note)
	}
}

func TestABaselineThatCannotBeBroughtBackIsDirty(t *testing.T) {
	s := newStage(t)
	s.baked()
	s.progress = release.Progress{State: release.Failed, Note: "service orders is gone"}
	s.want(release.NextDirty, "rollback")
	if r := s.release(); r.Phase != release.Dirty || s.holder() != r.ID || len(s.told) != 1 || !strings.Contains(s.told[0].Text, "service orders is gone") {
		t.Errorf("%s, lock of %q, told %v", r.Phase, s.holder(), s.told)
	}
	// A person has mended it and says so.
	s.progress = release.Progress{State: release.Reached, Note: "home"}
	mended := func(in *conductor.Input) {
		in.Execution = another
		in.Trigger = []byte(`{"intent":"rollback","target":"orders","release":"` + string(release.NewID("orders", execution)) + `"}`)
	}
	s.want(release.NextWait, "rollback", mended)
	s.want(release.NextRecovered, "rollback", mended)
	if s.holder() != "" {
		t.Error("the lock is held")
	}
}

func TestACleanupThatCannotFinishIsNoFailure(t *testing.T) {
	s := newStage(t)
	s.baked()
	s.want(release.NextPromote, "check-alarms")
	s.want(release.NextSettle, "promote")
	s.later(15 * time.Minute)
	s.want(release.NextPromote, "check-alarms")
	s.failure = release.Errorf(release.Denied, "deregister", "no permission")
	if _, err := s.call("promote"); err == nil {
		t.Fatal("no error at first")
	}
	s.later(12 * time.Minute)
	s.request = "request-2"
	for range 5 {
		answer, err := s.call("promote")
		if err != nil {
			t.Fatal(err)
		}
		if answer.Next == release.NextDone {
			break
		}
		s.later(time.Duration(answer.Wait) * time.Second)
	}
	if r := s.release(); r.Phase != release.Released || !strings.Contains(r.CleanupPending, "no permission") || s.holder() != "" {
		t.Errorf("%s, pending %q, lock of %q", r.Phase, r.CleanupPending, s.holder())
	}
}

// ECS forgets a stopped task within the hour, and the cleanup removes the definition that names its logs.
func TestWhyTasksStoppedIsKept(t *testing.T) {
	s := newStage(t)
	s.want(release.NextCheck, "deploy-canary")
	s.sighting.Stopped = []release.Stopped{{Task: "abc", Service: "orders-canary", Why: "container worker ended with exit code 1"}}
	s.sighting.Trouble = "it crashes"
	s.want(release.NextRollback, "check-alarms")
	s.want(release.NextWait, "rollback") // sees the same task
	told := 0
	events, err := s.ledger.Events(context.Background(), s.release().ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		if strings.Contains(event.Text, "task abc of orders-canary failed: container worker ended with exit code 1") {
			told++
		}
	}
	if kept := s.release().Stopped; told != 1 || len(kept) != 1 || kept[0] != s.sighting.Stopped[0] {
		t.Errorf("told %d times, kept %+v", told, kept)
	}
}
