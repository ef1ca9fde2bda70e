package judge

import (
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// maxCount bounds the units of an arm in a minute, so that sums stay exact.
const maxCount = int64(1e15)

// Minute is what both arms did in the same minute. A minute in which one arm did nothing is no evidence, but no error.
type Minute struct {
	Start    time.Time
	Canary   release.Arm
	Baseline release.Arm
	Former   bool // the baseline's counts are of a minute before the release: the canary did all of the work in this one
}

// RowError says what is wrong with one of the minutes given. Row counts from 0.
type RowError struct {
	Row     int
	Start   time.Time
	Problem string
}

// Error names the row, counted from 1 as people do, and the minute.
func (e *RowError) Error() string {
	return fmt.Sprintf("row %d (%s): %s", e.Row+1, e.Start.UTC().Format(time.RFC3339), e.Problem)
}

func rowError(row int, start time.Time, format string, args ...any) error {
	problem := &RowError{Row: row, Start: start, Problem: fmt.Sprintf(format, args...)}
	return &release.Error{Code: release.Invalid, Err: problem}
}

// check reports what makes a minute impossible, given the start of the minute before it (zero at the first).
func (m Minute) check(row int, before time.Time) error {
	if row > 0 && !m.Start.After(before) {
		how := "comes after " + before.UTC().Format(time.RFC3339) + "; minutes must be in the order of time"
		if m.Start.Equal(before) {
			how = "repeats the minute before it; every minute may be given once"
		}
		return rowError(row, m.Start, "%s", how)
	}
	if err := checkArm(row, m.Start, "canary", m.Canary); err != nil {
		return err
	}
	return checkArm(row, m.Start, "baseline", m.Baseline)
}

func checkArm(row int, start time.Time, name string, arm release.Arm) error {
	switch {
	case arm.Units < 0 || arm.Failed < 0:
		return rowError(row, start, "%s counts %d units, %d failed; counts cannot be negative", name, arm.Units, arm.Failed)
	case arm.Failed > arm.Units:
		return rowError(row, start, "%s has %d failed of %d units; at most all of them can fail", name, arm.Failed, arm.Units)
	case arm.Units > maxCount:
		return rowError(row, start, "%s counts %d units in a minute; at most %d can be compared", name, arm.Units, maxCount)
	}
	return nil
}

// comparable reports whether both arms did something, so that the minute can say anything about them.
func (m Minute) comparable() bool { return m.Canary.Units > 0 && m.Baseline.Units > 0 }

// step returns the minute as the test sees it, without excess scatter.
func (m Minute) step() step {
	x, d := float64(m.Canary.Failed), float64(m.Canary.Failed+m.Baseline.Failed)
	canary, all := float64(m.Canary.Units), float64(m.Canary.Units+m.Baseline.Units)
	return step{x: x, d: d, pi: canary / all, phi: 1}
}
