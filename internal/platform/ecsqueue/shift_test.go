package ecsqueue

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/platform/ecsservice/ecsservicetest"
	"github.com/serin-aws/serin/internal/release"
)

func breakerOff(w *world) {
	for _, s := range w.services {
		s.DeploymentConfiguration.DeploymentCircuitBreaker = nil
	}
}

func breakerStops(w *world) {
	for _, s := range w.services {
		s.DeploymentConfiguration.DeploymentCircuitBreaker = &types.DeploymentCircuitBreaker{Enable: true}
	}
}

// Every way in which a canary does not come up is found, soon, and never deployed twice.
func TestShiftFindsBrokenCanary(t *testing.T) {
	for _, c := range []struct {
		name   string
		world  func(*world)
		does   behaviour
		says   string
		within time.Duration
	}{
		{"starts and exits, breaker blind to it", nil, behaviour{exitAfter: 20 * time.Second, exitCode: 1}, "container worker ended with exit code 1", 4 * time.Minute},
		{"starts and exits, no breaker", breakerOff, behaviour{exitAfter: 20 * time.Second, exitCode: 137}, "exit code 137", 4 * time.Minute},
		{"exits with 0", breakerOff, behaviour{exitAfter: 20 * time.Second}, "exit code 0", 4 * time.Minute},
		{"cannot be pulled, no breaker", breakerOff, behaviour{noPull: true}, "CannotPullContainerError", 3 * time.Minute},
		{"cannot be pulled, breaker stops", breakerStops, behaviour{noPull: true}, "CannotPullContainerError", 3 * time.Minute},
		{"cannot be pulled, breaker reverts", nil, behaviour{noPull: true}, "CannotPullContainerError", 3 * time.Minute},
		{"unhealthy", breakerOff, behaviour{unhealthy: true}, "health check", 6 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := pinned()
			if c.world != nil {
				c.world(w)
			}
			w.behaves[newDigest] = c.does
			r := open(t, w, release42)
			began := w.at
			if got := r.trouble(); !strings.Contains(got, c.says) {
				t.Errorf("found %q", got)
			}
			if took := w.at.Sub(began); took > c.within {
				t.Errorf("found after %s", took)
			}
			for range 5 {
				r.fail(r.shifting(10), "")
				w.tick(time.Minute)
			}
			w.wantMutations(t, "RegisterTaskDefinition orders-worker-canary canary", "RegisterTaskDefinition orders-worker primary",
				"UpdateService orders-worker-canary orders-worker-canary:3 1")
			r.enter(release.RollingBack)
			r.reach(r.p.Rollback)
			w.wantServes(t, "9 x old of 9", "1 x old of 1")
		})
	}
}

// trouble leads a release through its first step and a bake of an hour, and returns what was found wrong with it.
func (r *run) trouble() string {
	r.t.Helper()
	if progress := r.until(r.shifting(10)); progress.State == release.Failed {
		return progress.Note
	}
	r.enter(release.Baking)
	r.rel.BakeSince = r.w.at
	for range 240 {
		if text := r.inspect().Trouble; text != "" {
			return text
		}
		r.w.tick(15 * time.Second)
	}
	return ""
}

// ECS's circuit breaker reverts beneath us. Between two polls the service then looks as if nothing had ever been
// deployed to it - also when the record of our deployment was lost, and also when ECS brings back the recorded
// deployment under its old id.
func TestShiftSeesRevert(t *testing.T) {
	for _, lost := range []bool{false, true} {
		for _, sameID := range []bool{false, true} {
			w := standard()
			w.behaves[newDigest] = behaviour{noPull: true}
			r := open(t, w, release42)
			r.once(r.shifting(10))
			w.tick(20 * time.Minute) // nobody looked meanwhile
			if lost {
				r.rel.Made = nil
			}
			if sameID {
				w.services["orders-worker-canary"].primary().id = mustRecorded(t, r.rel).Canary.Deployment
			}
			for _, task := range w.services["orders-worker-canary"].tasks {
				task.StoppedReason, task.StopCode = nil, "" // ECS has forgotten the stopped tasks
			}
			r.fail(r.shifting(10), "ECS took the new revision out of orders-worker-canary again (ROLLBACK_SUCCESSFUL): Deployment circuit breaker: tasks failed to start.")
			if n := count(w.mutations(), "UpdateService"); n != 1 {
				t.Errorf("lost %t: deployed %d times", lost, n)
			}
			sighting := r.inspect()
			if !strings.Contains(sighting.Trouble, "ECS took the new revision out") && !(lost && sameID) || sighting.Foreign != "" {
				t.Errorf("lost %t, same id %t: trouble %q, foreign %q", lost, sameID, sighting.Trouble, sighting.Foreign)
			}
		}
	}
}

func mustRecorded(t *testing.T, rel *release.Release) detail {
	t.Helper()
	d, err := new(ecsservice.Records[detail]).Read(rel, func(d detail) error { return d.Check(rel) })
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func count(calls []string, prefix string) int {
	n := 0
	for _, call := range calls {
		if strings.HasPrefix(call, prefix) {
			n++
		}
	}
	return n
}

// Success is the new revision alone: while a task of the old one works in the canary service, the step is not reached.
func TestShiftWaitsForOldTasks(t *testing.T) {
	for _, slow := range []bool{false, true} {
		waitForOldTasks(t, slow)
	}
}

func waitForOldTasks(t *testing.T, slow bool) {
	w := pinned()
	w.behaves[oldDigest] = behaviour{stops: 10 * time.Second}
	if slow {
		w.behaves[oldDigest] = behaviour{stops: 2 * time.Minute} // finishes its message first
	}
	r := open(t, w, release42)
	for range 100 {
		progress := r.once(r.shifting(10))
		running := w.serves("orders-worker-canary")
		if progress.State == release.Reached {
			if state := w.services["orders-worker-canary"].primary().state; running != "1 x new of 1" || state != types.DeploymentRolloutStateCompleted {
				t.Errorf("reached while %s (%s)", running, state)
			}
			return
		}
		w.tick(5 * time.Second)
	}
	t.Error("never reached")
}

// No capacity: the canary never runs, the note names ECS's own words.
func TestShiftWithoutCapacity(t *testing.T) {
	w := pinned()
	w.capacity = 10
	r := open(t, w, release42)
	began := w.at
	r.fail(r.shifting(10), "was unable to place a task")
	if took := w.at.Sub(began); took < 15*time.Minute || took > 17*time.Minute {
		t.Errorf("gave up after %s", took)
	}
	w.capacity = 12
	r = open(t, func() *world { w := pinned(); w.capacity = 11; return w }(), release42)
	r.reach(r.shifting(10))
	r.rel.Step, r.rel.Since = 1, r.w.at
	r.fail(r.shifting(25), "canary runs 2 of 3 tasks")
}

// The count of a step is decided once, whatever the primary's scaling does meanwhile; the next step looks again.
func TestShiftDecidesTheCountOnce(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	r.once(r.shifting(25))
	w.services["orders-worker"].DesiredCount = 18
	r.reach(r.shifting(25))
	w.wantServes(t, "18 x old of 18", "3 x new of 3")
	if sighting := r.inspect(); sighting.Foreign != "" {
		t.Errorf("the primary's scaling is called foreign: %s", sighting.Foreign)
	}
	r.rel.Step = 1
	r.reach(r.shifting(40))
	w.wantServes(t, "18 x old of 18", "12 x new of 12")
}

func TestShiftWithoutPrimaryTasks(t *testing.T) {
	w := pinned()
	w.services["orders-worker"].DesiredCount = 0
	w.tick(5 * time.Minute)
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	w.wantServes(t, " of 0", "1 x new of 1")
	if sighting := r.inspect(); sighting.Weight != 100 || sighting.Primary.Running != 0 {
		t.Errorf("%+v", sighting)
	}
}

// Somebody else is faster: nothing is touched.
func TestShiftRefusesForeignChanges(t *testing.T) {
	redeploy := func(service string) func(*world) {
		return func(w *world) {
			s := w.services[service]
			w.deploy(s, aws.ToString(s.TaskDefinition), nil)
		}
	}
	other := func(service string) func(*world) {
		return func(w *world) {
			d := w.definition(aws.ToString(w.services[service].TaskDefinition))
			w.deploy(w.services[service], aws.ToString(w.register(ecsservice.Registration(&d.TaskDefinition, d.tags)).TaskDefinitionArn), nil)
		}
	}
	for name, change := range map[string]func(*world){
		"another definition in the canary":  other("orders-worker-canary"),
		"another definition in the primary": other("orders-worker"),
		"the same definition, anew":         redeploy("orders-worker-canary"),
		"the same in the primary, anew":     redeploy("orders-worker"),
	} {
		w := standard()
		r := open(t, w, release42)
		change(w)
		r.fail(r.shifting(10), "somebody else deployed")
		if sighting := r.inspect(); !strings.Contains(sighting.Foreign, "somebody else deployed") || sighting.Trouble != "" {
			t.Errorf("%s: %+v", name, sighting)
		}
		r.enter(release.RollingBack)
		r.reach(r.p.Rollback)
		w.wantMutations(t)
	}
	w := standard()
	r := open(t, w, release42)
	delete(w.services, "orders-worker-canary")
	r.fail(r.shifting(10), "does not exist any more")
}

// Five unfinished deployments: wait, do not fail.
func TestShiftWaitsAtTheLimitOfDeployments(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	s := w.services["orders-worker-canary"]
	for range 4 {
		old := *s.primary()
		s.deployments = append(s.deployments, &old)
		task := w.start(s, &old)
		task.protected, task.LastStatus = true, aws.String(taskRunning)
	}
	progress := r.once(r.shifting(10))
	if progress.State != release.Working || !strings.Contains(progress.Note, "five are active") {
		t.Fatalf("%+v", progress)
	}
	for _, task := range s.tasks {
		task.protected = false
	}
	r.reach(r.shifting(10))
}

// A released task definition goes to both services, each its own.
func TestShiftOfTaskDefinition(t *testing.T) {
	w := standard()
	in := ecsservicetest.WorkerDefinition("orders-worker")
	in.Memory = aws.String("1024")
	in.ContainerDefinitions[0].Image = aws.String(registry + "/orders-worker:release-42")
	r := open(t, w, release.Revision{TaskDefinition: aws.ToString(w.register(in).TaskDefinitionArn)})
	r.reach(r.shifting(10))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.wantServes(t, "9 x new of 9", "1 x new of 1")
	for service, env := range map[string]string{"orders-worker": "orders-worker", "orders-worker-canary": "orders-worker-canary"} {
		d := w.definition(aws.ToString(w.services[service].TaskDefinition))
		c, _ := ecsservice.ContainerOf(d.ContainerDefinitions, "worker")
		if got := aws.ToString(c.Environment[0].Value); got != env || aws.ToString(d.Memory) != "1024" || aws.ToString(c.Image) != registry+"/orders-worker@"+newDigest {
			t.Errorf("%s runs %+v", service, d.TaskDefinition)
		}
		x, _ := ecsservice.ContainerOf(d.ContainerDefinitions, "xray")
		if got := aws.ToString(x.Image); got != "public.ecr.aws/xray/aws-xray-daemon@"+xrayDigest {
			t.Errorf("sidecar of %s is %s", service, got)
		}
	}
}

func TestShiftRefusesImpossibleWeights(t *testing.T) {
	r := open(t, pinned(), release42)
	for _, w := range []release.Weight{-1, 0, 101} {
		if _, err := r.p.Shift(t.Context(), r.rel, w); release.CodeOf(err) != release.Invalid {
			t.Errorf("%d: %v", w, err)
		}
	}
	if progress, err := r.p.Shift(t.Context(), r.rel, 100); err != nil || progress.State != release.Reached {
		t.Errorf("100: %+v, %v", progress, err)
	}
	r.w.wantMutations(t)
}

// A record that cannot be read is never guessed.
func TestCorruptBaseline(t *testing.T) {
	for _, text := range []string{"", "null", "{}", `{"schema":2}`, `{"schema":1,"primary":{"definition":"x"}}`, "[]"} {
		r := open(t, pinned(), release42)
		r.rel.Baseline.Detail = []byte(text)
		for name, do := range map[string]verb{"shift": r.shifting(10), "promote": r.p.Promote, "rollback": r.p.Rollback, "cleanup": r.p.Cleanup} {
			if _, err := do(t.Context(), r.rel); release.CodeOf(err) != release.LedgerCorrupt {
				t.Errorf("%s with %q: %v", name, text, err)
			}
		}
		if _, err := r.p.Inspect(t.Context(), r.rel); release.CodeOf(err) != release.LedgerCorrupt {
			t.Errorf("inspect with %q: %v", text, err)
		}
		r.w.wantMutations(t)
	}
}

// Whatever stands in the ledger, a verb answers: LedgerCorrupt or a progress, never a panic.
func FuzzRecorded(f *testing.F) {
	f.Add([]byte(`{"schema":1,"primary":{"definition":"a"},"canary":{"definition":"b"}}`), `2 for 10 %`)
	f.Add([]byte(`{"schema":1,"primary":{"definition":"a","containers":[{}]},"canary":{"definition":"b","desired":-1,"family":"orders-worker"},"next":{"worker":""}}`), `x at rest`)
	f.Add([]byte(open(f, standard(), release42).rel.Baseline.Detail), ``)
	f.Fuzz(func(t *testing.T, text []byte, count string) {
		w := standard()
		rel := release.Release{Snapshot: release.Snapshot{ID: "r-0", Target: ordersTarget(), Baseline: release.Baseline{Detail: text}, Opened: w.at, Revision: release42}}
		rel.Made = []release.Made{{Kind: "task count", ID: count, For: "canary"}}
		p := platformOf(w)
		_, readable := p.begin(t.Context(), &rel)
		for name, do := range map[string]verb{"promote": p.Promote, "rollback": p.Rollback, "cleanup": p.Cleanup, "shift": func(ctx context.Context, rel *release.Release) (release.Progress, error) {
			return p.Shift(ctx, rel, 10)
		}} {
			progress, err := do(t.Context(), &rel)
			if readable != nil && release.CodeOf(err) != release.LedgerCorrupt || err == nil && progress.State == 0 {
				t.Fatalf("%s: %+v, %v", name, progress, err)
			}
		}
		_, _ = p.Inspect(t.Context(), &rel)
	})
}

// Two invocations that know nothing of each other register twice; both definitions are known as ours from then on,
// and one of them is cleaned up.
func TestShiftTwiceAtOnce(t *testing.T) {
	w := pinned()
	r := open(t, w, release42)
	w.disturb = func(_ int, action string) fault {
		if action == "UpdateService" {
			return fault{before: apiError("ServerException", "no")}
		}
		return fault{}
	}
	r.once(r.shifting(10)) // registers, then fails: nothing recorded
	first := w.definitions[len(w.definitions)-2:]
	for _, d := range first {
		d.Status = "HIDDEN" // ListTaskDefinitions does not show them yet
	}
	w.disturb = nil
	r.once(r.shifting(10))
	for _, d := range first {
		d.Status = types.TaskDefinitionStatusActive
	}
	r.rel.Made = nil // the second one's record was lost, too
	r.reach(r.shifting(10))
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	r.reach(r.p.Cleanup)
	w.wantServes(t, "9 x old of 9", "1 x old of 1")
	if n := count(w.mutations(), "DeregisterTaskDefinition"); n != 4 {
		t.Errorf("%d deregistered, want 4: %v", n, w.mutations())
	}
	if n := count(w.mutations(), "UpdateService orders-worker-canary orders-worker-canary:4"); n != 1 {
		t.Errorf("%v", w.mutations())
	}
}

// What ECS could not even launch leaves no task to look at.
func TestShiftCountsWhatNeverLaunched(t *testing.T) {
	w := pinned()
	breakerOff(w)
	w.capacity = 10
	r := open(t, w, release42)
	r.once(r.shifting(10))
	w.tick(30 * time.Second)
	w.services["orders-worker-canary"].primary().failed = 2
	r.fail(r.shifting(10), "2 tasks of the new revision in orders-worker-canary failed to start; ECS says: service orders-worker-canary was unable to place a task")
}

// Definitions of another release in the same family are not ours, whatever they are for.
func TestDefinitionsOfOtherReleases(t *testing.T) {
	w := standard()
	r := open(t, w, release42)
	for _, name := range []string{"orders-worker", "orders-worker-canary"} {
		in := ecsservicetest.WorkerDefinition(name)
		in.Tags = []types.Tag{{Key: aws.String(release.TagRelease), Value: aws.String("r-another")}, {Key: aws.String(release.TagFor), Value: aws.String("canary")}}
		w.register(in)
	}
	r.reach(r.shifting(10))
	w.wantServes(t, "9 x old of 9", "1 x new of 1")
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	r.reach(r.p.Cleanup)
	for _, name := range []string{"orders-worker:2", "orders-worker-canary:2"} {
		if w.definition(name).Status != types.TaskDefinitionStatusActive {
			t.Errorf("%s was deregistered", name)
		}
	}
}

// Both services may share one family.
func TestSharedFamily(t *testing.T) {
	w := standard()
	for _, s := range w.services {
		w.deploy(s, arnOf("task-definition", "orders-worker:1"), nil)
	}
	w.tick(5 * time.Minute)
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	r.rel.Made = nil
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	w.wantServes(t, "9 x new of 9", "1 x new of 1")
	r.rel.Made = nil
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	w.wantServes(t, "9 x old of 9", "1 x old of 1")
	if n := count(w.mutations(), "RegisterTaskDefinition"); n != 4 {
		t.Errorf("%d registered: %v", n, w.mutations())
	}
}
