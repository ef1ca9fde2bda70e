package ecs

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"pgregory.net/rapid"
)

// watch runs the loop to the end of d and calls look after every event.
func (w *world) watch(d time.Duration, look func()) {
	end := w.loop.Now().Add(d)
	for next, ok := w.loop.Next(); ok && !next.After(end); next, ok = w.loop.Next() {
		w.loop.Step()
		look()
	}
}

// counts are the healthy tasks and the PENDING and RUNNING ones of orders.
func (w *world) counts() (healthy, alive int) {
	for _, d := range w.named("orders").deployments {
		healthy += d.healthy
		alive += d.alive()
	}
	return healthy, alive
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func TestRollingUpdateOfNineTasksKeepsItsLimits(t *testing.T) {
	for _, c := range []struct{ least, most int32 }{{100, 200}, {100, 150}, {50, 100}, {50, 200}, {0, 100}, {67, 134}, {100, 112}} {
		t.Run(fmt.Sprintf("%d to %d", c.least, c.most), func(t *testing.T) {
			w := newWorld(t, 1)
			w.orders(9, rolling(c.least, c.most, nil))
			w.update(to(w.define("other")))
			least, most := (9*int(c.least)+99)/100, 9*int(c.most)/100
			w.watch(30*time.Minute, func() {
				if healthy, alive := w.counts(); healthy < least || alive > most {
					t.Fatalf("%d healthy (least %d), %d alive (most %d) at %v", healthy, least, alive, most, w.loop.Now().Sub(start))
				}
			})
			if !w.settled() || !maps.Equal(w.digests(), map[string]int{other: 9}) {
				t.Errorf("ended with %v, settled %v", w.digests(), w.settled())
			}
			for _, text := range []string{"has reached a steady state.", "deployment completed.", "has started", "has stopped"} {
				if !w.told(text) {
					t.Errorf("no event %q", text)
				}
			}
		})
	}
}

// TestAnyUpdateKeepsItsLimitsAndEnds draws services, percents and versions.
func TestAnyUpdateKeepsItsLimitsAndEnds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tasks := rapid.IntRange(0, 12).Draw(rt, "tasks")
		least := rapid.Int32Range(0, 100).Draw(rt, "least")
		most := rapid.Int32Range(max(100, least), 250).Draw(rt, "most")
		tag := rapid.SampledFrom([]string{"other", "good"}).Draw(rt, "tag")
		w := newWorld(t, rapid.Uint64().Draw(rt, "seed"))
		w.orders(tasks, rolling(least, most, nil))
		w.update(to(w.define(tag)))
		low, high := (tasks*int(least)+99)/100, tasks*int(most)/100
		w.watch(2*time.Hour, func() {
			if healthy, alive := w.counts(); healthy < low || alive > high {
				rt.Fatalf("%d healthy (least %d), %d alive (most %d)", healthy, low, alive, high)
			}
		})
		if low < high == w.settled() {
			return
		}
		if tasks > 0 {
			rt.Fatalf("least %d, most %d: settled is %v", low, high, w.settled())
		}
	})
}

// https://github.com/aws/containers-roadmap/issues/485
func TestPercentsThatLetNothingMove(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(1, rolling(100, 150, nil))
	w.update(to(w.define("other")))
	w.pass(24 * time.Hour)
	if w.settled() || !maps.Equal(w.digests(), map[string]int{good: 1}) || !w.told("was unable to stop or start tasks during a deployment because of the service deployment configuration") {
		t.Errorf("settled %v, %v", w.settled(), w.digests())
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-container-image-stability.html
func TestTagsAreResolvedWhenADeploymentStarts(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(2)
	w.images[repo+":latest"] = other
	w.update(count(4))
	w.pass(5 * time.Minute)
	if !maps.Equal(w.digests(), map[string]int{good: 4}) {
		t.Errorf("a tag that moved changed a scale-out: %v", w.digests())
	}
	w.Kill("orders")
	w.pass(5 * time.Minute)
	if !maps.Equal(w.digests(), map[string]int{good: 4}) {
		t.Errorf("a tag that moved changed a replacement: %v", w.digests())
	}
	w.update(func(in *sdk.UpdateServiceInput) { in.ForceNewDeployment = true })
	w.images[repo+":latest"] = late // after the deployment has started
	w.pass(10 * time.Minute)
	if !maps.Equal(w.digests(), map[string]int{other: 4}) {
		t.Errorf("a forced deployment did not resolve the tag: %v", w.digests())
	}
	out, err := w.describeRevisions(&sdk.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{*w.history()[0].TargetServiceRevisionArn, "arn:x"}})
	if err != nil || len(out.Failures) != 1 || *out.ServiceRevisions[0].ContainerImages[0].ImageDigest != other || *out.ServiceRevisions[0].ContainerImages[0].Image != repo+":latest" {
		t.Errorf("%+v, %v", out, err)
	}
}

// versionConsistency disabled: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
func TestAFloatingTagIsResolvedForEveryTask(t *testing.T) {
	w := newWorld(t, 1)
	floating := w.define("latest", func(in *sdk.RegisterTaskDefinitionInput) {
		in.ContainerDefinitions[0].VersionConsistency = types.VersionConsistencyDisabled
	})
	w.orders(2, func(s *ServiceSpec) { s.TaskDefinition = floating })
	w.images[repo+":latest"] = other
	w.update(count(4))
	w.pass(5 * time.Minute)
	if !maps.Equal(w.digests(), map[string]int{good: 2, other: 2}) {
		t.Errorf("%v", w.digests())
	}
}

// Tasks lost during a deployment are replaced in their own revision, and scaling out applies to both revisions.
// https://aws.amazon.com/about-aws/whats-new/2025/11/amazon-ecs-service-availability-rolling-deployments
func TestTheRunningVersionStaysAvailable(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(4)
	w.update(to(w.define("gone")))
	w.pass(10 * time.Minute)
	if !w.Kill("orders") {
		t.Fatal("nothing to kill")
	}
	w.pass(5 * time.Minute)
	if !maps.Equal(w.digests(), map[string]int{good: 4}) {
		t.Errorf("after a loss: %v", w.digests())
	}
	w.SetDesired("orders", 6)
	w.pass(5 * time.Minute)
	if !maps.Equal(w.digests(), map[string]int{good: 6}) {
		t.Errorf("after scaling out: %v", w.digests())
	}
	w.SetDesired("orders", 3)
	w.pass(5 * time.Minute)
	if !maps.Equal(w.digests(), map[string]int{good: 3}) {
		t.Errorf("after scaling in: %v", w.digests())
	}
}

func TestScalingStartsAndStopsWithoutADeployment(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(3)
	for _, n := range []int{7, 2, 0, 1} {
		w.SetDesired("prod/orders", n)
		if w.Deploying("orders") {
			t.Errorf("scaling to %d is a deployment", n)
		}
		w.pass(5 * time.Minute)
		if got := w.Working("orders"); got != n || w.Desired("prod/orders") != n {
			t.Errorf("%d work, want %d", got, n)
		}
	}
	if got := len(w.history()); got != 1 {
		t.Errorf("%d service deployments", got)
	}
}

func TestZeroTasksAreASteadyState(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(2)
	before := w.view()
	w.update(func(in *sdk.UpdateServiceInput) {
		in.TaskDefinition, in.DesiredCount = aws.String(w.define("other")), aws.Int32(0)
	})
	w.until(2*time.Minute, "zero", w.settled)
	v := w.view()
	if v.RunningCount != 0 || *v.Deployments[0].Id == *before.Deployments[0].Id || w.statuses()[0] != types.ServiceDeploymentStatusSuccessful {
		t.Errorf("%+v", v)
	}
}

// A newer update in the middle of one: the first ends STOPPED, its tasks go, and only the last version stays.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
func TestANewerDeploymentReplacesARunningOne(t *testing.T) {
	for _, after := range []time.Duration{0, 10 * time.Second, 45 * time.Second, 90 * time.Second} {
		w := newWorld(t, 1)
		w.orders(5)
		w.update(to(w.define("other")))
		w.pass(after)
		w.update(to(w.define("sick"))) // which has no health check to fail
		if got := w.statuses(); got[1] != types.ServiceDeploymentStatusStopped || got[0] != types.ServiceDeploymentStatusPending {
			t.Errorf("after %v: %v", after, got)
		}
		if ds := w.view().Deployments; *ds[0].Status != "PRIMARY" || slices.ContainsFunc(ds[1:], func(d types.Deployment) bool { return *d.Status != "ACTIVE" }) {
			t.Errorf("after %v: %+v", after, ds)
		}
		w.until(3*time.Minute, "the newest version", func() bool { return maps.Equal(w.digests(), map[string]int{sick: 5}) })
	}
}

// A healthy task of the running version is only stopped when the others suffice, also where an unhealthy one that
// would go first is protected.
func TestAProtectedUnhealthyTaskCostsNoHealthyOne(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(3)
	weak := w.named("orders").tasks[0]
	weak.healthy = false
	weak.deployment.healthy--
	weak.protects, weak.protectedUntil = true, start.Add(time.Hour)
	w.update(to(w.define("other")))
	reached := false
	w.watch(30*time.Minute, func() {
		healthy, _ := w.counts()
		if reached = reached || healthy >= 3; reached && healthy < 3 {
			t.Fatalf("%d healthy at %v", healthy, w.loop.Now().Sub(start))
		}
	})
	if !maps.Equal(w.digests(), map[string]int{other: 3, good: 1}) {
		t.Errorf("%v", w.digests())
	}
}

// The steady state is reached when the tasks are healthy, not when they run.
func TestCompletedMeansHealthy(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(3, rolling(0, 100, nil))
	w.update(to(w.define("other")))
	w.until(10*time.Minute, "the steady state", w.settled)
	for _, task := range w.named("orders").tasks {
		if ran := w.loop.Now().Sub(task.started); ran < settled {
			t.Errorf("COMPLETED although a task has run for %v only", ran)
		}
	}
}
