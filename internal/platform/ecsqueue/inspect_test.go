package ecsqueue

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

func TestInspectCountsByRevision(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	before := r.inspect()
	if before.Weight != 0 || before.Canary != (release.Units{}) || before.Primary != (release.Units{Desired: 9, Running: 9, Healthy: 9}) || !before.CanaryStarted.IsZero() || before.Serving != release.Digest(oldDigest).Short() {
		t.Errorf("before: %+v", before)
	}
	r.reach(r.shifting(25))
	baked := r.inspect()
	if baked.Weight != 25 || baked.Canary != (release.Units{Desired: 3, Running: 3, Healthy: 3}) || baked.Primary.Running != 9 || baked.Trouble != "" || baked.Foreign != "" {
		t.Errorf("baking: %+v", baked)
	}
	if since := w.at.Sub(baked.CanaryStarted); since <= 0 || since > 5*time.Minute {
		t.Errorf("canary started %s ago", since)
	}
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	r.enter(release.Settling)
	settled := r.inspect()
	if settled.Weight != 100 || settled.Serving != release.Digest(newDigest).Short() || settled.Primary.Running != 9 || settled.Trouble+settled.Foreign != "" {
		t.Errorf("settling: %+v", settled)
	}
	w.wantMutations(t, "RegisterTaskDefinition orders-worker-canary canary", "RegisterTaskDefinition orders-worker primary",
		"UpdateService orders-worker-canary orders-worker-canary:3 3", "UpdateService orders-worker orders-worker:3", "UpdateService orders-worker-canary 1")
}

// The record of what was made was lost: everything is found again by tag.
func TestInspectWithoutRecord(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	r.rel.Made = nil
	got := r.inspect()
	if got.Canary.Running != 3 || got.Weight != 25 || got.Foreign+got.Trouble != "" {
		t.Errorf("%+v", got)
	}
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	r.rel.Made = nil
	if got := r.inspect(); got.Weight != 100 || got.Primary.Running != 9 || got.Foreign+got.Trouble != "" {
		t.Errorf("%+v", got)
	}
}

// Trouble in the middle of a bake or while settling.
func TestInspectSeesTrouble(t *testing.T) {
	for _, c := range []struct {
		name    string
		does    behaviour
		prepare func(*world)
		says    string
	}{
		{"begins to crash", behaviour{exitAfter: 10 * time.Second, exitCode: 2}, nil, "exit code 2"},
		{"becomes unhealthy", behaviour{unhealthy: true}, nil, "health checks"},
		{"all unhealthy at this moment", behaviour{}, func(w *world) {
			for _, task := range w.services["orders-worker-canary"].tasks {
				task.HealthStatus = types.HealthStatusUnhealthy
			}
		}, "fail their container health check"},
		{"ECS gave up", behaviour{}, func(w *world) {
			w.services["orders-worker-canary"].primary().state = types.DeploymentRolloutStateFailed
		}, "ECS gave up"},
		{"lost its capacity", behaviour{}, func(w *world) {
			w.capacity = 1
			for _, task := range w.services["orders-worker-canary"].tasks {
				w.stopped(task, types.TaskStopCodeSpotInterruption, "Your Spot Task was interrupted.", nil)
			}
		}, "no task of the new revision has run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := pinned()
			r := open(t, w, release42)
			r.reach(r.shifting(25))
			r.enter(release.Baking)
			r.rel.BakeSince = w.at
			w.behaves[newDigest] = c.does
			if c.does != (behaviour{}) { // the tasks that run now end, their successors do as the version does
				for _, task := range w.services["orders-worker-canary"].tasks {
					task.launched = w.at
				}
			}
			if c.prepare != nil {
				c.prepare(w)
			}
			for range 100 {
				if got := r.inspect(); got.Trouble != "" {
					if !strings.Contains(got.Trouble, c.says) || got.Foreign != "" {
						t.Errorf("%+v", got)
					}
					return
				}
				w.tick(15 * time.Second)
			}
			t.Error("nothing was seen")
		})
	}
}

// One accident is none.
func TestInspectForgivesOneFailure(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	task := w.services["orders-worker-canary"].wantedOf(nil)[0]
	w.stopped(task, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", aws.Int32(1))
	w.tick(2 * time.Minute)
	if got := r.inspect(); got.Trouble != "" || got.Canary.Running != 3 {
		t.Errorf("%+v", got)
	}
}

// The new revision does not stay up in the primary after the promotion.
func TestInspectWatchesThePrimaryWhileSettling(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	r.enter(release.Settling)
	for _, task := range w.services["orders-worker"].wantedOf(nil)[:5] {
		w.stopped(task, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", aws.Int32(1))
	}
	if got := r.inspect(); !strings.Contains(got.Trouble, "5 tasks of the new revision in orders-worker failed") {
		t.Errorf("%+v", got)
	}
}

func TestInspectSeesForeignCount(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	for _, c := range []struct {
		count   int32
		foreign bool
	}{{3, false}, {1, false}, {7, true}, {0, true}} {
		w.services["orders-worker-canary"].DesiredCount = c.count
		w.tick(2 * time.Minute)
		if got := r.inspect(); (got.Foreign != "") != c.foreign {
			t.Errorf("count %d: foreign %q", c.count, got.Foreign)
		}
	}
	w.services["orders-worker"].DesiredCount = 4 // the primary's belongs to its scaling
	w.services["orders-worker-canary"].DesiredCount = 3
	if got := r.inspect(); got.Foreign != "" {
		t.Errorf("foreign %q", got.Foreign)
	}
	w.services["orders-worker"].Status = aws.String("INACTIVE")
	if got := r.inspect(); !strings.Contains(got.Foreign, "orders-worker does not exist any more") {
		t.Errorf("foreign %q", got.Foreign)
	}
}

// On the way home nothing of it is trouble.
func TestInspectDuringRollback(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	r.enter(release.RollingBack)
	for range 30 {
		if progress := r.once(r.p.Rollback); progress.State == release.Reached {
			break
		}
		if got := r.inspect(); got.Trouble+got.Foreign != "" {
			t.Fatalf("%+v", got)
		}
		w.tick(5 * time.Second)
	}
	got := r.inspect()
	if got.Weight != 0 || got.Canary.Desired != 0 || got.Serving != release.Digest(oldDigest).Short() || got.Trouble+got.Foreign != "" {
		t.Errorf("%+v", got)
	}
}

// Pages of every list are read to the end.
func TestPages(t *testing.T) {
	w := standard()
	w.pageSize = 2
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	r.rel.Made = nil
	if got := r.inspect(); got.Canary.Running != 3 || got.Primary.Running != 9 {
		t.Errorf("%+v", got)
	}
}
