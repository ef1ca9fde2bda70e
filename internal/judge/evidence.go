package judge

import (
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Evidence is all that one look has to go by. It reaches back to the canary's start, so that the same look, repeated,
// gives the same verdict.
type Evidence struct {
	Since       time.Time           // when the first unit of the canary ran: nothing older counts
	Until       time.Time           // end of the newest complete minute
	Alarms      []Alarm             // every alarm of the target
	Comparisons []Comparison        // every comparison of the target; none where no baseline arm is left
	Work        int64               // units of work seen, needed where nothing is compared: of both versions, or of the canary where Shares are none
	Shares      []release.TaskShare // who ran when, in the order of time; none where tasks do not explain the work
	Unit        string              // what a unit of work is called, in the plural: "messages"; default "units"

	FalseRollback float64 // accepted chance of failing a canary within the margins, all comparisons together; default 0.01
	MinimumSample int64   // canary units before a pass, and before the weight rises; at least 1 is always asked for
}

// Comparison is one measure of the canary against the same measure of the baseline: failures, or, where Latency or
// Throughput is given, durations or work done. Minutes are in the order of time.
type Comparison struct {
	Name       string
	Metric     string // where the canary's work is counted, for people: "Orders/Processed{Service=orders-worker-canary}"
	Minutes    []Minute
	Latency    []LatencyMinute
	Throughput []WorkMinute
	History    []Minute  // of the hours before the canary's start, for Noise; may be empty
	Problem    string    // not empty: the measure could not be read completely, and why; then nothing is judged
	Missing    string    // not empty: there can be no data of it, and why; then nothing is judged either
	Limits     [3]string // of Latency: the thresholds as people read them, "80 ms"; may be empty
	Settings   Settings  // Alpha and MinimumSample are the evidence's
	VetoOnly   bool      // a fail counts, a pass is not waited for
	Weight     float64   // how much of FalseRollback is spent on it, relative to the others; default 1
}

// State of an alarm, in CloudWatch's words.
type State string

// The states.
const (
	OK               State = "OK"
	InAlarm          State = "ALARM"
	InsufficientData State = "INSUFFICIENT_DATA"
)

// Transition is one change of an alarm's state.
type Transition struct {
	At time.Time
	To State
}

// Alarm is what an alarm is, and was since the canary's start.
type Alarm struct {
	Name        string
	State       State        // now
	Since       time.Time    // of that state; zero where unknown
	AtStart     State        // when the canary started; empty where unknown
	Transitions []Transition // since then, in the order of time
	Throughout  bool         // it had data all the time since then
	Overridden  bool         // a person with the permission said that it does not count for this release
}
