package observe

import (
	"math"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// countable is the most units in a minute that can be compared exactly.
const countable = 1e15

// counts returns the whole counts of a series, one a minute of the window. A minute that was answered twice counts
// once, as it was answered last.
func (a *ask) counts(index int, w window) ([]int64, error) {
	minutes := w.by(time.Minute)
	counts := make([]int64, minutes.periods())
	for _, p := range a.answers[index].points {
		row, ok := minutes.row(p)
		if !ok {
			continue
		}
		if !(p.value >= 0 && p.value <= countable) {
			return nil, release.Errorf(release.Invalid, "checks.compare",
				"%s is %v at %s; a count lies between 0 and %v", a.asked[index], p.value, p.time().Format(time.RFC3339), countable)
		}
		counts[row] = int64(math.Round(p.value))
	}
	return counts, nil
}

// names returns the names of series for people.
func (a *ask) names(indexes []int) string {
	texts := make([]string, len(indexes))
	for i, index := range indexes {
		texts[i] = a.asked[index].String()
	}
	return strings.Join(texts, " and ")
}

// work asks for all work of the workload; -1 where the platform has no such series.
func (a *ask) work(m release.Metric) int {
	if m.IsZero() {
		return -1
	}
	return a.want(perMinute(m), "Sum")
}

// workOf returns all work of the workload in the window; index is what work answered. What could not be read
// completely is not counted.
func (a *ask) workOf(index int) (int64, error) {
	if index < 0 || a.window.empty() || a.incomplete(index) != "" {
		return 0, nil
	}
	counts, err := a.counts(index, a.window)
	var all int64
	for _, units := range counts {
		all += units
	}
	return all, err
}
