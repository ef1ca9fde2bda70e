package faults

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// The bounds of what is drawn.
const (
	MaxLate  = 20 * time.Second // from a call's answer to its effect
	MaxStale = 9 * time.Second  // age of an eventually consistent answer
	MaxSkew  = time.Second      // of a function's clock, either way: hosts of Lambda are synchronised
	MaxSlow  = 25 * time.Second // a pause within one call

	MaxOutage  = 3 * time.Minute  // during which a service answers nothing but errors
	MaxBelated = 10 * time.Minute // of an event: of an execution's end, which the sweep has then seen, too; of a push
)

// Kind is what goes wrong.
type Kind string

// The kinds. What they befall stands behind them.
const (
	Throttled   Kind = "throttled"    // a call: refused for now
	Failing     Kind = "failing"      // a call: a server error, and no effect
	Unanswered  Kind = "unanswered"   // a call: a server error although the effect took place
	Slow        Kind = "slow"         // a call: For longer than usual
	Stale       Kind = "stale"        // a call: the answer is that of up to MaxStale ago, where the service is eventually consistent
	CrashBefore Kind = "crash before" // a call: the function dies before it
	CrashAfter  Kind = "crash after"  // a call: the function dies after its effect
	LateCall    Kind = "late call"    // a call: a server error, and the effect For later

	Late             Kind = "late"                // a change: a server error, and the effect For later
	UnansweredChange Kind = "unanswered change"   // a change: as Unanswered
	CrashAtChange    Kind = "crash after change"  // a change: as CrashAfter
	CrashBeforeIt    Kind = "crash before change" // a change: as CrashBefore

	Twice    Kind = "twice"    // an invocation: started once more, For later
	Deserted Kind = "deserted" // an invocation: the state machine gives it up after For, and it works on
	Skewed   Kind = "skewed"   // an invocation: its clock is For ahead, or behind where For is negative

	Stopped  Kind = "stopped"   // a turn of the state machine: somebody stops the execution
	Redriven Kind = "redriven"  // a turn of the state machine: the execution is stopped, and started once more For later
	TimedOut Kind = "timed out" // a turn of the state machine: the machine's own time is up

	Accident Kind = "accident" // a time: something befalls the workload, by Which
	Storm    Kind = "storm"    // a time: 80 % of all calls are throttled, for For
	Outage   Kind = "outage"   // a time: one service of AWS, by Which, answers nothing but errors, for For
	Besieged Kind = "besieged" // a time: from then on, for good, every execution is stopped For after its start
	ByHand   Kind = "by hand"  // a time: a person starts an execution that brings the release home, beside its own
	Deleted  Kind = "deleted"  // a time: somebody deletes a part of the workload, by Which

	LostTrigger    Kind = "lost trigger"    // a trigger: the event of a push never arrives
	TwoTriggers    Kind = "two triggers"    // a trigger: it arrives once more, For later
	BelatedTrigger Kind = "belated trigger" // a trigger: it arrives For later, when others have overtaken it

	LostEvent Kind = "lost event"    // all along: that an execution has ended is told to nobody
	TwoEvents Kind = "two events"    // all along: it is told twice
	Belated   Kind = "belated event" // all along: it is told For later, when others have long acted on it
	Pages     Kind = "small pages"   // all along: lists come Which at a time
	Raced     Kind = "raced"         // all along: what serin makes a version of, somebody else replaces as soon as AWS lets them
)

// Occasion is what a fault is counted by.
type Occasion int

// The occasions.
const (
	Always     Occasion = iota
	Call                // the n-th attempt of a call of the account
	Change              // the n-th attempt of a call that changes the workload
	Invocation          // the n-th invocation of a function
	Turn                // the n-th time that the state machine waits for something
	Time                // so long after the start of the release
	Trigger             // the n-th event that starts a release, of a target; with several pushes only
)

// Kinds are all kinds of faults.
func Kinds() []Kind { return slices.Sorted(maps.Keys(occasions)) }

// Occasion returns what a kind of fault is counted by.
func (k Kind) Occasion() Occasion { return occasions[k] }

var occasions = map[Kind]Occasion{
	Throttled: Call, Failing: Call, Unanswered: Call, Slow: Call, Stale: Call, CrashBefore: Call, CrashAfter: Call, LateCall: Call,
	Late: Change, UnansweredChange: Change, CrashAtChange: Change, CrashBeforeIt: Change,
	Twice: Invocation, Deserted: Invocation, Skewed: Invocation,
	Stopped: Turn, Redriven: Turn, TimedOut: Turn,
	Accident: Time, Storm: Time, Outage: Time, Besieged: Time, ByHand: Time, Deleted: Time,
	LostTrigger: Trigger, TwoTriggers: Trigger, BelatedTrigger: Trigger,
	LostEvent: Always, TwoEvents: Always, Belated: Always, Pages: Always, Raced: Always,
}

// Fault is one thing that goes wrong.
type Fault struct {
	Kind  Kind          `json:"kind"`
	Nth   int           `json:"nth,omitempty"`   // which call, change, invocation or turn, from 1
	At    time.Duration `json:"at,omitempty"`    // for what happens at a time: since the start of the release
	For   time.Duration `json:"for,omitempty"`   // how late, how long, how far off
	Which int           `json:"which,omitempty"` // of several: an accident of the workload, or a part of it, by number
}

// String says it in a line.
func (f Fault) String() string {
	var text string
	switch f.Kind.Occasion() {
	case Call:
		text = fmt.Sprintf("call %d: %s", f.Nth, f.Kind)
	case Change:
		text = fmt.Sprintf("change %d: %s", f.Nth, f.Kind)
	case Invocation:
		text = fmt.Sprintf("invocation %d: %s", f.Nth, f.Kind)
	case Turn:
		text = fmt.Sprintf("turn %d of the state machine: %s", f.Nth, f.Kind)
	case Trigger:
		text = fmt.Sprintf("trigger %d: %s", f.Nth, f.Kind)
	case Time:
		text = fmt.Sprintf("after %s: %s %d", f.At, f.Kind, f.Which)
	case Always:
		text = fmt.Sprintf("all along: %s %d", f.Kind, f.Which)
	}
	if f.For != 0 {
		text += " by " + f.For.String()
	}
	return text
}
