package conductor

import (
	"context"
	"fmt"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// tell notifies people. A notification that fails changes nothing: the ledger tells the story.
func tell(ctx context.Context, n Notifier, r *release.Release, m Message) {
	if n == nil {
		return
	}
	if err := n.Notify(ctx, r, m); err != nil {
		return // the notifier logs its own failures
	}
}

func subject(r *release.Release, what string) string {
	return fmt.Sprintf("serin: %s %s", r.Target.Name, what)
}

func releasedMessage(r *release.Release) Message {
	return Message{
		Subject: subject(r, "released"),
		Text: fmt.Sprintf("%s serves %s.\nWhy: %s.\n%s", r.Target.Name, r.Revision, r.Decision.Sentence,
			pending(r)),
	}
}

func rolledBackMessage(r *release.Release) Message {
	what := "rolled back, nothing to do"
	if r.Outcome() == release.OutcomeHeld {
		what = "held and rolled back: nobody could tell"
	}
	if r.CleanupPending != "" {
		what = "rolled back, cleanup pending"
	}
	return Message{
		Subject: subject(r, what),
		Text: fmt.Sprintf("%s serves %s again.\nWhy: %s.\n%sThis revision will not start again by itself. "+
			"To try it again: serin start %s --image %s --retry --reason \"...\"",
			r.Target.Name, r.Baseline.Name(), r.Decision.Sentence, pending(r), r.Target.Name, r.Revision.Image),
	}
}

func held(r *release.Release, d decision) Message {
	return Message{Subject: subject(r, "needs you"), Text: d.call}
}

func dirtyMessage(r *release.Release, why string) Message {
	return Message{
		Subject: subject(r, "DIRTY: could not be rolled back"),
		Text: fmt.Sprintf("The baseline of %s could not be brought back.\nWhat is wrong: %s.\nWhat was there before: %s.\n"+
			"The lock stays, so no other release starts. What to do, in order:\n"+
			"  1. look: serin report %s\n  2. repair what stands in the way (the text above names it)\n"+
			"  3. serin recover %s\n", r.Target.Name, why, r.Baseline.Summary, r.ID, r.ID),
	}
}

func pending(r *release.Release) string {
	if r.CleanupPending == "" {
		return ""
	}
	return "Left over, not in use: " + r.CleanupPending + ".\n"
}

// cut keeps an error's text readable in a line.
func cut(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 300 {
		return text[:297] + "..."
	}
	return text
}
