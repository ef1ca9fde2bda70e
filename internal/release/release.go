package release

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Schema is the version of what the ledger keeps. A reader accepts this and the one before.
const Schema = 1

// Release is one release as the ledger keeps it: what never changes and what does.
type Release struct {
	Snapshot
	State
}

// Snapshot is written once, with the locks, before the first mutation, and never changes.
type Snapshot struct {
	Schema     int        `json:"schema"` // the version of this form
	ID         ID         `json:"id"`
	Target     Target     `json:"target"`     // as it was when the release was opened
	TargetHash string     `json:"targetHash"` // of the parameter's text, so that an edit in between shows
	Request    Request    `json:"request"`
	Revision   Revision   `json:"revision"`        // pinned
	Pushed     time.Time  `json:"pushed,omitzero"` // when its image or code was pushed, where that is known
	Baseline   Baseline   `json:"baseline"`
	Steps      []Step     `json:"steps"`               // the plan, presets expanded
	Resources  []Resource `json:"resources"`           // everything that will be mutated: what is locked
	Overrides  Overrides  `json:"overrides,omitempty"` // with which an emergency start may go on although alarms fire
	Metrics    Metrics    `json:"metrics"`             // where both arms are measured
	Reference  Reference  `json:"reference,omitzero"`  // what was normal before
	Opened     time.Time  `json:"opened"`
}

// Settle is how long the new revision is watched after promotion.
func (s *Snapshot) Settle() Duration {
	if e := s.Target.Emergency; s.Request.Emergency && e != nil {
		return e.Settle
	}
	return s.Target.Plan.Settle
}

// Again returns the revision as a command names it to release exactly it once more: as it was pinned. By a tag, or a key
// alone, another image or object may be meant by now.
func (s *Snapshot) Again() Revision {
	asked := s.Request.Revision
	if asked.TaskDefinition != "" || asked.Version != "" || s.Revision.IsZero() {
		return asked
	}
	return s.Revision.Exactly()
}

// Resource is the ARN of something that a release mutates, and so locks.
type Resource string

// Baseline is what serves now and what rollback returns to. Detail belongs to the platform and holds no value of
// any environment variable or secret.
type Baseline struct {
	Serves  string          `json:"serves"`  // the revision that serves, for people: a digest or a version
	Summary string          `json:"summary"` // the whole of it in a line, for people
	Detail  json.RawMessage `json:"detail"`

	TaskDefinition string `json:"taskDefinition,omitempty"` // ARN of the one that serves, where the platform has such
}

// Name returns what serves as people read it: a digest in short, a version as it is.
func (b Baseline) Name() string { return Digest(b.Serves).Short() }

// State is the part of a release that moves. Every write of it is conditional on Version.
type State struct {
	Version int64     `json:"version"` // counts the writes of this item
	Seq     int64     `json:"seq"`     // of the last event
	Hash    string    `json:"hash"`    // of the last durable event: the head of the chain
	Phase   Phase     `json:"phase"`
	Since   time.Time `json:"since"` // when the phase was entered
	Home    bool      `json:"home,omitempty"`
	Served  Served    `json:"served,omitzero"` // since when the work is where the release brought it

	Epoch      int            `json:"epoch"`      // counts executions that own the release; the first is 1
	Executions []ExecutionARN `json:"executions"` // by epoch

	Step        int         `json:"step"`                 // index into Steps
	CanarySince time.Time   `json:"canarySince,omitzero"` // when the first unit of the canary ran: evidence starts here
	BakeSince   time.Time   `json:"bakeSince,omitzero"`   // when the current step had its weight
	Shares      []TaskShare `json:"shares,omitempty"`     // who ran when, a row a change: the expected share of the work
	Measured    ArmMetrics  `json:"measured,omitzero"`    // where the canary is measured, if that was known only once it existed

	AskedSince  time.Time `json:"askedSince,omitzero"`  // since when the current step's approval is asked for
	Approved    bool      `json:"approved,omitempty"`   // the current step's approval was given
	PausedSince time.Time `json:"pausedSince,omitzero"` // since when only a person or the calendar can go on
	Paused      Duration  `json:"paused,omitempty"`     // how long it was so before: not counted by the deadline

	Hooks *HookRound `json:"hooks,omitempty"` // the stage that was reached last, and what its hooks said

	Judgement Judgement `json:"judgement,omitzero"` // the latest
	Decision  Decision  `json:"decision,omitzero"`  // promote or roll back, and why

	Orders     []Order   `json:"orders,omitempty"`     // what people asked for; few, because what makes no sense is refused
	Recoveries int       `json:"recoveries,omitempty"` // executions that were started to take the release over
	RecoveryAt time.Time `json:"recoveryAt,omitzero"`  // when an execution was last put in the place of another

	Leases         []Lease   `json:"leases,omitempty"`
	Made           []Made    `json:"made,omitempty"`
	Stopped        []Stopped `json:"stopped,omitempty"`        // units of the new revision that failed by themselves, the first of them
	CleanupPending string    `json:"cleanupPending,omitempty"` // what could not be removed
	CleanupDue     time.Time `json:"cleanupDue,omitzero"`      // after the end: when what was left, or kept until then, is removed
	Cleanups       int       `json:"cleanups,omitempty"`       // executions that were started for that
	Called         string    `json:"called,omitempty"`         // what a person was last called for, so that one call is made
	Uncalled       string    `json:"uncalled,omitempty"`       // Dirty, and why: until a person has been called
}

// Served says when all work had come to the new revision, or back to the baseline, and how that stood then.
type Served struct {
	At  time.Time `json:"at"`
	How string    `json:"how,omitempty"` // for people: "10 of 10 tasks running"
}

// TaskShare says how many units of each arm ran from a time on.
type TaskShare struct {
	At      time.Time `json:"at"`
	Canary  int       `json:"canary"`  // units of the new revision
	Primary int       `json:"primary"` // units beside them
}

// Decision is what was decided at the end: Promote refuses to act without one for its own epoch.
type Decision struct {
	Next     Next      `json:"next,omitempty"` // NextPromote or NextRollback
	At       time.Time `json:"at,omitzero"`
	Epoch    int       `json:"epoch,omitempty"` // of the execution that decided
	Reason   Reason    `json:"reason,omitempty"`
	Sentence string    `json:"sentence,omitempty"` // the evidence, for a person
	By       string    `json:"by,omitempty"`       // the person who decided, where one did
}

// Reason says why a release was rolled back.
type Reason string

// The reasons.
const (
	ReasonVerdict      Reason = "verdict"      // the judge said fail
	ReasonCanary       Reason = "canary"       // the canary did not come up, or did not stay up
	ReasonHook         Reason = "hook"         // a hook said no, or nothing in time
	ReasonInconclusive Reason = "inconclusive" // nobody could tell until the deadline: held
	ReasonDeadline     Reason = "deadline"     // the deadline passed in another way
	ReasonForeign      Reason = "foreign"      // somebody else changed the workload
	ReasonPromotion    Reason = "promotion"    // promotion failed
	ReasonError        Reason = "error"        // a function failed for good
	ReasonStopped      Reason = "stopped"      // the execution ended from outside
	ReasonPerson       Reason = "person"       // a person asked for it
	ReasonSuperseded   Reason = "superseded"   // it gave way to a newer release
)

// Reasons returns every reason.
func Reasons() []Reason {
	return []Reason{
		ReasonVerdict, ReasonCanary, ReasonHook, ReasonInconclusive, ReasonDeadline, ReasonForeign, ReasonPromotion, ReasonError,
		ReasonStopped, ReasonPerson, ReasonSuperseded,
	}
}

// Lease announces a mutation: until when a call of this verb may still have an effect.
type Lease struct {
	Verb    Verb      `json:"verb"`
	Request string    `json:"request"` // the invocation's request id
	Until   time.Time `json:"until"`
}

// LateEffect is how long after a lease's end an effect of it may still land: ECS, load balancers and CloudFormation
// accept no precondition of ours, so a call that we gave up on may yet be carried out.
const LateEffect = 30 * time.Second

// LongestRollback is how long bringing things home is tried before a person is called: as long as the state machine
// retries a broken function.
const LongestRollback = 6 * time.Hour

// LongestCleanup is how long a cleanup is tried; after that the release ends with its cleanup pending, alarmed and swept.
const LongestCleanup = 10 * time.Minute

// Verb is what an invocation does to the workload.
type Verb string

// The verbs.
const (
	VerbShift    Verb = "shift"
	VerbPromote  Verb = "promote"
	VerbRollback Verb = "rollback"
	VerbCleanup  Verb = "cleanup"
)

// Made is something that serin created for a release. It carries the release's tags, so that it is found again even
// when this record was lost with a crash.
type Made struct {
	Kind string `json:"kind"` // "task definition"
	ID   string `json:"id"`   // its ARN
	For  string `json:"for"`  // which part of the workload: "canary", "primary"
}

// MadeDefinition is the Kind of a task definition, and ForBaseline what one is for that is a copy of what served before:
// with digests, and kept for the rollback window.
const (
	MadeDefinition = "task definition"
	ForBaseline    = "primary-baseline"
)

// Outcome is how a release ended, as people count them.
type Outcome string

// The outcomes.
const (
	OutcomeReleased   Outcome = "released"
	OutcomeRolledBack Outcome = "rolledBack"
	OutcomeHeld       Outcome = "held" // rolled back because nobody could tell
	OutcomeRefused    Outcome = "refused"
	OutcomeNothing    Outcome = "nothing"
	OutcomeDirty      Outcome = "dirty"
	OutcomeAbandoned  Outcome = "abandoned" // it was dirty, and a person has given it up
	OutcomeOpen       Outcome = "open"
)

// Outcome returns how the release ended, or OutcomeOpen.
func (r *Release) Outcome() Outcome {
	switch {
	case r.Phase == Released:
		return OutcomeReleased
	case r.Phase == RolledBack && r.Decision.Reason == ReasonInconclusive:
		return OutcomeHeld
	case r.Phase == RolledBack:
		return OutcomeRolledBack
	case r.Phase == Dirty:
		return OutcomeDirty
	case r.Phase == Abandoned:
		return OutcomeAbandoned
	}
	return OutcomeOpen
}

// Announce adds a lease for a mutation that the given invocation is about to make, and drops those of which no effect
// can land any more.
func (r *Release) Announce(verb Verb, request string, until, now time.Time) {
	r.Leases = slices.DeleteFunc(r.Leases, func(l Lease) bool {
		return l.Request == request || now.After(l.Until.Add(LateEffect))
	})
	r.Leases = append(r.Leases, Lease{Verb: verb, Request: request, Until: until})
}

// Withdraw ends an invocation's lease: it will ask for nothing more. Where it changed something the lease stays, ended
// now, until no late effect of it can land.
func (r *Release) Withdraw(request string, changed bool, now time.Time) {
	if !changed {
		r.Leases = slices.DeleteFunc(r.Leases, func(l Lease) bool { return l.Request == request })
		return
	}
	for i := range r.Leases {
		if r.Leases[i].Request == request {
			r.Leases[i].Until = now
		}
	}
}

// BusyUntil returns when the last mutation that another invocation has announced ends; the zero time where none is.
func (r *Release) BusyUntil(request string, now time.Time) time.Time {
	var busy time.Time
	for _, l := range r.Leases {
		if l.Request != request && l.Until.After(now) && l.Until.After(busy) {
			busy = l.Until
		}
	}
	return busy
}

// Pause notes that the release waits for a person or the calendar, or does no longer.
func (r *Release) Pause(paused bool, now time.Time) {
	switch {
	case paused && r.PausedSince.IsZero():
		r.PausedSince = now
	case !paused && !r.PausedSince.IsZero():
		r.Paused += Duration(now.Sub(r.PausedSince).Truncate(time.Second))
		r.PausedSince = time.Time{}
	}
}

// Deadline is when the promote decision must have been made; what the release waited for a person or a freeze window is
// added to it.
func (r *Release) Deadline(now time.Time) time.Time {
	paused := r.Paused.Std()
	if !r.PausedSince.IsZero() {
		paused += now.Sub(r.PausedSince)
	}
	return r.Opened.Add(r.Target.Plan.Deadline.Std() + paused)
}

// Record adds what serin made for the release, each thing once.
func (r *Release) Record(made ...Made) {
	for _, m := range made {
		if !slices.Contains(r.Made, m) {
			r.Made = append(r.Made, m)
		}
	}
}

// Stopped is a unit of the new revision that failed by itself. AWS forgets it soon; the release does not.
type Stopped struct {
	Task      string    `json:"task"` // its id
	Service   string    `json:"service"`
	At        time.Time `json:"at"`
	Why       string    `json:"why"` // the reason and the exit codes, as AWS gives them
	LogGroup  string    `json:"logGroup,omitempty"`
	LogStream string    `json:"logStream,omitempty"`
}

// maxStopped is how many failed units a release keeps: a crash loop makes hundreds that say the same.
const maxStopped = 10

// SeeStopped keeps what failed, each unit once, and returns what is new.
func (r *Release) SeeStopped(seen []Stopped) (fresh []Stopped) {
	for _, s := range seen {
		known := slices.ContainsFunc(r.Stopped, func(k Stopped) bool { return k.Task == s.Task })
		if !known && len(r.Stopped) < maxStopped {
			r.Stopped = append(r.Stopped, s)
			fresh = append(fresh, s)
		}
	}
	return fresh
}

// SeeShares notes who runs now, or gets how many percent, a row only where it changed. Where no units run at all, the platform has none that
// could explain the work.
func (r *Release) SeeShares(s Sighting, now time.Time) {
	if len(r.Shares) == 0 && s.Canary.Running == 0 && s.Primary.Running == 0 {
		return
	}
	row := TaskShare{At: now, Canary: s.Canary.Running, Primary: s.Primary.Running}
	switch s.Sharing {
	case Unexplained:
		return
	case ByWeight:
		row.Canary = int(math.Round(float64(s.Weight)))
		row.Primary = 100 - row.Canary
	case ByUnits:
	}
	if n := len(r.Shares); n > 0 && r.Shares[n-1].Canary == row.Canary && r.Shares[n-1].Primary == row.Primary {
		return
	}
	r.Shares = append(r.Shares, row)
}

// MeasuredAt returns where both arms are measured.
func (r *Release) MeasuredAt() Metrics {
	metrics := r.Metrics
	if r.Measured.Value != "" {
		metrics.Canary = r.Measured
	}
	return metrics
}

// Current returns the step that the release is at.
func (r *Release) Current() Step { return r.Steps[min(r.Step, len(r.Steps)-1)] }

// LastStep reports whether no step follows the current one.
func (r *Release) LastStep() bool { return r.Step >= len(r.Steps)-1 }

// Owner returns the execution that may act for the release now.
func (r *Release) Owner() ExecutionARN {
	if len(r.Executions) == 0 {
		return ""
	}
	return r.Executions[len(r.Executions)-1]
}

// Knows reports whether the execution owned the release at some time.
func (r *Release) Knows(execution ExecutionARN) bool { return slices.Contains(r.Executions, execution) }

// QuietAt returns when no effect of any announced mutation can land any more, those of the given request left out; the
// zero time where none is announced.
func (r *Release) QuietAt(request string) time.Time {
	var quiet time.Time
	for _, lease := range r.Leases {
		if end := lease.Until.Add(LateEffect); lease.Request != request && end.After(quiet) {
			quiet = end
		}
	}
	return quiet
}

// Tags are what serin puts on everything it makes for a release.
const (
	TagRelease = "serin:release"
	TagTarget  = "serin:target"
	TagFor     = "serin:for" // Made.For
)
