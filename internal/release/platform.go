package release

import "time"

// Prepared is what a platform found out before anything was changed.
type Prepared struct {
	Revision  Revision   // pinned
	Live      bool       // the revision serves already: nothing to release
	Baseline  Baseline   // complete
	Resources []Resource // everything that a release of this target mutates
	Metrics   Metrics    // where both arms are measured
}

// Sighting is the truth about a workload at one moment. It is read, never remembered.
type Sighting struct {
	Serving       string    // what serves most of the work now, for people
	Weight        Percent   // the canary's effective share of the units of work that run
	Canary        Units     // of the new revision, in the canary's place
	Primary       Units     // of everything else in the primary's place
	CanaryStarted time.Time // when the first unit of the canary now running ran; zero before
	Trouble       string    // not empty: the canary did not come up or did not stay up, and why
	Foreign       string    // not empty: somebody else changed the workload, and what
}

// Units counts the units of work of one arm: tasks, instances.
type Units struct {
	Desired int `json:"desired"`
	Running int `json:"running"`
	Healthy int `json:"healthy"`
}

// ProgressState says how far a change has come.
type ProgressState int

// The states. The zero value is none of them.
const (
	Working ProgressState = iota + 1 // call again after Wait
	Reached                          // the world is as it was asked for
	Failed                           // it will not come about: a verdict, not an error
)

// Progress is what a platform answers to a change. Changes converge: each call looks at the world and makes what is
// still missing, in the safe order.
type Progress struct {
	State ProgressState
	Note  string        // one sentence for a person
	Wait  time.Duration // with Working: when to look again, at least a second
	Made  []Made        // what exists now because serin made it for this release

	// Changed says that this call asked AWS for a change, answered or not: its effect may still land for LateEffect.
	Changed bool
}
