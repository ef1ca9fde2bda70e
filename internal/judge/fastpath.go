package judge

import (
	"github.com/serin-aws/serin/internal/release"
)

// The fast path: a canary this broken is rolled back at the first look. It is policy, not an e-value, and set where
// chance does not come: of 50 units at least 10 must fail, and five times as often as in the baseline.
const (
	fastUnits = 50
	fastRate  = .2
	fastTimes = 5
)

// window holds the newest minutes: as few as together have enough canary units to judge by.
type window struct {
	minutes          []Minute
	canary, baseline release.Arm
}

func (w *window) add(m Minute) {
	w.minutes = append(w.minutes, m)
	add(&w.canary, m.Canary)
	add(&w.baseline, m.Baseline)
	for w.canary.Units-w.minutes[0].Canary.Units >= fastUnits {
		oldest := w.minutes[0]
		add(&w.canary, release.Arm{Units: -oldest.Canary.Units, Failed: -oldest.Canary.Failed})
		add(&w.baseline, release.Arm{Units: -oldest.Baseline.Units, Failed: -oldest.Baseline.Failed})
		w.minutes = w.minutes[:copy(w.minutes, w.minutes[1:])]
	}
}

// catastrophe reports whether the canary's newest units fail so often that no test is needed.
func (w *window) catastrophe() bool {
	rate := w.canary.Rate()
	return w.canary.Units >= fastUnits && rate >= fastRate && rate >= fastTimes*w.baseline.Rate()
}
