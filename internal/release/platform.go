package release

import "time"

// Candidate is a revision that is asked for, before anybody looks whether the workload is ready for it.
type Candidate struct {
	Revision Revision  // pinned
	Pushed   time.Time // when its image was pushed; zero where nobody knows
}

// Prepared is what a platform found out before anything was changed. A refusal may come with the resources alone.
type Prepared struct {
	Revision   Revision   // pinned
	Pushed     time.Time  // when its image was pushed; zero where nobody knows
	Live       bool       // the revision serves already: nothing to release
	LivePushed time.Time  // when the image was pushed that serves; zero where nobody knows
	Baseline   Baseline   // complete
	Presence   Presence   // whether the baseline serves
	Resources  []Resource // everything that a release of this target mutates
	Metrics    Metrics    // where both arms are measured
}

// Presence says whether there is a baseline.
type Presence int

// The presences.
const (
	Serves Presence = iota // units of the baseline run
	Rests                  // none runs, but scaling may start some at any time; a first release may take it for none
	Absent                 // none runs and none will: only a first release may start
)

// Sighting is the truth about a workload at one moment. It is read, never remembered.
type Sighting struct {
	Serving       string    // what serves most of the work now, for people
	Weight        Percent   // the canary's effective share of the units of work that run
	Canary        Units     // of the new revision, in the canary's place
	Primary       Units     // of everything else in the primary's place
	CanaryStarted time.Time // when the first unit of the canary now running ran; zero before
	Trouble       string    // not empty: the canary did not come up or did not stay up, and why
	Stopped       []Stopped // units of the new revision that failed by themselves, those left out that the release knows
	Foreign       string    // not empty: somebody else changed the workload, and what
	Sharing       Sharing   // what explains the part of the work that the canary does

	// Measured says where the canary is measured, for a platform that cannot know before the canary exists.
	Measured ArmMetrics
}

// Sharing says what explains the part of the work that the canary does.
type Sharing int

// The ways.
const (
	ByUnits     Sharing = iota // the units that run
	ByWeight                   // the weight: the platform routes by it
	Unexplained                // neither: clients stay where they were sent before
)

// Units counts the units of work of one arm: tasks, instances.
type Units struct {
	Desired int `json:"desired"` // tasks, machines or the like that are wanted
	Running int `json:"running"` // that are up
	Healthy int `json:"healthy"` // that are up and say so themselves
}

// ProgressState says how far a change has come.
type ProgressState int

// The states. The zero value is none of them.
const (
	Working ProgressState = iota + 1 // call again after Wait
	Reached                          // the world is as it was asked for
	Failed                           // it will not come about: a verdict, not an error
)

// Says returns the progress of a state with a sentence about it. What is reached stays so.
func (s ProgressState) Says(note string) Progress {
	progress := Progress{State: s, Note: note}
	if s == Reached {
		progress.Stays = note
	}
	return progress
}

// Progress is what a platform answers to a change. Changes converge: each call looks at the world and makes what is
// still missing, in the safe order.
type Progress struct {
	State ProgressState
	Note  string        // one sentence for a person
	Stays string        // of a promotion or rollback that is Reached: how what serves stands, for people: "10 of 10 tasks running"
	Wait  time.Duration // with Working: when to look again, at least a second
	Made  []Made        // what exists now because serin made it for this release

	// Retained is, of a cleanup that is Reached, how long after the release's end something is kept on purpose. Then
	// Cleanup is called again, in the final phase.
	Retained time.Duration

	// Changed says that this call asked AWS for a change, answered or not: its effect may still land for LateEffect.
	Changed bool
}
