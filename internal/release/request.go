package release

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// TargetName is the name of a target, [a-z0-9-]{1,64}.
type TargetName string

// LiveParameter is the name of the SSM parameter, in the target's account, that says what serves: serin writes it at
// the end of each release, infrastructure code reads it.
func (n TargetName) LiveParameter() string { return "/serin/live/" + string(n) }

// ExecutionARN names one execution of the state machine.
type ExecutionARN string

// Name returns the execution's own name.
func (e ExecutionARN) Name() string { return string(e[strings.LastIndexByte(string(e), ':')+1:]) }

// ID names one release: "r-" and 12 hex digits.
type ID string

// NewID returns the id of the release that an execution makes of a target. It is a hash, so a function that is
// called again for the same execution finds the same release.
func NewID(target TargetName, execution ExecutionARN) ID {
	sum := sha256.Sum256([]byte(string(target) + "\n" + string(execution)))
	return ID("r-" + hex.EncodeToString(sum[:6]))
}

// Intent is what an execution is for.
type Intent string

// The intents.
const (
	IntentRelease  Intent = "release"  // the default: give a revision to a target
	IntentRecover  Intent = "recover"  // take over a release whose execution ended without an end of its own
	IntentRollback Intent = "rollback" // bring a release's baseline back
	IntentCleanup  Intent = "cleanup"  // remove what a release left that is over: nothing that anybody is woken for
)

// Request is what every trigger is decoded into.
type Request struct {
	Intent    Intent     `json:"intent,omitempty"`
	Target    TargetName `json:"target"`
	Revision  Revision   `json:"revision,omitzero"`
	Release   ID         `json:"release,omitempty"`   // not with intent release: the release to take over
	First     bool       `json:"first,omitempty"`     // a first release, without a baseline
	Emergency bool       `json:"emergency,omitempty"` // a person asks for the target's emergency plan
	Automatic bool       `json:"automatic,omitempty"` // nobody asked: an event did, which may come twice, late or out of order
	Retry     bool       `json:"retry,omitempty"`     // a person asks for a revision that was rolled back before
	Reason    string     `json:"reason,omitempty"`    // why, in a person's words
	StartedBy string     `json:"startedBy,omitempty"` // "ecr push", "codepipeline orders #381", "hand", or the ARN of a person
	Runbook   string     `json:"runbook,omitempty"`   // the execution of the runbook serin-start by which a person started it
}

// Pipeline is what StartedBy begins with where a pipeline started a release, Hand where nobody said who did.
const (
	Pipeline = "codepipeline"
	Hand     = "hand"
)

// ByHand reports whether a person started the release past the runbook, as in the console of Step Functions. Step
// Functions does not tell who that was, and what the input says of it nobody can check.
func (r Request) ByHand() bool {
	return r.Runbook == "" && !r.Automatic && !strings.HasPrefix(r.StartedBy, Pipeline)
}
