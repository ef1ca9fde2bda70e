package story

import (
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Summary is what many runs of one scenario come to. Its JSON is the command's contract with scripts.
type Summary struct {
	Runs        int       `json:"runs"`
	Outcomes    Outcomes  `json:"outcomes"`
	Violations  []string  `json:"violations"` // broken invariants, each once; never null
	Detection   Detection `json:"detection"`
	Exposed     Exposed   `json:"exposed"`
	Transitions Median    `json:"transitions"`
	APICalls    Median    `json:"apiCalls"`
	CostUSD     Median    `json:"costUSD"`

	RateAlarm *RateAlarm `json:"rateAlarm,omitempty"` // what an alarm on the failure rate would have done in place of the judge

	Faults map[string]int `json:"faults,omitempty"` // what went wrong, how often in all runs
	Twice  int            `json:"twice,omitempty"`  // runs that were made twice, to see that one seed gives one story

	// For people only:
	Target     release.TargetName `json:"-"`
	Units      string             `json:"-"` // what a unit of work is called, in the plural
	Scenario   string             `json:"-"` // the scenario file's name
	Took       time.Duration      `json:"-"` // on the wall clock
	Invariants int                `json:"-"` // how many were checked in every run
}

// Outcomes counts how the runs ended.
type Outcomes struct {
	Released   int `json:"released"`
	RolledBack int `json:"rolledBack"`
	Held       int `json:"held"`
	Refused    int `json:"refused"`
	Dirty      int `json:"dirty"`
	Nothing    int `json:"nothing,omitempty"`
	Open       int `json:"open,omitempty"` // not over when the rehearsal ended
}

// Detection is how long a bad canary went unnoticed: from the onset to the recorded Fail. Null where no run detected
// anything.
type Detection struct {
	MedianSeconds *float64 `json:"medianSeconds"`
	P90Seconds    *float64 `json:"p90Seconds"`
}

// Exposed is how much work the new version did before the release ended, or was rolled back.
type Exposed struct {
	MedianUnits    float64 `json:"medianUnits"`
	MedianFailures float64 `json:"medianFailures"`
	P90Failures    float64 `json:"-"`
}

// Median is the middle of all runs.
type Median struct {
	Median float64 `json:"median"`
}

// Run is what counts of one run.
type Run struct {
	Outcome     release.Outcome
	Detected    bool          // a Fail was recorded after the onset
	Detection   time.Duration // with Detected: from the onset to the Fail
	Units       int64         // done by the new version
	Failures    int64         // of these
	Transitions int
	Calls       int
	USD         float64
	Violations  []string // broken invariants
	Faults      []string // what went wrong, each time
	Twice       bool     // it was made twice, and both went alike
}

// Tally collects runs. The zero value is empty.
type Tally struct {
	runs       int
	outcomes   Outcomes
	violations []string
	detections []float64
	units      []float64
	failures   []float64
	moves      []float64
	calls      []float64
	usd        []float64
	faults     map[string]int
	twice      int
}

// Add counts a run.
func (t *Tally) Add(run Run) {
	t.runs++
	t.outcomes.add(run.Outcome)
	for _, violation := range run.Violations {
		if !slices.Contains(t.violations, violation) {
			t.violations = append(t.violations, violation)
		}
	}
	if run.Detected {
		t.detections = append(t.detections, run.Detection.Seconds())
	}
	t.units = append(t.units, float64(run.Units))
	t.failures = append(t.failures, float64(run.Failures))
	t.moves = append(t.moves, float64(run.Transitions))
	t.calls = append(t.calls, float64(run.Calls))
	t.usd = append(t.usd, run.USD)
	for _, fault := range run.Faults {
		if t.faults == nil {
			t.faults = map[string]int{}
		}
		t.faults[fault]++
	}
	if run.Twice {
		t.twice++
	}
}

// Summary returns what the runs so far come to.
func (t *Tally) Summary() Summary {
	s := Summary{
		Runs: t.runs, Outcomes: t.outcomes, Violations: append([]string{}, t.violations...),
		Exposed:     Exposed{MedianUnits: Quantile(t.units, 0.5), MedianFailures: Quantile(t.failures, 0.5), P90Failures: Quantile(t.failures, 0.9)},
		Transitions: Median{Quantile(t.moves, 0.5)},
		APICalls:    Median{Quantile(t.calls, 0.5)},
		CostUSD:     Median{Quantile(t.usd, 0.5)},
		Faults:      t.faults, Twice: t.twice,
	}
	if len(t.detections) > 0 {
		s.Detection = detection(t.detections)
	}
	return s
}

func detection(seconds []float64) Detection {
	return Detection{MedianSeconds: new(Quantile(seconds, 0.5)), P90Seconds: new(Quantile(seconds, 0.9))}
}

func (o *Outcomes) add(outcome release.Outcome) {
	switch outcome {
	case release.OutcomeReleased:
		o.Released++
	case release.OutcomeRolledBack:
		o.RolledBack++
	case release.OutcomeHeld:
		o.Held++
	case release.OutcomeRefused:
		o.Refused++
	case release.OutcomeDirty, release.OutcomeAbandoned:
		o.Dirty++
	case release.OutcomeNothing:
		o.Nothing++
	default:
		o.Open++
	}
}

// Quantile returns the smallest value that at least the share q (0 to 1) of the values does not exceed, and 0 of none.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(q*float64(len(sorted)) + 0.999999)
	return sorted[min(max(rank, 1), len(sorted))-1]
}
