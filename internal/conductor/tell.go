package conductor

import (
	"context"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// tell notifies those who want to know. A notification that fails changes nothing: the ledger tells the story.
func tell(ctx context.Context, n Notifier, r *release.Release, notice release.Notice) {
	if n == nil {
		return
	}
	if err := n.Notify(ctx, r, notice); err != nil {
		return // the notifier logs its own failures
	}
}

// tellRefused tells of a push that is not released: nobody looks at the execution that an event has started.
// A person and a pipeline see for themselves.
func tellRefused(ctx context.Context, n Notifier, target release.Target, refused release.Entry, execution release.ExecutionARN) {
	if n == nil || !refused.Request.Automatic {
		return
	}
	if err := n.NotifyRefused(ctx, target, refused, execution); err != nil {
		return // as above
	}
}

// cut keeps an error's text readable in a line.
func cut(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 300 {
		return strings.ToValidUTF8(text[:297], "") + "..."
	}
	return text
}
