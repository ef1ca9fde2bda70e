package conductor

import (
	"bytes"
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

// UnmarshalJSON reads data of any shape: at the first function it is the trigger, which may be anything. Most hold no
// error, and need not be read to know it: a Catch writes its field's name without escapes.
func (d *Data) UnmarshalJSON(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte("{")) || !bytes.Contains(raw, []byte(`"error"`)) {
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

// Opener opens a release: release, baseline and locks in one transaction, in which it leaves the line as well.
type Opener interface {
	Ledger
	Open(ctx context.Context, r release.Release, first release.Event) (*release.Release, error)
	// Free fails with Held where another release holds one of the resources.
	Free(ctx context.Context, resources []release.Resource) error
}

// History is what became of a target's releases before.
type History interface {
	// Current returns the release that the target is busy with, or nil.
	Current(ctx context.Context, target release.TargetName) (*release.Release, error)
	// Tried returns what came of a revision when it was released last; the zero value where it never was.
	Tried(ctx context.Context, target release.TargetName, revision release.Revision) (release.Trial, error)
	// Decline records a request that opens no release, once; NotOpened finds it again, or answers NotFound.
	Decline(ctx context.Context, e release.Entry) error
	NotOpened(ctx context.Context, id release.ID) (release.Entry, error)
}

// Decliner writes down why a request opened no release.
type Decliner interface {
	// Decline records it, once.
	Decline(ctx context.Context, e release.Entry) error
	// Leave takes the request out of its target's line.
	Leave(ctx context.Context, target release.TargetName, id release.ID) error
}

// Lines says who waits for a target.
type Lines interface {
	Line(ctx context.Context, target release.TargetName) (release.Line, error)
}

// WaitingRoom is where executions wait until they may open their release.
type WaitingRoom interface {
	Lines
	// Wait puts an execution at the end of the line, or says that it still waits in its place.
	Wait(ctx context.Context, w release.Waiting) (release.Line, error)
	Leave(ctx context.Context, target release.TargetName, id release.ID) error
	// Overrides are the alarms that people have overridden for the next emergency start.
	Overrides(ctx context.Context, target release.TargetName) (release.Overrides, error)
}

// Finisher closes a release: the final phase and the free locks in one transaction.
type Finisher interface {
	Ledger
	Finish(ctx context.Context, r *release.Release, events ...release.Event) error
}

// Retaker takes the locks of a release that is over once more, for what it left; Held where another has one.
type Retaker interface {
	Finisher
	Retake(ctx context.Context, r *release.Release, events ...release.Event) error
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

// Starts is what people have asked for by the runbook serin-start.
type Starts interface {
	// Asked returns what an execution of the runbook has asked for, and the name of the release's execution that it has
	// started for that; Forbidden where it has asked for none.
	Asked(ctx context.Context, runbook string) (request release.Request, name string, err error)
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

// Gate keeps out images that do not fulfil what a target requires.
type Gate interface {
	// Admit answers an error that refuses where the image of a pinned revision does not fulfil source.ecr.require. waits
	// says what has to come about before anybody can tell, and is empty where the image is admitted. note is for the story.
	Admit(ctx context.Context, target release.Target, revision release.Revision) (waits, note string, err error)
}

// Notifier tells people and machines what happened. It may fail: nothing depends on it.
type Notifier interface {
	Notify(ctx context.Context, r *release.Release, notice release.Notice) error
	// NotifyRefused tells people and machines that what an event asked for is not released.
	NotifyRefused(ctx context.Context, target release.Target, refused release.Entry, execution release.ExecutionARN) error
}

// Runtime is what an invocation knows of itself.
type Runtime struct {
	Now     func() time.Time
	Request func(context.Context) string // the invocation's request id
}

// For finds the platform and the watcher of a target, with the roles of that target and the release's id as the
// session's name. P is the part of a platform that a verb asks for.
type For[P any] func(ctx context.Context, target release.Target, id release.ID) (P, error)
