package release

import "time"

// A release may be over and leave something: what could not be removed, or what is kept for the rollback window. It is
// tried again 10 minutes after the end, and then each time four times as long after: the last time after two days and a
// half. Then only a person goes on.
const (
	MostCleanups = 5
	firstCleanup = 10 * time.Minute
)

// CleanupAgain is how long after an attempt the next one is made, where so many were made after the release's end.
func CleanupAgain(attempts int) time.Duration {
	return firstCleanup << (2 * min(attempts, MostCleanups))
}

// Leaves reports whether a release that is over left something that is still to be removed.
func (s *State) Leaves() bool {
	return (s.Phase == Released || s.Phase == RolledBack) && (s.CleanupPending != "" || !s.CleanupDue.IsZero())
}
