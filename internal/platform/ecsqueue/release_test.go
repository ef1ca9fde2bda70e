package ecsqueue

import (
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

// A good release: every mutation, in order.
func TestReleaseOfUnpinnedBaseline(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	w.wantServes(t, "9 x old of 9", "1 x new of 1")
	r.rel.Step = 1
	r.reach(r.shifting(25))
	w.wantServes(t, "9 x old of 9", "3 x new of 3")
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.wantServes(t, "9 x new of 9", "1 x new of 1")
	r.enter(release.Cleaning)
	r.reach(r.p.Cleanup)
	w.wantMutations(t,
		"RegisterTaskDefinition orders-worker-canary canary-baseline",
		"RegisterTaskDefinition orders-worker primary-baseline",
		"RegisterTaskDefinition orders-worker-canary canary",
		"RegisterTaskDefinition orders-worker primary",
		"UpdateService orders-worker-canary orders-worker-canary:3 1",
		"UpdateService orders-worker-canary 3",
		"UpdateService orders-worker orders-worker:3",
		"UpdateService orders-worker-canary 1",
		"PutParameter /serin/live/orders-worker",
	)
}

// A rollback in the middle of everything: the canary drains first, then the primary, then the canary's count.
func TestRollbackAfterPromotion(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	w.push("release-41", newDigest) // the tag moves: what rollback starts must not
	r.reach(r.shifting(25))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.calls = nil
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	w.wantServes(t, "9 x old of 9", "1 x old of 1")
	r.enter(release.Cleaning)
	r.reach(r.p.Cleanup)
	w.wantMutations(t,
		"UpdateService orders-worker-canary orders-worker-canary:2 0",
		"UpdateService orders-worker orders-worker:2",
		"UpdateService orders-worker-canary 1",
		"DeregisterTaskDefinition orders-worker-canary:3",
		"DeregisterTaskDefinition orders-worker:3",
		"PutParameter /serin/live/orders-worker",
	)
}
