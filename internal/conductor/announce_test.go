package conductor_test

import (
	"context"
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

// announcer is a stage whose Shift looks first and announces a change only where it makes one.
type announcer struct {
	*stage
	look   func() // what happens between the look and the change
	change bool
}

func (announcer) AnnouncesChanges() {}

func (a *announcer) Shift(ctx context.Context, _ *release.Release, _ release.Weight) (release.Progress, error) {
	a.look()
	if !a.change {
		return release.Progress{State: release.Working, Wait: 1, Note: "ECS is at it"}, nil
	}
	if err := release.AnnounceChange(ctx); err != nil {
		return release.Progress{}, err
	}
	leases := a.release().Leases
	if len(leases) != 1 || leases[0].Request != a.request || !leases[0].Until.After(a.clock.Now()) {
		a.t.Errorf("the workload is changed under the leases %+v; want one of %s that holds", leases, a.request)
	}
	a.calls = append(a.calls, "changed")
	return release.Progress{State: release.Working, Wait: 1, Note: "the canary starts", Changed: true}, nil
}

// shifting is a stage on which deploy-canary has told everything that it has to tell, so that its next call only looks.
func shifting(t *testing.T) *announcer {
	s := newStage(t)
	s.progress = release.Progress{State: release.Working, Wait: 1, Note: "the canary starts"}
	s.want(release.NextWait, "deploy-canary")
	a := &announcer{stage: s, look: func() {}}
	s.platform = a
	return a
}

func TestALookThatChangesNothingWritesNothing(t *testing.T) {
	a := shifting(t)
	before := a.release().Version
	a.want(release.NextWait, "deploy-canary")
	if after := a.release().Version; after != before {
		t.Errorf("the release went from version %d to %d by a look that found nothing to do", before, after)
	}
}

func TestAChangeIsAnnouncedBeforeItIsMade(t *testing.T) {
	a := shifting(t)
	a.change = true
	a.want(release.NextWait, "deploy-canary")
	if len(a.release().Leases) != 1 {
		t.Errorf("leases %+v; the one of the change must stay until no late effect of it can land", a.release().Leases)
	}
}

// What another invocation wrote between the look and the change is found by the write of the lease.
func TestNothingIsChangedOnAnOldLook(t *testing.T) {
	a := shifting(t)
	a.change = true
	a.look = func() {
		r := a.release()
		if err := a.ledger.Save(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	before := len(a.calls)
	_, err := a.call("deploy-canary")
	if release.CodeOf(err) != release.Conflict || len(a.calls) != before {
		t.Errorf("%v after %v; want Conflict and no change", err, a.calls[before:])
	}
}

func TestWhatWasToldIsDurableBeforeTheLook(t *testing.T) {
	s := newStage(t)
	a := &announcer{stage: s}
	a.look = func() {
		if phase := s.release().Phase; phase != release.Shifting {
			t.Errorf("the platform is called while the ledger says %s", phase)
		}
	}
	s.platform = a
	s.want(release.NextWait, "deploy-canary")
}
