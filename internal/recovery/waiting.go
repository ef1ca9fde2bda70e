package recovery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// missed is how long after the time of its next look an execution is asked about that has not looked: a function that is
// slow or tried again is not lost.
const missed = 2 * time.Minute

// deserted takes executions out of their targets' lines that ended while they waited and that no event told of, so that
// whoever stands behind them is served.
func (v *Recovery) deserted(ctx context.Context) (did string, err error) {
	targets, err := v.Ledger.Lines(ctx)
	if err != nil {
		return "", err
	}
	var failed []error
	for _, target := range targets {
		line, err := v.Ledger.Line(ctx, target)
		failed = append(failed, err)
		for _, w := range line {
			if v.Now().Before(w.Due.Add(missed)) {
				continue
			}
			note, err := v.lostItsPlace(ctx, w)
			failed = append(failed, err)
			if note != "" {
				did += note + "; "
			}
		}
	}
	return did, errors.Join(failed...)
}

// lostItsPlace dismisses an execution that waits no more.
func (v *Recovery) lostItsPlace(ctx context.Context, w release.Waiting) (string, error) {
	e, err := v.Executions.Describe(ctx, w.Execution)
	if err != nil || e.Status == Running || e.Status == Unknown && v.Now().Before(w.Due.Add(release.Overdue)) {
		return "", err
	}
	return v.dismiss(ctx, w.Release, w.Request, e)
}

// dismiss records why a request opened no release, unless that is recorded, and takes it out of the line.
func (v *Recovery) dismiss(ctx context.Context, id release.ID, request release.Request, e Execution) (string, error) {
	why := "its execution ended as " + ended(e) + " before the release was opened; nothing was changed"
	entry := release.Entry{Release: id, Target: request.Target, At: v.Now(), Request: request, Revision: request.Revision, Outcome: release.OutcomeRefused, Sentence: why}
	if err := v.Ledger.Decline(ctx, entry); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %s", id, why), v.Ledger.Leave(ctx, request.Target, id)
}
