package release

import (
	"fmt"
	"strings"
	"time"
)

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

// Leftovers are what serin has made and will not remove any more.
type Leftovers []Leftover

// Leftover is something that serin made for a release, and the command that removes it.
type Leftover struct {
	What   string `json:"what"`
	Remove string `json:"remove"`
}

// Leftovers are what a release that is given up leaves to people: what it is known to have made and serin would have
// removed. It may be in use, and some of it may be gone. A record may have been lost with a crash; tags are not: the last
// entry finds what carries the release's.
func (r *Release) Leftovers() Leftovers {
	var all Leftovers
	for _, m := range r.Made {
		if m.Kind == MadeDefinition {
			all = append(all, Leftover{m.Kind + " " + m.ID, "aws ecs deregister-task-definition --task-definition " + m.ID})
		}
	}
	if m := r.Target.EC2Mirror; m != nil {
		all = append(all, Leftover{"temporary stack " + m.Temporary, "aws cloudformation delete-stack --stack-name " + m.Temporary})
	}
	return append(all, Leftover{
		"whatever else has its tag", fmt.Sprintf("aws resourcegroupstaggingapi get-resources --tag-filters Key=%s,Values=%s", TagRelease, r.ID),
	})
}

// String lists them for people, each with its command on a line of its own.
func (all Leftovers) String() string {
	var text strings.Builder
	text.WriteString("What serin made for it and does not remove any more; see first that nothing uses it:\n")
	for _, l := range all {
		fmt.Fprintf(&text, "  %s:\n    %s\n", l.What, l.Remove)
	}
	return text.String()
}
