package world

import (
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/scenario"
)

// Arrivals counts a scenario's arrivals from the start of the release; before it, work arrived as it does at first.
type Arrivals struct {
	scenario.Arrivals
	Start time.Time
}

// Expected returns how many units of work arrive between two times.
func (a Arrivals) Expected(from, to time.Time) float64 {
	before := max(0, min(to.Sub(a.Start), 0)-min(from.Sub(a.Start), 0)).Seconds() * a.Rate(0)
	return before + a.Count(max(0, from.Sub(a.Start)), max(0, to.Sub(a.Start)))
}

// BehaviourOf is a version's behaviour as a scenario states it.
func BehaviourOf(b scenario.Behaviour) workload.Behaviour {
	return workload.Behaviour{FailureRate: float64(b.FailureRate), P50: time.Duration(b.Latency.P50), P99: time.Duration(b.Latency.P99)}
}
