package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hook is a Lambda function that a release asks at some of its stages, by the contract of Amazon ECS' lifecycle hooks.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
type Hook struct {
	Function  string            `json:"function"` // ARN; it may end with a version or an alias
	Stages    []HookStage       `json:"stages"`
	Details   map[string]string `json:"details,omitempty"` // the function gets them with every call
	Timeout   Duration          `json:"timeout"`           // from the first call at a stage until it has said SUCCEEDED or FAILED
	OnFailure HookPolicy        `json:"onFailure"`
}

// HookStage says when a hook is asked.
type HookStage string

// The stages.
const (
	BeforeTraffic  HookStage = "beforeTraffic"  // the new revision stands, where the platform can have it stand without work, and has had none
	AfterStep      HookStage = "afterStep"      // a step's bake is over and nothing but gates keeps it from going on
	AfterPromotion HookStage = "afterPromotion" // all work is on the new revision, which settles
	AfterRollback  HookStage = "afterRollback"  // the baseline serves again
)

// HookStages returns them, in the order in which a release comes to them.
func HookStages() []HookStage {
	return []HookStage{BeforeTraffic, AfterStep, AfterPromotion, AfterRollback}
}

// Lifecycle returns the name that Amazon ECS has for a stage. On a rollback ECS calls the hooks of
// PRODUCTION_TRAFFIC_SHIFT again, with all of the traffic on the revision before.
func (s HookStage) Lifecycle() string {
	switch s {
	case BeforeTraffic:
		return "PRE_PRODUCTION_TRAFFIC_SHIFT"
	case AfterPromotion:
		return "POST_PRODUCTION_TRAFFIC_SHIFT"
	}
	return "PRODUCTION_TRAFFIC_SHIFT"
}

// String returns the stage as people read it.
func (s HookStage) String() string {
	switch s {
	case BeforeTraffic:
		return "before traffic"
	case AfterStep:
		return "after the step"
	case AfterPromotion:
		return "after promotion"
	case AfterRollback:
		return "after rollback"
	}
	return string(s)
}

// HookPolicy says what it means that a hook says FAILED, fails itself, or says nothing in time.
type HookPolicy string

// The policies. After a rollback there is nothing to roll back, and every hook is one that continues.
const (
	HookRollback HookPolicy = "rollback" // bring the baseline back
	HookContinue HookPolicy = "continue" // tell people, and go on
)

// LongestHook is how long a hook may take at most, which is ECS' own limit.
const LongestHook = 24 * time.Hour

// LongestAfterRollback is how long a hook may take after a rollback: the locks are held so long, and the next release
// waits.
const LongestAfterRollback = 10 * time.Minute

// Name is what people call the hook: its function's name, with a version or alias.
func (h Hook) Name() string {
	_, name, found := strings.Cut(h.Function, ":function:")
	if !found {
		return h.Function
	}
	return name
}

// At reports whether the hook is asked at a stage.
func (h Hook) At(stage HookStage) bool { return slices.Contains(h.Stages, stage) }

// HookStatus is what a hook says.
type HookStatus string

// The statuses of the contract. The empty one is that of a hook that has said nothing yet.
const (
	HookSucceeded  HookStatus = "SUCCEEDED"
	HookFailed     HookStatus = "FAILED"
	HookInProgress HookStatus = "IN_PROGRESS" // it wants to be asked again
)

// HookAnswer is what a hook answers.
type HookAnswer struct {
	Status  HookStatus
	Delay   time.Duration   // with HookInProgress: when it wants to be asked again; 0: when it likes
	Details json.RawMessage // with HookInProgress: a JSON object that it wants to be given the next time; nil: nothing new
}

// HookRound is one stage of a release, and what its hooks have said there. A release is at one stage at a time.
type HookRound struct {
	Stage HookStage  `json:"stage"`
	Step  int        `json:"step"` // index into Steps
	Calls []HookCall `json:"calls"`
}

// HookCall is what became of one hook at one stage.
type HookCall struct {
	Hook    int             `json:"hook"`            // index into the target's hooks
	Since   time.Time       `json:"since,omitzero"`  // when it was first asked; zero before
	Due     time.Time       `json:"due,omitzero"`    // when it is asked again
	Times   int             `json:"times,omitempty"` // how often it was asked
	Status  HookStatus      `json:"status,omitempty"`
	Details json.RawMessage `json:"details,omitempty"` // what it wants to be given the next time
	Note    string          `json:"note,omitempty"`    // why it failed, or is asked again
}

// Over reports whether the hook has spoken.
func (c HookCall) Over() bool { return c.Status == HookSucceeded || c.Status == HookFailed }

// HooksPending reports whether hooks of a stage have not spoken yet.
func (r *Release) HooksPending(stage HookStage) bool {
	if !slices.ContainsFunc(r.Target.Hooks, func(h Hook) bool { return h.At(stage) }) {
		return false
	}
	return !r.atRound(stage) || slices.ContainsFunc(r.Hooks.Calls, func(c HookCall) bool { return !c.Over() })
}

func (r *Release) atRound(stage HookStage) bool {
	return r.Hooks != nil && r.Hooks.Stage == stage && r.Hooks.Step == r.Step
}

// HookRound returns what the hooks of a stage have said, and begins the stage where it was not reached yet: what was
// said at the one before stands in the story.
func (r *Release) HookRound(stage HookStage) *HookRound {
	if !r.atRound(stage) {
		round := HookRound{Stage: stage, Step: r.Step}
		for i, hook := range r.Target.Hooks {
			if hook.At(stage) {
				round.Calls = append(round.Calls, HookCall{Hook: i})
			}
		}
		r.Hooks = &round
	}
	return r.Hooks
}

// HookFailures returns what went wrong with the hooks of the stage that the release is at: those that did not speak for
// it, whatever that means.
func (r *Release) HookFailures() []string {
	if r.Hooks == nil {
		return nil
	}
	var failures []string
	for _, call := range r.Hooks.Calls {
		if call.Status == HookFailed {
			failures = append(failures, r.HookSentence(call))
		}
	}
	return failures
}

// HookSentence says what a hook of the present stage has said.
func (r *Release) HookSentence(call HookCall) string {
	text := fmt.Sprintf("hook %s (%s) ", r.Target.Hooks[call.Hook].Name(), r.Hooks.Stage)
	switch call.Status {
	case HookSucceeded:
		return text + "says SUCCEEDED"
	case HookFailed:
		if call.Note == "" {
			return text + "says FAILED"
		}
		text += "failed"
	case HookInProgress, "":
		text += "is in progress"
	}
	if call.Note != "" {
		text += ": " + call.Note
	}
	return text
}

// HookPatience is how long a hook may take at the present stage.
func (r *Release) HookPatience(call HookCall) Duration {
	hook := r.Target.Hooks[call.Hook]
	if r.Hooks.Stage == AfterRollback {
		return min(hook.Timeout, Duration(LongestAfterRollback))
	}
	return hook.Timeout
}

// HookExecution is the id of one hook's execution at the present stage: the same however often the hook is called, so
// that it can tell a repetition. It has the form of a UUID, as ECS' has.
func (r *Release) HookExecution(call HookCall) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%d\n%s", r.ID, r.Hooks.Stage, r.Hooks.Step, call.Hook, r.Target.Hooks[call.Hook].Function))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8, "custom", of RFC 9562
	text := hex.EncodeToString(sum[:16])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
