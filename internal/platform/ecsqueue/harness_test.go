package ecsqueue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/platform/ecsservice/ecsservicetest"
	"github.com/serin-aws/serin/internal/release"
)

// tb is a test, a benchmark or one check of a property.
type tb interface {
	rapid.TB
	Context() context.Context
}

// digest returns the digest of a made-up image.
func digest(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

const (
	registry    = ecsservicetest.Registry
	secretValue = ecsservicetest.SecretValue
)

var (
	oldDigest  = digest("old")
	newDigest  = digest("new")
	thirdImage = digest("third")
	xrayDigest = digest("xray")
)

// standard returns a workload at rest: 9 primary tasks that scale, 1 canary task, both on the tag release-41.
func standard() *world {
	w := &world{
		at:        time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC),
		services:  map[string]*fakeService{},
		images:    map[string][]string{oldDigest: {"release-41", "latest"}, newDigest: {"release-42"}, thirdImage: {"release-43"}},
		archived:  map[string]bool{},
		elsewhere: map[string]string{"public.ecr.aws/xray/aws-xray-daemon:3.x": xrayDigest},
		queues:    map[string]map[string]string{"orders": {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:orders"}},
		behaves:   map[string]behaviour{},
		targets: []scalingtypes.ScalableTarget{{
			ResourceId: aws.String("service/prod/orders-worker"), MinCapacity: aws.Int32(3), MaxCapacity: aws.Int32(30),
			SuspendedState: &scalingtypes.SuspendedState{DynamicScalingInSuspended: aws.Bool(true)},
		}},
	}
	w.add("orders-worker", 9)
	w.add("orders-worker-canary", 1)
	w.tick(5 * time.Minute)
	w.calls, w.nthCall = nil, 0
	return w
}

// pinned returns the same workload with definitions that name digests.
func pinned() *world {
	w := standard()
	for _, name := range []string{"orders-worker", "orders-worker-canary"} {
		s := w.services[name]
		d := *w.definition(aws.ToString(s.TaskDefinition))
		in := ecsservice.Registration(&d.TaskDefinition, d.tags)
		ecsservice.PinImages(in, map[string]string{"worker": registry + "/orders-worker@" + oldDigest, "xray": "public.ecr.aws/xray/aws-xray-daemon@" + xrayDigest})
		w.deploy(s, aws.ToString(w.register(in).TaskDefinitionArn), nil)
	}
	w.tick(10 * time.Minute)
	w.calls, w.nthCall = nil, 0
	return w
}

func (w *world) add(name string, count int32) {
	d := w.register(ecsservicetest.WorkerDefinition(name))
	s := &fakeService{Service: types.Service{
		ServiceName: aws.String(name), ServiceArn: aws.String(arnOf("service", "prod/"+name)), ClusterArn: aws.String(arnOf("cluster", "prod")),
		Status: aws.String(statusActive), DesiredCount: count, LaunchType: types.LaunchTypeFargate, SchedulingStrategy: types.SchedulingStrategyReplica,
		DeploymentController: &types.DeploymentController{Type: types.DeploymentControllerTypeEcs},
		DeploymentConfiguration: &types.DeploymentConfiguration{
			MinimumHealthyPercent: aws.Int32(100), MaximumPercent: aws.Int32(200), Strategy: types.DeploymentStrategyRolling,
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true},
		},
	}}
	w.services[name] = s
	w.deploy(s, aws.ToString(d.TaskDefinitionArn), nil)
}

// edit changes the current definition of a service in place.
func (w *world) edit(service string, change func(*fakeDefinition)) {
	change(w.definition(aws.ToString(w.services[service].TaskDefinition)))
}

// push moves a tag to another image.
func (w *world) push(tag, to string) {
	for digest, tags := range w.images {
		w.images[digest] = slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return t == tag })
	}
	w.images[to] = append(w.images[to], tag)
}

func ordersTarget() release.Target {
	return release.Target{
		Name: "orders-worker", Platform: release.PlatformECSQueue,
		ECSQueue:       &release.ECSQueue{Cluster: "prod", PrimaryService: "orders-worker", CanaryService: "orders-worker-canary", Container: "worker", Queue: "orders"},
		Source:         release.Source{ECR: &release.ECRSource{Repository: "orders-worker"}},
		RollbackWindow: release.Duration(24 * time.Hour),
	}
}

var release42 = release.Revision{Image: "orders-worker:release-42"}

// run is a release as the conductor would lead it, verb by verb.
type run struct {
	t    tb
	w    *world
	p    *Platform
	rel  *release.Release
	last release.Progress
	errs int
}

func platformOf(w *world) *Platform {
	return New(Clients{Clients: ecsservice.Clients{ECS: w, ECR: w, Scaling: w, SSM: w}, SQS: w}, func() time.Time { return w.at })
}

// open prepares a release and records it.
func open(t tb, w *world, rev release.Revision) *run {
	t.Helper()
	p := platformOf(w)
	prepared, err := p.Prepare(t.Context(), ordersTarget(), rev)
	if err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	if got := w.mutations(); len(got) > 0 {
		t.Fatalf("Prepare changed something: %v", got)
	}
	if strings.Contains(string(prepared.Baseline.Detail), secretValue) || strings.Contains(string(prepared.Baseline.Detail), "orders-db") {
		t.Fatalf("the baseline holds a value: %s", prepared.Baseline.Detail)
	}
	w.calls, w.nthCall = nil, 0
	return &run{t: t, w: w, p: p, rel: &release.Release{
		Snapshot: release.Snapshot{
			ID: "r-0123456789ab", Target: ordersTarget(), Revision: prepared.Revision, Baseline: prepared.Baseline,
			Resources: prepared.Resources, Opened: w.at, Steps: []release.Step{{Weight: 10}, {Weight: 25}},
		},
		State: release.State{Phase: release.Shifting, Since: w.at},
	}}
}

// verb is one of the platform's changes.
type verb func(context.Context, *release.Release) (release.Progress, error)

func (r *run) shifting(w release.Weight) verb {
	return func(ctx context.Context, rel *release.Release) (release.Progress, error) {
		return r.p.Shift(ctx, rel, w)
	}
}

// once calls a verb and records what it made, as the conductor does after a call that came back. Every change must have
// been announced before it was asked for.
func (r *run) once(do verb) release.Progress {
	before, announced := r.w.changes, false
	ctx := release.WithAnnouncement(r.t.Context(), func(context.Context) error {
		announced = announced || r.w.changes == before
		return nil
	})
	progress, err := do(ctx, r.rel)
	if r.w.changes > before && !announced {
		r.t.Fatalf("changed without an announcement: %s", r.w.mutations())
	}
	if changed := r.w.changes > before; err == nil && changed != progress.Changed {
		r.t.Fatalf("changed %t, but says %t: %s", changed, progress.Changed, progress.Note)
	}
	if err != nil {
		r.errs++
		return release.Progress{}
	}
	if progress.State == release.Working && progress.Wait < time.Second {
		r.t.Fatalf("Working with wait %s", progress.Wait)
	}
	r.rel.Made = progress.Made
	r.last = progress
	return progress
}

// until calls a verb until it is over and answers how.
func (r *run) until(do verb) release.Progress {
	r.t.Helper()
	for range 400 {
		progress := r.once(do)
		if progress.State == release.Reached || progress.State == release.Failed {
			return progress
		}
		r.w.tick(max(progress.Wait, 5*time.Second))
	}
	r.t.Fatalf("no end after 400 calls; the last said %q", r.last.Note)
	return release.Progress{}
}

func (r *run) reach(do verb) {
	r.t.Helper()
	if progress := r.until(do); progress.State != release.Reached {
		r.t.Fatalf("not reached: %s", progress.Note)
	}
}

func (r *run) fail(do verb, want string) {
	r.t.Helper()
	progress := r.until(do)
	if progress.State != release.Failed || !strings.Contains(progress.Note, want) {
		r.t.Fatalf("got %d %q, want Failed with %q", progress.State, progress.Note, want)
	}
}

func (r *run) enter(phase release.Phase) {
	if r.rel.Phase != phase {
		r.rel.Phase, r.rel.Since = phase, r.w.at
	}
	r.rel.Home = r.rel.Home || phase == release.RollingBack
}

func (r *run) inspect() release.Sighting {
	r.t.Helper()
	sighting, err := r.p.Inspect(r.t.Context(), r.rel)
	if err != nil {
		r.t.Fatalf("Inspect: %v", err)
	}
	return sighting
}

// serves describes who works in a service: "9 of 9 x old".
func (w *world) serves(service string) string {
	s := w.services[service]
	byImage := map[string]int{}
	for _, t := range s.tasks {
		if aws.ToString(t.LastStatus) != taskStopped {
			byImage[t.digest()]++
		}
	}
	names := map[string]string{oldDigest: "old", newDigest: "new", thirdImage: "third"}
	var parts []string
	for image, n := range byImage {
		parts = append(parts, fmt.Sprintf("%d x %s", n, names[image]))
	}
	slices.Sort(parts)
	return fmt.Sprintf("%s of %d", strings.Join(parts, " + "), s.DesiredCount)
}

func (w *world) wantServes(t tb, primary, canary string) {
	t.Helper()
	w.tick(time.Minute) // what is being stopped stops
	if got := w.serves("orders-worker"); got != primary {
		t.Errorf("primary runs %s, want %s", got, primary)
	}
	if got := w.serves("orders-worker-canary"); got != canary {
		t.Errorf("canary runs %s, want %s", got, canary)
	}
}

func (w *world) wantMutations(t tb, want ...string) {
	t.Helper()
	if got := w.mutations(); !slices.Equal(got, want) {
		t.Errorf("mutations:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
