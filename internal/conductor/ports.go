package conductor

import (
	"context"
	"encoding/json"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Input is what the state machine gives to every function.
type Input struct {
	Trigger   json.RawMessage      `json:"trigger"`   // the execution's input
	Execution release.ExecutionARN `json:"execution"` // the execution's ARN
	State     string               `json:"state"`     // the state that calls
	Data      Data                 `json:"data"`      // the answer of the function before, or the trigger
}

// Data is what a verb reads of the state machine's data: only why a Catch sent it here.
type Data struct {
	Error *Caught `json:"error,omitempty"`
}

// UnmarshalJSON reads data of any shape: at the first function it is the trigger, which may be anything.
func (d *Data) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	type plain Data
	return json.Unmarshal(raw, (*plain)(d))
}

// Caught is what a Catch of the state machine puts into the data.
type Caught struct {
	Error string `json:"Error"`
	Cause string `json:"Cause"`
}

// Decode turns a trigger into a request; a trigger it does not understand is an Invalid error.
type Decode func(trigger []byte) (release.Request, error)

// Ledger is where releases are kept. Save and Finish fail with Conflict when another invocation wrote first.
type Ledger interface {
	Load(ctx context.Context, id release.ID) (*release.Release, error)
	Save(ctx context.Context, r *release.Release, events ...release.Event) error
}

// Opener opens a release: release, baseline and locks in one transaction.
type Opener interface {
	Ledger
	Open(ctx context.Context, r release.Release, first release.Event) (*release.Release, error)
}

// Finisher closes a release: the final phase and the free locks in one transaction.
type Finisher interface {
	Ledger
	Finish(ctx context.Context, r *release.Release, events ...release.Event) error
}

// Held is the error of Open when another release holds one of the resources.
type Held interface {
	error
	HeldBy() (release.Resource, release.ID)
}

// Targets finds the user's targets.
type Targets interface {
	// Target returns the target and the hash of its text; NotFound where there is none of that name.
	Target(ctx context.Context, name release.TargetName) (release.Target, string, error)
}

// Watcher looks at a workload through its alarms and metrics.
type Watcher interface {
	// Firing returns the configured alarms that are in ALARM now; a configured alarm that does not exist is Invalid.
	Firing(ctx context.Context, target release.Target) ([]string, error)
	// Reference returns what is normal before the release, and notes on metrics that had no data; they are no error.
	Reference(ctx context.Context, target release.Target, metrics release.Metrics) (release.Reference, error)
	// Look judges all evidence since the canary's start.
	Look(ctx context.Context, r *release.Release, s release.Sighting) (release.Judgement, error)
}

// Notifier tells people and machines what happened. It may fail: nothing depends on it.
type Notifier interface {
	Notify(ctx context.Context, r *release.Release, notice release.Notice) error
}

// Runtime is what an invocation knows of itself.
type Runtime struct {
	Now     func() time.Time
	Request func(context.Context) string // the invocation's request id
}

// For finds the platform and the watcher of a target, with the roles of that target and the release's id as the
// session's name. P is the part of a platform that a verb asks for.
type For[P any] func(ctx context.Context, target release.Target, id release.ID) (P, error)
