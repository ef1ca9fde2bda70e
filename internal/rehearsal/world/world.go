package world

import (
	"time"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/rehearsal/ssm"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// Site is what a simulated account gives to the workload that is built in it.
type Site struct {
	Account    string // id
	Region     string
	Loop       *loop.Loop
	CloudWatch *cloudwatch.Service
	SSM        *ssm.Service
	Target     release.Target
	Scenario   scenario.Scenario
	Start      time.Time // when the release will be started; the workload is at work before
}

// World is the workload of one target, in its steady state until somebody changes it.
type World interface {
	// Revision is what is released, as a trigger names it.
	Revision() release.Revision
	// Fresh is the name that Arms gives to the new version; empty where it does not exist.
	Fresh() string
	// Offer brings up the n-th version of a run for release, from 0: first the new one, then others, which behave as what
	// served before. Released is the name that Arms gives to what a release brings.
	Offer(n int) Offer
	Released(*release.Release) string
	// Disturb makes of the workload what the scenario states, at the moment at which the release is started.
	Disturb() error
	// Clients are the platform's clients of the simulated services: as they are, or behind the real SDK.
	Clients(throughSDK bool) assembly.Workload
	// Changes reports whether a call of this action, "service:Operation", changes the workload.
	Changes(action string) bool
	// Arms returns the workload as it is now: its parts, always in the same order.
	Arms() []invariant.Arm
	// LeftOver names what serin made for a release, that exists, and that nobody uses or is to keep.
	LeftOver(*release.Release) []string
	// Exposed counts what the new version has done so far.
	Exposed() Exposure
	// FirstRan is when the first unit of the new version ran; ok is false where none has.
	FirstRan() (at time.Time, ok bool)
	// Accidents are what can befall this workload while a release is under way. Each is safe to happen at any time.
	Accidents() []Accident
	// Deletions are what somebody may delete of this workload while a release is under way.
	Deletions() []Deletion
	// Broken checks the platform's own invariants at the end of a release, beside those that hold for all.
	Broken(invariant.Ending) []string
}

// Pager is a World whose services' lists can come n at a time, as AWS may answer; 0 leaves it to their own limits.
type Pager interface{ Page(n int) }

// Racer is a World in which somebody else may replace what serin makes a version of, before it is one: as soon as AWS takes a
// change after serin's. It reports whether there is anything to replace.
type Racer interface{ Race() bool }

// Exposure is what a version did: units of work, and how many of them failed.
type Exposure struct{ Units, Failures int64 }

// Accident is something that happens to a workload without anybody asking serin.
type Accident struct {
	Name    string
	Foreign bool // somebody else changes what serin moves: the workload may then end as they left it
	Happen  func()
}

// Deletion is a part of a workload that somebody deletes. It does not come back by itself.
type Deletion struct {
	What   string      // the part, by the name that a person is told
	Delete func() bool // false where AWS refuses it at this moment
	Before bool        // what served before needs it: no release can come home without it
	After  bool        // the new version needs it: nothing can be released without it
	Again  func()      // makes it once more as it was before the release, as a person does who was called; nil: nobody can
}
