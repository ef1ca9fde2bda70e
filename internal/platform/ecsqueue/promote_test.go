package ecsqueue

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/platform/ecsservice/ecsservicetest"
	"github.com/serin-aws/serin/internal/release"
)

// A plan without canary steps (AllAtOnce): the primary first, the canary follows.
func TestPromoteWithoutCanary(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.reach(r.shifting(100))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.wantServes(t, "9 x new of 9", "1 x new of 1")
	updates := w.mutations()[4:]
	if len(updates) != 2 || updates[0] != "UpdateService orders-worker orders-worker:3" || updates[1] != "UpdateService orders-worker-canary orders-worker-canary:3 1" {
		t.Errorf("%v", w.mutations())
	}
}

// The new revision works beside nine others and breaks when it is alone: ECS reverts, stops, or does nothing.
func TestPromoteFindsBrokenPrimary(t *testing.T) {
	for name, c := range map[string]struct {
		world func(*world)
		does  behaviour
		says  string
	}{
		"breaker reverts":      {nil, behaviour{noPull: true}, "ECS took the new revision out of orders-worker again"},
		"breaker stops":        {breakerStops, behaviour{noPull: true}, "ECS gave up the deployment of the new revision to orders-worker"},
		"no breaker":           {breakerOff, behaviour{noPull: true}, "tasks of the new revision in orders-worker fail"},
		"crashes, no breaker":  {breakerOff, behaviour{exitAfter: 15 * time.Second, exitCode: 1}, "exit code 1"},
		"crashes with breaker": {nil, behaviour{exitAfter: 15 * time.Second, exitCode: 1}, "exit code 1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := pinned()
			if c.world != nil {
				c.world(w)
			}
			r := open(t, w, release42)
			r.reach(r.shifting(10))
			w.behaves[newDigest] = c.does
			w.services["orders-worker-canary"].tasks[len(w.services["orders-worker-canary"].tasks)-1].launched = w.at.Add(time.Hour) // only the primary's are new
			r.enter(release.Promoting)
			began := w.at
			r.once(r.p.Promote)
			if strings.HasPrefix(name, "breaker") {
				w.tick(10 * time.Minute) // nobody looks
			}
			r.fail(r.p.Promote, c.says)
			if took := w.at.Sub(began); took > 15*time.Minute {
				t.Errorf("took %s", took)
			}
			r.enter(release.RollingBack)
			r.reach(r.p.Rollback)
			w.wantServes(t, "9 x old of 9", "1 x old of 1")
		})
	}
}

// desired = 0 is not success by itself: the deployment must be ours and complete.
func TestPromoteOfPrimaryWithoutTasks(t *testing.T) {
	w := pinned()
	w.services["orders-worker"].DesiredCount = 0
	w.tick(3 * time.Minute)
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	if progress := r.once(r.p.Promote); progress.State != release.Working {
		t.Fatalf("%+v", progress)
	}
	r.reach(r.p.Promote)
	if got := aws.ToString(w.services["orders-worker"].TaskDefinition); ecsservice.ShortName(got) != "orders-worker:3" {
		t.Errorf("primary is on %s", got)
	}
	// Scaled out later, it runs the new revision.
	w.services["orders-worker"].DesiredCount = 2
	w.wantServes(t, "2 x new of 2", "1 x new of 1")
}

// Scaling goes on during a promotion; completed once is enough, and the primary's count is never set.
func TestPromoteWhileScaling(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	for i := range 200 {
		progress := r.once(r.p.Promote)
		if progress.State == release.Reached {
			break
		}
		if progress.State == release.Failed {
			t.Fatal(progress.Note)
		}
		w.services["orders-worker"].DesiredCount = 9 + int32(i/3)%4
		w.tick(progress.Wait)
	}
	if r.last.State != release.Reached {
		t.Fatalf("%+v", r.last)
	}
	for _, call := range w.mutations() {
		if strings.HasPrefix(call, "UpdateService orders-worker ") && call != "UpdateService orders-worker orders-worker:3" {
			t.Errorf("%s", call)
		}
	}
}

func TestPromoteWithoutCapacity(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	w.capacity = 10
	r.enter(release.Promoting)
	r.fail(r.p.Promote, "was unable to place a task")
}

// Complete means that ECS says so, that nothing of the old revision works on, and that something of the new one does.
func TestPromoteWaitsForTheWholePrimary(t *testing.T) {
	for _, stops := range []time.Duration{5 * time.Second, 110 * time.Second} {
		waitForTheWholePrimary(t, stops)
	}
}

func waitForTheWholePrimary(t *testing.T, stops time.Duration) {
	w := pinned()
	w.behaves[oldDigest] = behaviour{stops: stops}
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	r.enter(release.Promoting)
	primary := w.services["orders-worker"]
	done := func() bool {
		return primary.primary().state == types.DeploymentRolloutStateCompleted && w.serves("orders-worker") == "9 x new of 9"
	}
	rested := func() bool { return count(w.mutations(), "UpdateService orders-worker-canary 1") > 0 }
	interrupted := false
	for range 200 {
		if done() && !interrupted { // and now nothing runs at all
			interrupted = true
			for _, task := range primary.wantedOf(nil) {
				w.stopped(task, types.TaskStopCodeSpotInterruption, "Your Spot Task was interrupted.", nil)
			}
		}
		before := rested()
		progress := r.once(r.p.Promote)
		if rested() && !before && !done() {
			t.Fatalf("the canary goes to rest while the primary runs %s (%s)", w.serves("orders-worker"), primary.primary().state)
		}
		if progress.State == release.Reached {
			w.wantServes(t, "9 x new of 9", "1 x new of 1")
			return
		}
		w.tick(5 * time.Second)
	}
	t.Error("no end")
}

// The resting count may be more than the last step's.
func TestPromoteToMoreCanaryTasks(t *testing.T) {
	w := pinned()
	w.services["orders-worker-canary"].DesiredCount = 3
	w.tick(3 * time.Minute)
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	if got := w.serves("orders-worker-canary"); got != "3 x new of 3" {
		t.Errorf("reached while the canary runs %s", got)
	}
}

// The canary breaks while it goes to rest.
func TestPromoteFindsBrokenCanary(t *testing.T) {
	w := pinned()
	w.services["orders-worker-canary"].DesiredCount = 4
	w.tick(3 * time.Minute)
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	for count(w.mutations(), "UpdateService orders-worker-canary 4") == 0 {
		r.once(r.p.Promote)
		w.tick(15 * time.Second)
	}
	w.behaves[newDigest] = behaviour{noPull: true}
	r.fail(r.p.Promote, "tasks of the new revision in orders-worker-canary failed")
}

// Canary tasks of the new revision that protect themselves do not hold up a promotion.
func TestPromoteBesideProtectedCanary(t *testing.T) {
	w := pinned()
	w.behaves[newDigest] = behaviour{protects: true}
	r := open(t, w, release42)
	r.reach(r.shifting(25))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.wantServes(t, "9 x new of 9", "3 x new of 1")
	if count(w.mutations(), "UpdateTaskProtection") > 0 {
		t.Error("protection was taken away")
	}
}

// The canary was taken away before the promotion began, or the primary changed: nothing is promoted.
func TestPromoteRefusesAChangedWorld(t *testing.T) {
	for name, change := range map[string]func(*world){
		"canary redeployed": func(w *world) {
			w.deploy(w.services["orders-worker-canary"], arnOf("task-definition", "orders-worker-canary:2"), nil)
		},
		"primary redeployed": func(w *world) {
			w.deploy(w.services["orders-worker"], arnOf("task-definition", "orders-worker:2"), nil)
		},
		"primary gone": func(w *world) { delete(w.services, "orders-worker") },
	} {
		w := pinned()
		r := open(t, w, release42)
		r.reach(r.shifting(10))
		change(w)
		w.calls = nil
		r.enter(release.Promoting)
		if progress := r.until(r.p.Promote); progress.State != release.Failed || len(w.mutations()) > 0 {
			t.Errorf("%s: %+v, %v", name, progress, w.mutations())
		}
	}
}

// After a release the pinned copies of the baseline stay for the rollback window, duplicates go.
func TestCleanupAfterRelease(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	extra := w.definition("orders-worker:3")
	w.register(ecsservice.Registration(&extra.TaskDefinition, nil)) // somebody else's
	duplicate := w.register(ecsservice.Registration(&extra.TaskDefinition, nil))
	duplicate.tags = extra.tags
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.calls = nil
	r.enter(release.Cleaning)
	r.reach(r.p.Cleanup)
	w.wantMutations(t, "DeregisterTaskDefinition orders-worker:5", "PutParameter /serin/live/orders-worker")
	if !strings.Contains(r.last.Note, "2 task definitions of the baseline retained for "+r.rel.Target.RollbackWindow.String()) {
		t.Errorf("note %q", r.last.Note)
	}
	if r.last.Retained != r.rel.Target.RollbackWindow.Std() {
		t.Errorf("called again %s after the end", r.last.Retained)
	}
	r.enter(release.Released)
	w.calls = nil
	r.reach(r.p.Cleanup)
	w.wantMutations(t)
	w.tick(25 * time.Hour)
	r.reach(r.p.Cleanup)
	w.wantMutations(t, "DeregisterTaskDefinition orders-worker-canary:2", "DeregisterTaskDefinition orders-worker:2")
	for _, name := range []string{"orders-worker:1", "orders-worker:3", "orders-worker:4"} {
		if w.definition(name).Status != types.TaskDefinitionStatusActive {
			t.Errorf("%s was deregistered", name)
		}
	}
}

// A definition that a task still runs is in use, wherever its service has gone.
func TestCleanupSparesWhatRuns(t *testing.T) {
	w := pinned()
	w.behaves[newDigest] = behaviour{stops: 5 * time.Minute}
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	w.deploy(w.services["orders-worker-canary"], arnOf("task-definition", "orders-worker-canary:2"), nil)
	w.tick(90 * time.Second) // the service is elsewhere, its last task of the new revision is stopping
	r.enter(release.RollingBack)
	r.reach(r.p.Cleanup)
	w.wantMutations(t, "RegisterTaskDefinition orders-worker-canary canary", "RegisterTaskDefinition orders-worker primary",
		"UpdateService orders-worker-canary orders-worker-canary:3 1", "DeregisterTaskDefinition orders-worker:3",
		"PutParameter /serin/live/orders-worker")
	w.tick(10 * time.Minute)
	r.reach(r.p.Cleanup)
	if got := w.mutations(); got[len(got)-1] != "DeregisterTaskDefinition orders-worker-canary:3" {
		t.Errorf("%v", got)
	}
}

// What the ledger says was made is deregistered only if its tags say so, too.
func TestCleanupBelievesTags(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	r.rel.Made = []release.Made{
		{Kind: "task definition", ID: arnOf("task-definition", "orders-worker:1"), For: "canary"},
		{Kind: "task definition", ID: arnOf("task-definition", "gone:1"), For: "canary"},
	}
	for _, s := range w.services { // nothing uses it any more
		in := ecsservicetest.WorkerDefinition(aws.ToString(s.ServiceName))
		w.deploy(s, aws.ToString(w.register(in).TaskDefinitionArn), nil)
	}
	w.tick(10 * time.Minute)
	r.reach(r.p.Cleanup)
	w.wantMutations(t, "PutParameter /serin/live/orders-worker") // and what somebody else deployed is what serves
}
