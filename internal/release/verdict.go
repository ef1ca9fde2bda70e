package release

import (
	"fmt"
	"slices"
)

// Verdict is the judge's answer. The zero value never passes.
type Verdict int

// The verdicts from the worst to the best: they fold by the worst, and unknown is the worst.
const (
	Unknown      Verdict = iota // not judged: treated as worse than a failure of the canary
	Fail                        // roll back
	NoData                      // nothing was measured; never a pass
	Inconclusive                // measured, and not enough to tell
	Pass                        // every required check passed
)

var verdictNames = []string{"unknown", "fail", "nodata", "inconclusive", "pass"}

// String returns the verdict's name as it stands in JSON.
func (v Verdict) String() string {
	if v < Unknown || v > Pass {
		return fmt.Sprintf("verdict(%d)", int(v))
	}
	return verdictNames[v]
}

// MarshalText writes the name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name; a name it does not know is an error.
func (v *Verdict) UnmarshalText(text []byte) error {
	i := slices.Index(verdictNames, string(text))
	if i < 0 {
		return fmt.Errorf("%q is not a verdict", text)
	}
	*v = Verdict(i)
	return nil
}

// Worst folds verdicts; of none it is Unknown.
func Worst(verdicts ...Verdict) Verdict {
	if len(verdicts) == 0 {
		return Unknown
	}
	return slices.Min(verdicts)
}

// CheckKind says what a check looked at.
type CheckKind string

// The kinds of checks.
const (
	CheckAlarm      CheckKind = "alarm"      // a CloudWatch alarm: only vetoes
	CheckComparison CheckKind = "comparison" // canary against baseline
	CheckShare      CheckKind = "share"      // the canary's share of the work against what its tasks explain
	CheckHealth     CheckKind = "health"     // what the platform itself says of the canary
	CheckSample     CheckKind = "sample"     // enough work seen
)

// Arm is one side of a comparison: units of work and how many of them failed.
type Arm struct {
	Units  int64 `json:"units"`  // messages, requests or invocations that were counted
	Failed int64 `json:"failed"` // of these
}

// Rate returns the failure rate, 0 to 1, and 0 without units.
func (a Arm) Rate() float64 {
	if a.Units == 0 {
		return 0
	}
	return float64(a.Failed) / float64(a.Units)
}

// Check is one thing that was looked at, with the evidence for it.
type Check struct {
	Kind     CheckKind `json:"kind"`
	Name     string    `json:"name"`
	Verdict  Verdict   `json:"verdict"`
	Sentence string    `json:"sentence"` // what was seen, for a person, with numbers
	// Of an alarm: its state now, in CloudWatch's words.
	State string `json:"state,omitempty"`
	// Of a comparison:
	VetoOnly    bool    `json:"vetoOnly,omitempty"` // a fail counts, a pass is not waited for
	Canary      Arm     `json:"canary,omitzero"`
	Baseline    Arm     `json:"baseline,omitzero"`
	EValue      float64 `json:"e,omitempty"`           // evidence against "not worse"; fail at Threshold
	Threshold   float64 `json:"threshold,omitempty"`   // 1/alpha
	RatioLow    float64 `json:"ratioLow,omitempty"`    // confidence sequence for the ratio that is compared
	RatioHigh   float64 `json:"ratioHigh,omitempty"`   // 0 where unbounded
	Level       float64 `json:"level,omitempty"`       // of that sequence, over all looks together, 0 to 1
	UnitsLeft   int64   `json:"unitsLeft,omitempty"`   // canary units still needed to tell, 0 where unknown
	MinutesLeft float64 `json:"minutesLeft,omitempty"` // the same at the rate of the newest minutes, 0 where unknown
}

// Judgement is one look of the judge: the verdict, the sentence that decided it, and every check behind it.
type Judgement struct {
	Verdict  Verdict `json:"verdict"`
	Sentence string  `json:"sentence"`
	Checks   []Check `json:"checks,omitempty"`
}
