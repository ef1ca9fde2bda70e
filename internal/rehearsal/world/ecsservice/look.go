package ecsservice

import (
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/release"
)

// Arms returns the two services as they are.
func (w *Services) Arms() []invariant.Arm {
	arms := []invariant.Arm{{Service: w.place.Canary}, {Service: w.place.Primary, Primary: true}}
	for i := range arms {
		arm := &arms[i]
		arm.Running, arm.App = map[string]int{}, map[string]int{}
		if bounds, scaled := w.Scaling.Bounds(NameOf(w.place.Cluster) + "/" + arm.Service); scaled {
			arm.Min, arm.Max = bounds.Min, bounds.Max
		}
		for _, state := range w.ECS.Snapshot() {
			if state.Service != arm.Service || !state.Active {
				continue
			}
			arm.Desired = state.Desired
			for _, running := range state.Running {
				count(arm, running, w.place.Container)
			}
		}
	}
	return arms
}

// count adds tasks that run the same images to an arm.
func count(arm *invariant.Arm, running ecs.Running, container string) {
	var all []string
	for _, image := range running.Images {
		all = append(all, image.Container+"="+image.Digest)
		if image.Container == container {
			arm.App[image.Digest] += running.Tasks
		}
	}
	arm.Running[strings.Join(all, " ")] += running.Tasks
}

// LeftOver are the task definitions that serin registered for a release and that no service uses. After a promotion
// the pinned copies of the baseline are kept, so that the release can be undone.
func (w *Services) LeftOver(r *release.Release) []string {
	used := map[string]bool{}
	for _, state := range w.ECS.Snapshot() {
		used[state.TaskDefinition] = true
	}
	var left []string
	for _, d := range w.ECS.Definitions() {
		kept := r.Phase == release.Released && strings.HasSuffix(d.Tags[release.TagFor], "-baseline")
		if d.Active && d.Tags[release.TagRelease] == string(r.ID) && !used[d.ARN] && !kept {
			left = append(left, NameOf(d.ARN))
		}
	}
	return left
}

// FirstRan is when the first task of the new version ran.
func (w *Services) FirstRan() (time.Time, bool) { return w.ECS.FirstRunning(w.Fresh()) }
