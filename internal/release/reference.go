package release

import "time"

// Reference is what was normal before the release: read once, so that nothing that happens later can move it.
type Reference struct {
	Latency []Thresholds `json:"latency,omitempty"` // one for each comparison of latency that had data
	Notes   []string     `json:"notes,omitempty"`   // what is missing, and what comes of it; a sentence each
}

// Thresholds are the baseline's percentiles before a release. Counts of slower units are compared at them.
type Thresholds struct {
	Name  string    `json:"name"`  // of the comparison
	P50   float64   `json:"p50"`   // in the metric's own unit
	P90   float64   `json:"p90"`   // likewise
	P99   float64   `json:"p99"`   // likewise
	Units int64     `json:"units"` // seen
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// Thresholds returns the thresholds of a comparison; ok is false where there are none.
func (r Reference) Thresholds(comparison string) (t Thresholds, ok bool) {
	for _, t := range r.Latency {
		if t.Name == comparison {
			return t, true
		}
	}
	return Thresholds{}, false
}
