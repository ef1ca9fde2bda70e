package ecsqueue

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// script leads a whole release and answers what is left at its end.
type script func(*run) string

func goodRelease(r *run) string {
	r.reach(r.shifting(10))
	r.rel.Step, r.rel.Since = 1, r.w.at
	r.reach(r.shifting(25))
	r.enter(release.Promoting)
	r.reach(r.p.Promote)
	r.enter(release.Cleaning)
	r.reach(r.p.Cleanup)
	return r.w.left()
}

func badRelease(r *run) string {
	r.reach(r.shifting(25))
	r.enter(release.Promoting)
	for range 6 {
		r.once(r.p.Promote)
		r.w.tick(15 * time.Second)
	}
	r.enter(release.RollingBack)
	r.reach(r.p.Rollback)
	r.enter(release.Cleaning)
	r.reach(r.p.Cleanup)
	return r.w.left()
}

// left describes everything that a release leaves behind.
func (w *world) left() string {
	w.tick(5 * time.Minute)
	text := fmt.Sprintf("primary %s, canary %s", w.serves("orders-worker"), w.serves("orders-worker-canary"))
	for _, name := range []string{"orders-worker", "orders-worker-canary"} {
		s := w.services[name]
		text += fmt.Sprintf(", %s in %d deployments on %s", name, len(s.past), ecsservice.TagValue(w.definition(aws.ToString(s.TaskDefinition)).tags, release.TagFor))
	}
	for _, d := range w.definitions {
		if d.Status == types.TaskDefinitionStatusActive {
			text += ", " + aws.ToString(d.Family) + " " + ecsservice.TagValue(d.tags, release.TagFor)
		}
	}
	return text
}

// From a fault at any call, before or after its effect, repeated calls come to the same end, with the same number of
// deployments and registrations: nothing is done twice and nothing is forgotten. What the failed call made is lost.
func TestAnyCallMayFail(t *testing.T) {
	for name, world := range map[string]func() *world{"pinned": pinned, "unpinned": standard} {
		for kind, lead := range map[string]script{"good": goodRelease, "bad": badRelease} {
			t.Run(name+" "+kind, func(t *testing.T) {
				plain := open(t, world(), release42)
				want := lead(plain)
				for n := 1; n <= plain.w.nthCall; n++ {
					faults := []fault{{before: apiError("ThrottlingException", "slow down")}, {after: apiError("ServerException", "timed out")}}
					if reads(plain.w.calls[n-1]) {
						faults = faults[:1] // a read has no effect
					}
					for _, bad := range faults {
						w := world()
						r := open(t, w, release42)
						w.disturb = func(nth int, _ string) fault {
							if nth == n {
								return bad
							}
							return fault{}
						}
						if got := lead(r); got != want {
							t.Errorf("with call %d (%s) disturbed, effect %t:\n\t%s\nwant:\n\t%s", n, w.calls[n-1], bad.after != nil, got, want)
						}
					}
				}
			})
		}
	}
}

// The function dies at any call, before or after its effect, and nothing of what it made is ever recorded.
func TestNothingIsEverRecorded(t *testing.T) {
	for name, world := range map[string]func() *world{"pinned": pinned, "unpinned": standard} {
		plain := open(t, world(), release42)
		want := badRelease(plain)
		w := world()
		r := open(t, w, release42)
		forget := func(do verb) verb {
			return func(ctx context.Context, rel *release.Release) (release.Progress, error) {
				progress, err := do(ctx, rel)
				progress.Made = nil
				return progress, err
			}
		}
		r.reach(forget(r.shifting(25)))
		r.enter(release.Promoting)
		for range 6 {
			r.once(forget(r.p.Promote))
			w.tick(15 * time.Second)
		}
		r.enter(release.RollingBack)
		r.reach(forget(r.p.Rollback))
		r.enter(release.Cleaning)
		r.reach(forget(r.p.Cleanup))
		if got := w.left(); got != want {
			t.Errorf("%s:\n\t%s\nwant:\n\t%s", name, got, want)
		}
	}
}

// drawWorld draws a workload whose baseline is healthy and whose new version may do anything.
func drawWorld(t *rapid.T) *world {
	w := rapid.SampledFrom([]func() *world{standard, pinned}).Draw(t, "baseline")()
	config := rapid.SampledFrom([]*types.DeploymentCircuitBreaker{nil, {Enable: true}, {Enable: true, Rollback: true}}).Draw(t, "breaker")
	percents := rapid.SampledFrom([][2]int32{{100, 200}, {0, 100}, {0, 200}}).Draw(t, "percents")
	for _, name := range []string{"orders-worker", "orders-worker-canary"} { // in one order: a failure must come again
		most := map[string]int{"orders-worker": 9, "orders-worker-canary": 2}[name]
		s := w.services[name]
		s.DeploymentConfiguration.DeploymentCircuitBreaker = config
		s.DeploymentConfiguration.MinimumHealthyPercent, s.DeploymentConfiguration.MaximumPercent = aws.Int32(percents[0]), aws.Int32(percents[1])
		s.DesiredCount = int32(rapid.IntRange(0, most).Draw(t, name))
	}
	w.behaves[newDigest] = behaviour{
		starts:    time.Duration(rapid.IntRange(5, 90).Draw(t, "starts")) * time.Second,
		stops:     time.Duration(rapid.IntRange(5, 120).Draw(t, "stops")) * time.Second,
		exitAfter: time.Duration(rapid.SampledFrom([]int{0, 0, 10, 400}).Draw(t, "exitAfter")) * time.Second,
		exitCode:  int32(rapid.IntRange(0, 2).Draw(t, "exitCode")),
		unhealthy: rapid.IntRange(0, 4).Draw(t, "unhealthy") == 0,
		noPull:    rapid.IntRange(0, 4).Draw(t, "noPull") == 0,
		protects:  rapid.IntRange(0, 3).Draw(t, "protects") == 0,
	}
	w.tick(10 * time.Minute)
	w.calls, w.nthCall = nil, 0
	return w
}

// mostFaults is how many calls fail in all. Nothing is tried again within a verb here, as the SDK does: one that lists
// thousands of stopped tasks, a hundred a page, would not come to its end while every tenth call fails.
const mostFaults = 60

// drawFaults makes up to one call in eight fail, half of them after their effect.
func drawFaults(t *rapid.T, w *world) {
	percent := rapid.IntRange(0, 12).Draw(t, "faults")
	source := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	left := mostFaults
	w.disturb = func(int, string) fault {
		n := source.IntN(200)
		if n >= 2*percent || left == 0 {
			return fault{}
		}
		if left--; n < percent {
			return fault{before: apiError("ThrottlingException", "slow down")}
		}
		return fault{after: apiError("ServerException", "timed out")}
	}
}

// Whatever was done before, by calls that failed or were forgotten, and whatever the new version does: Rollback ends
// with exactly the recorded digests and counts, and with no more changes than it needs.
func TestRollbackFromAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		r := &run{t: t, w: w, p: platformOf(w)}
		opened := open(t, w, release42)
		r.rel = opened.rel
		before := w.state()
		deployments := len(w.services["orders-worker-canary"].past)
		drawFaults(t, w)
		for range rapid.IntRange(0, 12).Draw(t, "calls") {
			act(t, r)
		}
		mine := 0
		for _, d := range w.services["orders-worker-canary"].past[deployments:] {
			if strings.HasPrefix(ecsservice.TagValue(w.definition(d.definition).tags, release.TagFor), "canary") && d.reverts == nil {
				mine++
			}
		}
		if mine > 1 {
			t.Fatalf("the canary was deployed %d times: %v", mine, w.mutations())
		}
		w.calls = nil
		r.enter(release.RollingBack)
		r.reach(r.p.Rollback)
		errors := r.errs
		w.disturb = nil
		w.tick(5 * time.Minute)
		if after := w.state(); after != before {
			t.Fatalf("brought back %s, was %s; %v", after, before, w.mutations())
		}
		if n := count(w.mutations(), "UpdateService"); n > 3+errors {
			t.Fatalf("%d changes with %d errors: %v", n, errors, w.mutations())
		}
		r.enter(release.Cleaning)
		r.reach(r.p.Cleanup)
		for _, d := range w.definitions {
			if f := ecsservice.TagValue(d.tags, release.TagFor); d.Status == types.TaskDefinitionStatusActive && (f == "canary" || f == "primary") {
				t.Fatalf("%s is left", aws.ToString(d.TaskDefinitionArn))
			}
		}
		w.calls = nil
		r.reach(r.p.Rollback)
		if len(w.mutations()) > 0 {
			t.Fatalf("a second rollback changes %v", w.mutations())
		}
	})
}

// Reads may be ten seconds old, each its own: nothing that is called restored or complete may rest on one.
func TestStaleReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		r := open(t, w, release42)
		before := w.state()
		drawFaults(t, w)
		source := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "lags"), 0))
		w.then = map[string][]snapshot{}
		w.lag = func() time.Duration { return time.Duration(source.IntN(3)*5) * time.Second }
		for range rapid.IntRange(0, 12).Draw(t, "calls") {
			act(t, r)
		}
		r.enter(release.RollingBack)
		w.tick(30 * time.Second) // the conductor waits out what may still land
		r.reach(r.p.Rollback)
		w.tick(30 * time.Second)
		r.reach(r.p.Rollback) // and looks once more
		w.disturb, w.lag = nil, nil
		w.tick(5 * time.Minute)
		if after := w.state(); after != before {
			t.Fatalf("brought back %s, was %s; %v", after, before, w.mutations())
		}
		r.enter(release.Cleaning)
		r.reach(r.p.Cleanup)
		for _, d := range w.definitions {
			if f := ecsservice.TagValue(d.tags, release.TagFor); d.Status == types.TaskDefinitionStatusActive && (f == "canary" || f == "primary") {
				t.Fatalf("%s is left", aws.ToString(d.TaskDefinitionArn))
			}
		}
	})
}

// act makes one call as a conductor might, in time or not.
func act(t *rapid.T, r *run) {
	switch rapid.IntRange(0, 7).Draw(t, "act") {
	case 0, 1, 2:
		r.once(r.shifting(release.Weight(rapid.SampledFrom([]int{10, 25, 60}).Draw(t, "weight"))))
	case 3, 4:
		r.enter(release.Promoting)
		r.once(r.p.Promote)
	case 5:
		r.rel.Made = nil
	case 6:
		r.w.push("release-41", rapid.SampledFrom([]string{newDigest, thirdImage}).Draw(t, "tag"))
	case 7:
		_, _ = r.p.Inspect(t.Context(), r.rel)
	}
	r.w.tick(time.Duration(rapid.IntRange(1, 300).Draw(t, "seconds")) * time.Second)
}

// state describes what both services run, sidecars included, and how much of it.
func (w *world) state() string {
	var text []string
	for _, name := range []string{"orders-worker", "orders-worker-canary"} {
		s := w.services[name]
		text = append(text, fmt.Sprintf("%s wants %d", name, s.DesiredCount))
		for _, task := range s.tasks {
			if aws.ToString(task.LastStatus) != taskStopped {
				line := name
				for _, c := range task.Containers {
					line += " " + aws.ToString(c.Name) + "=" + release.Digest(aws.ToString(c.ImageDigest)).Short()
				}
				text = append(text, line)
			}
		}
	}
	slices.Sort(text)
	return strings.Join(text, "; ")
}

// A release that nobody disturbs but faults ends with the new digest everywhere, or its failure is seen.
func TestReleaseFromAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		does := behaviour{starts: w.behaves[newDigest].starts, stops: w.behaves[newDigest].stops}
		w.behaves[newDigest] = does
		r := open(t, w, release42)
		counts := []int32{w.services["orders-worker"].DesiredCount, w.services["orders-worker-canary"].DesiredCount}
		drawFaults(t, w)
		r.reach(r.shifting(10))
		r.enter(release.Promoting)
		r.reach(r.p.Promote)
		w.tick(5 * time.Minute)
		for i, name := range []string{"orders-worker", "orders-worker-canary"} {
			s := w.services[name]
			if s.DesiredCount != counts[i] || runningOf(s.wantedOf(nil)) != int(counts[i]) {
				t.Fatalf("%s runs %s, wanted %d", name, w.serves(name), counts[i])
			}
			if len(s.tasks) > 0 && counts[i] > 0 && w.serves(name) != fmt.Sprintf("%d x new of %d", counts[i], counts[i]) {
				t.Fatalf("%s runs %s", name, w.serves(name))
			}
		}
	})
}
