package ecsqueue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// A bad release never changes the primary, and a rollback of it is two changes of the canary service.
func TestRollbackOfCanary(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	w.calls = nil
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	w.wantServes(t, "9 x old of 9", "1 x old of 1")
	w.wantMutations(t, "UpdateService orders-worker-canary orders-worker-canary:2 0", "UpdateService orders-worker-canary 1")
	w.calls = nil
	r.reach(r.p.Rollback)
	w.wantMutations(t)
	if !strings.Contains(r.last.Note, "orders-worker:2 on 9 tasks") {
		t.Errorf("note %q", r.last.Note)
	}
}

// At minimumHealthyPercent 100 the bad canary would work on beside its starting replacement: it is drained first, and
// the primary is touched only when it has stopped.
func TestRollbackDrainsBeforeItRestores(t *testing.T) {
	w := pinned()
	w.behaves[newDigest] = behaviour{stops: 100 * time.Second}
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	r.enter(release.RollingBack)
	w.calls = nil
	for range 200 {
		progress := r.once(r.p.Rollback)
		bad := strings.Contains(w.serves("orders-worker-canary"), "new")
		if bad && strings.Contains(w.serves("orders-worker-canary"), "old") {
			t.Fatalf("the canary runs both: %s", w.serves("orders-worker-canary"))
		}
		if bad && count(w.calls, "UpdateService orders-worker orders") > 0 {
			t.Fatalf("the primary moves while the canary still works: %v", w.mutations())
		}
		if progress.State == release.Reached {
			w.wantServes(t, "9 x old of 9", "1 x old of 1")
			return
		}
		w.tick(progress.Wait)
	}
	t.Error("no end")
}

// Protected tasks survive deployments for up to two days.
func TestRollbackClearsTaskProtection(t *testing.T) {
	for _, percent := range []int32{100, 200} {
		w := pinned()
		w.services["orders-worker"].DeploymentConfiguration.MaximumPercent = aws.Int32(percent)
		w.services["orders-worker"].DeploymentConfiguration.MinimumHealthyPercent = aws.Int32(50)
		w.behaves[newDigest] = behaviour{protects: true}
		r := open(t, w, release42)
		r.reach(r.shifting(25))
		r.enter(release.Promoting)
		for range 10 {
			r.once(r.p.Promote)
			w.tick(15 * time.Second)
		}
		r.enter(release.RollingBack)
		began := w.at
		r.reach(r.p.Rollback)
		w.wantServes(t, "9 x old of 9", "1 x old of 1")
		if took := w.at.Sub(began); took > 20*time.Minute {
			t.Errorf("took %s", took)
		}
		if count(w.mutations(), "UpdateTaskProtection false") == 0 {
			t.Error("protection was not taken away")
		}
	}
}

// Old tasks that protect themselves are somebody's long message: they are waited for and never unprotected.
func TestShiftLeavesProtectedBaselineAlone(t *testing.T) {
	w := pinned()
	for _, task := range w.services["orders-worker-canary"].tasks {
		task.protected = true
	}
	r := open(t, w, release42)
	for range 20 {
		if progress := r.once(r.shifting(10)); progress.State != release.Working {
			t.Fatalf("%+v", progress)
		}
		w.tick(15 * time.Second)
	}
	if !strings.Contains(r.last.Note, "1 task of another revision still works") {
		t.Errorf("note %q", r.last.Note)
	}
	if count(w.mutations(), "UpdateTaskProtection") > 0 {
		t.Error("the baseline's protection was taken away")
	}
}

// Infrastructure code deregistered what ran before: it is registered again, once, whether pinned or not.
func TestRollbackOfDeregisteredBaseline(t *testing.T) {
	for name, build := range map[string]func() *world{"pinned": pinned, "unpinned": standard} {
		t.Run(name, func(t *testing.T) {
			w := build()
			r := open(t, w, release42)
			r.reach(r.shifting(10))
			r.enter(release.Promoting)
			r.reach(r.p.Promote)
			for _, d := range w.definitions {
				if f := ecsservice.TagValue(d.tags, release.TagFor); f == "" || strings.HasSuffix(f, "-baseline") {
					d.Status = types.TaskDefinitionStatusInactive
				}
			}
			w.calls = nil
			r.enter(release.RollingBack)
			r.reach(r.p.Rollback)
			w.wantServes(t, "9 x old of 9", "1 x old of 1")
			if n := count(w.mutations(), "RegisterTaskDefinition"); n != 2 {
				t.Errorf("%d registered: %v", n, w.mutations())
			}
			d := w.definition(aws.ToString(w.services["orders-worker"].TaskDefinition))
			c, _ := ecsservice.ContainerOf(d.ContainerDefinitions, "worker")
			if got := aws.ToString(c.Image); got != registry+"/orders-worker@"+oldDigest {
				t.Errorf("primary's image is %s", got)
			}
		})
	}
}

// The definition was deleted for good: a person has to know, and nothing is guessed.
func TestRollbackOfDeletedBaseline(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	for _, d := range w.definitions {
		d.deleted = d.deleted || aws.ToString(d.Family) == "orders-worker-canary" && ecsservice.TagValue(d.tags, release.TagFor) == ""
	}
	r.enter(release.RollingBack)
	r.fail(r.p.Rollback, "orders-worker-canary cannot be brought back to orders-worker-canary:2")
}

// It does not keep the primary from coming home, nor the bad canary at work.
func TestRollbackOfPrimaryBesideDeletedBaseline(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	for _, d := range w.definitions {
		d.deleted = d.deleted || aws.ToString(d.Family) == "orders-worker-canary" && ecsservice.TagValue(d.tags, release.TagFor) == ""
	}
	r.enter(release.RollingBack)
	r.fail(r.p.Rollback, "orders-worker-canary cannot be brought back")
	if !strings.Contains(r.last.Note, "orders-worker@"+oldDigest) {
		t.Errorf("note %q", r.last.Note)
	}
	w.wantServes(t, "9 x old of 9", " of 0")
}

// A canary task on a lost container instance never stops; the primary comes home all the same.
func TestRollbackOfPrimaryBesideStuckCanary(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	s := w.services["orders-worker-canary"]
	lost := s.wantedOf(nil)[0]
	r.enter(release.RollingBack)
	for range 60 {
		r.once(r.p.Rollback)
		w.tick(15 * time.Second)
		lost.told = w.at // never gets there
	}
	if got := w.serves("orders-worker"); got != "9 x old of 9" {
		t.Errorf("primary runs %s", got)
	}
	if r.last.State != release.Working || !strings.Contains(r.last.Note, "1 task of the new revision in orders-worker-canary still to stop") {
		t.Errorf("%+v", r.last)
	}
	lost.told = time.Time{}
	r.reach(r.p.Rollback)
	w.wantServes(t, "9 x old of 9", "1 x old of 1")
}

// Without the promotion's start a rollback leaves the primary's scaling alone; a count that scaling has set meanwhile
// stays.
func TestRollbackKeepsWhatScalingDid(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.services["orders-worker"].DesiredCount = 14
	w.tick(3 * time.Minute)
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	w.wantServes(t, "14 x old of 14", "1 x old of 1")
	for _, call := range w.mutations() {
		if strings.HasPrefix(call, "UpdateService orders-worker ") && len(strings.Fields(call)) > 3 {
			t.Errorf("the primary's count was set: %s", call)
		}
	}
}

// ECS reverts the failed promotion to the recorded definition, whose tag has moved. What runs then is compared with
// the record.
func TestRollbackComparesDigestsAfterRevert(t *testing.T) {
	for _, moved := range []bool{false, true} {
		w := standard()
		r := open(t, w, release42)
		r.reach(r.shifting(10))
		w.behaves[newDigest] = behaviour{noPull: true}
		r.enter(release.Promoting)
		r.once(r.p.Promote)
		if moved {
			w.services["orders-worker"].last.digests = map[string]string{"worker": thirdImage, "xray": xrayDigest}
		}
		w.tick(20 * time.Minute)
		r.fail(r.p.Promote, "ECS took the new revision out of orders-worker again")
		w.calls = nil
		r.enter(release.RollingBack)
		r.reach(r.p.Rollback)
		w.wantServes(t, "9 x old of 9", "1 x old of 1")
		if n := count(w.mutations(), "UpdateService orders-worker orders-worker:2"); (n == 1) != moved {
			t.Errorf("moved %t: primary deployed %d times", moved, n)
		}
	}
}

// withBrokenBaseline is a rollback that begins when the baseline's image cannot be pulled any more.
func withBrokenBaseline(t *testing.T, config func(*world)) (*world, *run) {
	w := pinned()
	config(w)
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.behaves[oldDigest] = behaviour{noPull: true}
	r.enter(release.RollingBack)
	return w, r
}

// The baseline itself does not come up: after three tries, and half an hour in which capacity or a registry may have
// come back, a person is called. With ECS's breaker bringing the new
// revision back each time, this would otherwise never end.
func TestRollbackGivesUpOnBrokenBaseline(t *testing.T) {
	for name, config := range map[string]func(*world){"breaker reverts": func(*world) {}, "breaker stops": breakerStops} {
		t.Run(name, func(t *testing.T) {
			w, r := withBrokenBaseline(t, config)
			r.fail(r.p.Rollback, "does not come up on its own baseline orders-worker:2")
			if n := count(w.mutations(), "UpdateService orders-worker orders-worker:2"); n < 3 {
				t.Errorf("tried %d times", n)
			}
			if took := w.at.Sub(r.rel.Since); took < 30*time.Minute {
				t.Errorf("given up after %s", took)
			}
		})
	}
}

// Tries that fail within minutes prove little, however long ago the rollback was begun: nobody may have tried before.
func TestRollbackGoesOnWhereNobodyTriedForLong(t *testing.T) {
	for name, idle := range map[string][]time.Duration{"before the first try": {35 * time.Minute, 0}, "between the tries": {0, 35 * time.Minute}} {
		t.Run(name, func(t *testing.T) {
			w, r := withBrokenBaseline(t, breakerStops)
			tries := func() int { return count(w.mutations(), "UpdateService orders-worker orders-worker:2") }
			for _, gap := range idle {
				w.tick(gap)
				for begun := tries(); tries() < begun+4; {
					if progress := r.once(r.p.Rollback); progress.State == release.Failed {
						t.Fatalf("given up after %d tries: %s", tries(), progress.Note)
					}
					w.tick(15 * time.Second)
				}
			}
			delete(w.behaves, oldDigest)
			r.reach(r.p.Rollback)
			w.wantServes(t, "9 x old of 9", "1 x old of 1")
		})
	}
}

// Somebody else deployed in the middle: that stays; what serin changed goes home; the note says so.
func TestRollbackLeavesForeignDeployment(t *testing.T) {
	for _, service := range []string{"orders-worker", "orders-worker-canary"} {
		w := pinned()
		r := open(t, w, release42)
		r.reach(r.shifting(25))
		r.enter(release.Promoting)
		r.reach(r.p.Promote)
		s := w.services[service]
		d := w.definition(aws.ToString(s.TaskDefinition))
		in := ecsservice.Registration(&d.TaskDefinition, nil)
		ecsservice.PinImages(in, map[string]string{"worker": registry + "/orders-worker@" + thirdImage})
		w.deploy(s, aws.ToString(w.register(in).TaskDefinitionArn), nil)
		if sighting := r.inspect(); !strings.Contains(sighting.Foreign, "somebody else deployed "+service) {
			t.Errorf("foreign %q", sighting.Foreign)
		}
		r.enter(release.RollingBack)
		r.reach(r.p.Rollback)
		want := map[string]string{"orders-worker": "9 x old of 9", "orders-worker-canary": "1 x old of 1"}
		want[service] = strings.ReplaceAll(want[service], "old", "third")
		w.wantServes(t, want["orders-worker"], want["orders-worker-canary"])
		if !strings.Contains(r.last.Note, "which stays") {
			t.Errorf("note %q", r.last.Note)
		}
	}
}

// A count that serin never gave is somebody else's, like the deployment.
func TestRollbackLeavesForeignCount(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	s := w.services["orders-worker-canary"]
	d := w.definition(aws.ToString(s.TaskDefinition))
	w.deploy(s, aws.ToString(w.register(ecsservice.Registration(&d.TaskDefinition, nil)).TaskDefinitionArn), nil)
	s.DesiredCount = 7
	w.tick(5 * time.Minute)
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	if s.DesiredCount != 7 {
		t.Errorf("count %d", s.DesiredCount)
	}
}

// ECS is reverting on its own, healthy replacements first: the bad canary is not left at work for that long.
func TestRollbackDrainsWhatECSReverts(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	s := w.services["orders-worker-canary"]
	bad := s.primary()
	w.deploy(s, mustRecorded(t, r.rel).Canary.Definition, nil).reverts = bad
	bad.status = types.ServiceDeploymentStatusRollbackInProgress
	w.calls = nil
	r.enter(release.RollingBack)
	r.once(r.p.Rollback)
	w.wantMutations(t, "UpdateService orders-worker-canary orders-worker-canary:2 0")
	r.reach(r.p.Rollback)
	w.wantServes(t, "9 x old of 9", "1 x old of 1")
}

// The canary's count is serin's even where the deployment is somebody else's.
func TestRollbackTakesBackTheCountOnly(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	s := w.services["orders-worker-canary"]
	d := w.definition(aws.ToString(s.TaskDefinition))
	in := ecsservice.Registration(&d.TaskDefinition, nil)
	ecsservice.PinImages(in, map[string]string{"worker": registry + "/orders-worker@" + thirdImage})
	w.deploy(s, aws.ToString(w.register(in).TaskDefinitionArn), nil)
	w.tick(5 * time.Minute)
	w.calls = nil
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	w.wantServes(t, "9 x old of 9", "1 x third of 1")
	w.wantMutations(t, "UpdateService orders-worker-canary 1")
}

// A deleted canary service does not keep the primary from coming home.
func TestRollbackWithoutCanaryService(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.services["orders-worker-canary"].Status = aws.String("INACTIVE")
	r.enter(release.RollingBack)
	r.fail(r.p.Rollback, "service orders-worker-canary does not exist any more")
	if got := w.serves("orders-worker"); got != "9 x old of 9" {
		t.Errorf("primary runs %s", got)
	}
}

func TestRollbackOfNothing(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	w.wantMutations(t)
	// Registered, but never deployed.
	w.disturb = func(_ int, action string) fault {
		if action == "UpdateService" {
			return fault{before: apiError("ClientException", "no")}
		}
		return fault{}
	}
	r.once(r.shifting(10))
	w.disturb, w.calls, r.rel.Made = nil, nil, nil
	r.reach(r.p.Rollback)
	w.wantMutations(t)
	r.reach(r.p.Cleanup)
	if n := count(w.mutations(), "DeregisterTaskDefinition"); n != 4 {
		t.Errorf("%d deregistered", n)
	}
}

// ECS still shows the world of before a moment ago: Rollback does not call that restored.
func TestRollbackWaitsForWhatItCannotSeeYet(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	s := w.services["orders-worker-canary"]
	before := *s
	before.deployments = slices.Clone(s.deployments)
	r.once(r.shifting(10))
	w.services["orders-worker-canary"] = &before // a stale read
	before.past = s.past
	r.enter(release.RollingBack)
	for range 3 {
		if progress := r.once(r.p.Rollback); progress.State != release.Working {
			t.Fatalf("%+v", progress)
		}
	}
	before.past = nil // the record alone says it
	if progress := r.once(r.p.Rollback); progress.State != release.Working {
		t.Fatalf("%+v", progress)
	}
	before.past, r.rel.Made = s.past, nil // the history alone says it, too
	if progress := r.once(r.p.Rollback); progress.State != release.Working {
		t.Fatalf("%+v", progress)
	}
	w.services["orders-worker-canary"] = s
	r.reach(r.p.Rollback)
	w.wantServes(t, "9 x old of 9", "1 x old of 1")
}

// A resting count of zero is a resting count.
func TestRollbackToNoCanaryTask(t *testing.T) {
	w := pinned()
	w.services["orders-worker-canary"].DesiredCount = 0
	w.tick(2 * time.Minute)
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	w.wantServes(t, "9 x old of 9", " of 0")
	w.wantMutations(t, "RegisterTaskDefinition orders-worker-canary canary", "RegisterTaskDefinition orders-worker primary",
		"UpdateService orders-worker-canary orders-worker-canary:3 1", "UpdateService orders-worker-canary orders-worker-canary:2 0")
}

// A protection that cannot be cleared (a missing permission) does not stop a rollback.
func TestRollbackWithoutPermissionToUnprotect(t *testing.T) {
	w := pinned()
	w.behaves[newDigest] = behaviour{protects: true}
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	w.disturb = func(_ int, action string) fault {
		if action == "UpdateTaskProtection" {
			return fault{before: apiError("AccessDeniedException", "no")}
		}
		return fault{}
	}
	r.enter(release.RollingBack)
	for range 5 {
		r.once(r.p.Rollback)
		w.tick(5 * time.Second)
	}
	if !strings.Contains(r.last.Note, "task protection could not be cleared") {
		t.Errorf("note %q", r.last.Note)
	}
}
