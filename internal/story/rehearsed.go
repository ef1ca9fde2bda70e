package story

import (
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/price"
)

// Rehearsed is what only a rehearsal knows.
type Rehearsed struct {
	Seed        uint64
	Scenario    string      // what was rehearsed, in the words of the scenario file; may be empty
	Path        []Visit     // through the state machine, in order
	End         string      // how the execution ended, in the words of DescribeExecution: "SUCCEEDED", "FAILED"
	Transitions int         // as AWS bills them: every state entered, retries included
	Calls       []Call      // of AWS's API, in order
	Faults      []Fault     // what was made to go wrong
	Usage       price.Usage // its Transitions may be left 0
}

// Visit is one state that was entered.
type Visit struct {
	At    time.Time
	State string
}

// Call is one call of AWS's API as it was answered.
type Call struct {
	At       time.Time
	Function string // who called
	Action   string // "ecs:UpdateService"
	Error    string // AWS's error code, empty where it went well
}

// Fault is one thing that was made to go wrong.
type Fault struct {
	At   time.Time
	Text string
}

// ActionCount is how often one action was called and how often it failed.
type ActionCount struct {
	Action string
	Calls  int
	Failed int
}

// Actions counts the calls by action, the most frequent first.
func (r *Rehearsed) Actions() []ActionCount {
	index := map[string]int{}
	var counts []ActionCount
	for _, call := range r.Calls {
		i, known := index[call.Action]
		if !known {
			i = len(counts)
			index[call.Action] = i
			counts = append(counts, ActionCount{Action: call.Action})
		}
		counts[i].Calls++
		if call.Error != "" {
			counts[i].Failed++
		}
	}
	slices.SortStableFunc(counts, func(a, b ActionCount) int { return b.Calls - a.Calls })
	return counts
}

// Cost returns what the release would have cost on AWS.
func (r *Rehearsed) Cost() price.Bill {
	usage := r.Usage
	usage.Transitions = float64(r.Transitions)
	return price.Of(usage)
}
