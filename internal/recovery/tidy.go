package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Held is the error of Ledger.Free when a release holds one of the resources.
type Held interface {
	error
	HeldBy() (release.Resource, release.ID)
}

// tidy starts an execution that removes what a release left that is over, once it is due and nobody works on the same
// resources. One that ended in between, with the locks in its hands, is replaced at once.
func (v *Recovery) tidy(ctx context.Context, r *release.Release) (string, error) {
	early := v.Now().Before(r.CleanupDue)
	if early && r.Cleanups == 0 || r.Cleanups >= release.MostCleanups && r.CleanupDue.IsZero() {
		return "", nil
	}
	holder, err := v.holder(ctx, r)
	if err != nil || holder != r.ID && (early || holder != "") {
		return "", err
	}
	e, err := v.Executions.Describe(ctx, r.Owner())
	switch {
	case err != nil || e.Status == Running:
		return "", err
	case r.Cleanups >= release.MostCleanups:
		return v.leaveForGood(ctx, r)
	}
	r.Cleanups++
	r.CleanupDue = v.Now().Add(release.CleanupAgain(r.Cleanups))
	why := cmp.Or(r.CleanupPending, "what was kept for the rollback window is removed")
	return fmt.Sprintf("%s: cleaned up after (%d of at most %d): %s", r.ID, r.Cleanups, release.MostCleanups, why), v.replace(ctx, r, why)
}

// holder returns the release that holds one of the resources, or nothing.
func (v *Recovery) holder(ctx context.Context, r *release.Release) (release.ID, error) {
	err := v.Ledger.Free(ctx, r.Resources)
	if held, ok := errors.AsType[Held](err); ok {
		_, by := held.HeldBy()
		return by, nil
	}
	return "", err
}

// leaveForGood ends the attempts: what is left is listed and alarmed until a person removes it.
func (v *Recovery) leaveForGood(ctx context.Context, r *release.Release) (string, error) {
	r.CleanupPending = cmp.Or(r.CleanupPending, "no execution came to the end of its cleanup")
	r.CleanupDue, r.Leases = time.Time{}, nil
	text := fmt.Sprintf("serin tried %d times to clean up and leaves it to a person: %s", r.Cleanups, r.CleanupPending)
	return fmt.Sprintf("%s: %s", r.ID, text), v.Ledger.Finish(ctx, r, release.Event{At: v.Now(), Kind: release.EventProgress, Phase: r.Phase, Step: r.Step, Epoch: r.Epoch, Text: text})
}
