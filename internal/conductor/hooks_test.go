package conductor_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/release"
)

// hooks are functions that say what the test wants, one word a call; the last one stays.
type hooks struct {
	says    map[string][]release.HookAnswer // by function
	err     error                           // of every call, instead
	missing string
	asked   []release.HookEvent
}

func (h *hooks) Check(_ context.Context, function string) error {
	if function == h.missing {
		return release.Errorf(release.NotFound, "call "+function, "it does not exist")
	}
	return nil
}

func (h *hooks) Ask(_ context.Context, function string, event release.HookEvent) (release.HookAnswer, error) {
	h.asked = append(h.asked, event)
	if h.err != nil {
		return release.HookAnswer{}, h.err
	}
	says := h.says[function]
	if len(says) == 0 {
		return release.HookAnswer{Status: release.HookSucceeded}, nil
	}
	if len(says) > 1 {
		h.says[function] = says[1:]
	}
	return says[0], nil
}

func (s *stage) hooked(context.Context, release.Target, release.ID) (conductor.Hooks, error) {
	return s.hooks, nil
}

// withHooks is a stage whose target names a hook "a" at the given stages.
func withHooks(t *testing.T, says []release.HookAnswer, stages ...release.HookStage) *stage {
	s := newStage(t)
	s.hooks = &hooks{says: map[string][]release.HookAnswer{"a": says}}
	s.target.Hooks = []release.Hook{{Function: "a", Stages: stages, Timeout: release.Duration(time.Hour), OnFailure: release.HookRollback}}
	return s
}

var (
	succeeded = release.HookAnswer{Status: release.HookSucceeded}
	saysNo    = release.HookAnswer{Status: release.HookFailed}
)

func inProgress(delay time.Duration) release.HookAnswer {
	return release.HookAnswer{Status: release.HookInProgress, Delay: delay, Details: json.RawMessage(`{"begun":true}`)}
}

func (s *stage) stages() []release.HookStage {
	var stages []release.HookStage
	for _, event := range s.hooks.asked {
		stages = append(stages, event.Serin.Stage)
	}
	return stages
}

func TestHooksAreAskedAtEachStageOnce(t *testing.T) {
	s := withHooks(t, []release.HookAnswer{succeeded}, release.HookStages()...)
	s.want(release.NextCheck, "deploy-canary")
	s.want(release.NextWait, "check-alarms")
	s.later(10 * time.Minute)
	s.want(release.NextPromote, "check-alarms")
	s.want(release.NextSettle, "promote")
	s.want(release.NextWait, "check-alarms")
	s.want(release.NextWait, "check-alarms")
	s.later(15 * time.Minute)
	s.want(release.NextPromote, "check-alarms")
	s.want(release.NextDone, "promote")
	if want := []release.HookStage{release.BeforeTraffic, release.AfterStep, release.AfterPromotion}; !slices.Equal(s.stages(), want) {
		t.Errorf("asked %v", s.stages())
	}
}

// A hook that says no brings the baseline back, whichever gate it stands at, and nothing that comes after it is done.
func TestAHookThatSaysNo(t *testing.T) {
	for stage, reach := range map[release.HookStage]func(*stage) string{
		release.BeforeTraffic: func(*stage) string { return "deploy-canary" },
		release.AfterStep:     func(s *stage) string { s.baked(); return "check-alarms" },
		release.AfterPromotion: func(s *stage) string {
			s.baked()
			s.want(release.NextPromote, "check-alarms")
			s.want(release.NextSettle, "promote")
			return "check-alarms"
		},
	} {
		s := withHooks(t, []release.HookAnswer{saysNo}, stage)
		answer := s.want(release.NextRollback, reach(s))
		if r := s.release(); r.Decision.Reason != release.ReasonHook || !strings.Contains(answer.Note, "hook a ("+stage.String()+") says FAILED") {
			t.Errorf("%s: %s, %s", stage, r.Decision.Reason, answer.Note)
		}
		if stage == release.BeforeTraffic && len(s.calls) > 0 {
			t.Errorf("did %v", s.calls)
		}
	}
}

func TestAHookInProgressIsAskedAgain(t *testing.T) {
	s := withHooks(t, []release.HookAnswer{inProgress(45 * time.Second), inProgress(time.Second), succeeded}, release.BeforeTraffic)
	if answer := s.want(release.NextWait, "deploy-canary"); answer.Wait != 45 {
		t.Errorf("wait %d", answer.Wait)
	}
	s.want(release.NextWait, "deploy-canary") // called too early
	if len(s.hooks.asked) != 1 {
		t.Fatalf("asked %d times", len(s.hooks.asked))
	}
	s.later(45 * time.Second)
	if answer := s.want(release.NextWait, "deploy-canary"); answer.Wait != 30 { // no oftener than ECS does
		t.Errorf("wait %d", answer.Wait)
	}
	s.later(30 * time.Second)
	s.want(release.NextCheck, "deploy-canary")
	if len(s.hooks.asked) != 3 || s.hooks.asked[0].ExecutionID != s.hooks.asked[2].ExecutionID || string(s.hooks.asked[1].HookDetails["begun"]) != "true" {
		t.Errorf("asked %+v", s.hooks.asked)
	}
	if strings.Join(s.calls, " ") != "shift" {
		t.Errorf("did %v", s.calls)
	}
}

// Analysis goes on while a hook takes its time: a canary that goes bad meanwhile does not wait for it.
func TestTheJudgeDoesNotWaitForAHook(t *testing.T) {
	s := withHooks(t, []release.HookAnswer{inProgress(0)}, release.AfterStep)
	s.baked()
	s.want(release.NextWait, "check-alarms")
	s.judgement = release.Judgement{Verdict: release.Fail, Sentence: "it is bad"}
	s.want(release.NextRollback, "check-alarms")
	if r := s.release(); r.Decision.Reason != release.ReasonVerdict {
		t.Error(r.Decision.Reason)
	}
}

// What keeps a hook from answering may pass; what does not is its failure, when its time is up.
func TestAHookThatDoesNotAnswer(t *testing.T) {
	s := withHooks(t, nil, release.BeforeTraffic)
	s.target.Hooks[0].Timeout = release.Duration(10 * time.Minute)
	s.hooks.err = release.Errorf(release.Unavailable, "call a", "no answer")
	for range 30 {
		answer, err := s.call("deploy-canary")
		if err != nil {
			t.Fatal(err)
		}
		if answer.Next != release.NextWait {
			if r := s.release(); answer.Next != release.NextRollback || !strings.Contains(r.Decision.Sentence, "within 10m; last: no answer yet: no answer") || len(s.hooks.asked) > 12 {
				t.Errorf("%+v after %d calls: %s", answer, len(s.hooks.asked), r.Decision.Sentence)
			}
			return
		}
		s.later(time.Duration(answer.Wait) * time.Second)
	}
	t.Error("it is waited for for ever")
}

func TestAHookThatNobodyWaitsFor(t *testing.T) {
	s := withHooks(t, nil, release.BeforeTraffic)
	s.target.Hooks[0].OnFailure = release.HookContinue
	s.hooks.err = release.Errorf(release.Unexpected, "call a", "the function failed")
	s.want(release.NextCheck, "deploy-canary")
	if failures := s.release().HookFailures(); len(failures) != 1 {
		t.Errorf("told %v", failures)
	}
}

// A crash between the call and its record: the hook is called again, and knows the execution.
func TestAHookIsCalledAgainAfterACrash(t *testing.T) {
	s := withHooks(t, []release.HookAnswer{succeeded}, release.BeforeTraffic)
	s.failure = release.Errorf(release.Panicked, "shift", "the invocation dies before anything is saved")
	if _, err := s.call("deploy-canary"); err == nil {
		t.Fatal("no error")
	}
	r := s.release()
	r.Hooks.Calls[0] = release.HookCall{Since: r.Hooks.Calls[0].Since}
	if err := s.ledger.Save(context.Background(), r); err != nil || r.Hooks.Calls[0].Since.IsZero() {
		t.Fatal(err, "the beginning was not durable")
	}
	s.failure, s.request = nil, "request-2"
	s.later(2 * time.Minute)
	s.want(release.NextCheck, "deploy-canary")
	if len(s.hooks.asked) != 2 || s.hooks.asked[0].ExecutionID != s.hooks.asked[1].ExecutionID {
		t.Errorf("asked %+v", s.hooks.asked)
	}
}

// After a rollback nothing can be undone: a hook that says no is noted, one that takes its time does not keep the locks
// for longer than ten minutes.
func TestAHookAfterRollback(t *testing.T) {
	for name, says := range map[string]release.HookAnswer{"no": saysNo, "in progress": inProgress(0)} {
		s := withHooks(t, []release.HookAnswer{says}, release.AfterRollback)
		s.baked()
		s.judgement = release.Judgement{Verdict: release.Fail, Sentence: "it is bad"}
		s.want(release.NextRollback, "check-alarms")
		began := s.clock.Now()
		for {
			answer, err := s.call("rollback")
			if err != nil {
				t.Fatal(err)
			}
			if answer.Next == release.NextDone {
				break
			}
			s.later(time.Duration(answer.Wait) * time.Second)
		}
		r := s.release()
		if took := s.clock.Now().Sub(began); r.Phase != release.RolledBack || s.holder() != "" || took > 12*time.Minute || len(r.HookFailures()) != 1 {
			t.Errorf("%s: %s after %s, %v", name, r.Phase, took, r.HookFailures())
		}
		if w := s.hooks.asked[0].ExecutionDetails.ProductionTrafficWeights; w["sha256:2222222222"] != 0 || w["sha256:1111111111"] != 100 {
			t.Errorf("%s: weights %v", name, w)
		}
	}
}

func TestAHookThatDoesNotExist(t *testing.T) {
	s := withHooks(t, nil, release.AfterPromotion)
	s.hooks.missing = "a"
	if answer := s.want(release.NextRefused, "deploy-canary"); !strings.Contains(answer.Note, "does not exist") || s.holder() != "" {
		t.Errorf("says %q", answer.Note)
	}
}

// A person is asked only for what the hooks have agreed to.
func TestHooksComeBeforeApprovals(t *testing.T) {
	s := withHooks(t, []release.HookAnswer{inProgress(0), succeeded}, release.AfterStep)
	s.target.Plan.Steps[0].Approval = release.Required
	s.target.Approvals.Expires = release.Duration(time.Hour)
	s.baked()
	s.want(release.NextWait, "check-alarms")
	if r := s.release(); !r.AskedSince.IsZero() || len(s.told) > 0 {
		t.Error("a person was asked before the hook had spoken")
	}
	s.later(time.Minute)
	s.want(release.NextWait, "check-alarms")
	if r := s.release(); r.AskedSince.IsZero() {
		t.Error("nobody was asked")
	}
}

// standing is a workload whose new revision can stand without work.
type standing struct {
	*stage
	ready release.Progress
}

func (s *standing) Ready(context.Context, *release.Release) (release.Progress, error) {
	s.calls = append(s.calls, "ready")
	return s.ready, nil
}

func TestARevisionStandsBeforeItsHooksAreAsked(t *testing.T) {
	s := withHooks(t, nil, release.BeforeTraffic)
	w := &standing{stage: s, ready: release.Progress{State: release.Working, Wait: 15 * time.Second}}
	s.platform = w
	s.want(release.NextWait, "deploy-canary")
	if len(s.hooks.asked) > 0 {
		t.Error("asked before the revision stands")
	}
	w.ready.State = release.Reached
	s.want(release.NextCheck, "deploy-canary")
	if strings.Join(s.calls, " ") != "ready ready shift" || len(s.hooks.asked) != 1 {
		t.Errorf("did %v, asked %d", s.calls, len(s.hooks.asked))
	}

	s = withHooks(t, nil, release.BeforeTraffic)
	s.platform = &standing{stage: s, ready: release.Progress{State: release.Failed, Note: "it does not come up"}}
	s.want(release.NextRollback, "deploy-canary")
	if r := s.release(); r.Decision.Reason != release.ReasonCanary || len(s.hooks.asked) > 0 {
		t.Errorf("%s, asked %d", r.Decision.Reason, len(s.hooks.asked))
	}
}
