package story

import (
	"cmp"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// NotStarted tells the story of a release that the ledger does not know: it was refused, it had nothing to do, it is
// still being prepared (release.OutcomeOpen), or it ended before anything was recorded (release.OutcomeDirty). Nothing
// was locked and nothing was changed. note is the reason that the function answered.
func NotStarted(target release.Target, request release.Request, outcome release.Outcome, note string, at time.Time) Story {
	why := cmp.Or(note, "no reason was recorded")
	how := "is unchanged"
	switch outcome {
	case release.OutcomeOpen:
		how, why = "is being prepared", cmp.Or(note, "nothing has been changed")
	case release.OutcomeDirty:
		how = "is unchanged, but its release ended badly"
	}
	return Story{
		Release: release.Release{
			Snapshot: release.Snapshot{Target: target, Request: request, Revision: request.Revision, Opened: at},
			State:    release.State{Since: at},
		},
		Outcome:  outcome,
		Sentence: string(target.Name) + " " + how + ": " + why,
		Serves:   "what served before",
		From:     at,
		To:       at,
	}
}
