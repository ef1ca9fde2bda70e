package ecs

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// TestOnChangeComesBefore counts task-seconds twice: as a workload does, settling when it is told of a change, and by
// looking after every event. A change that nobody was told of, or told of too late, makes the two differ.
func TestOnChangeComesBefore(t *testing.T) {
	w := newWorld(t, 3)
	w.orders(4)
	units := func() (n int) {
		for _, row := range w.Serving() {
			n += row.Units
		}
		return n
	}
	told, seen, since := 0.0, 0.0, start
	settle := func() {
		told += float64(units()) * w.loop.Now().Sub(since).Seconds()
		since = w.loop.Now()
	}
	w.OnChange(settle)
	w.update(to(w.define("crash", checked)))
	last, at := units(), start
	for i := range 8 {
		switch i {
		case 2:
			w.update(to(w.define("other", checked)))
		case 4:
			w.SetDesired("orders", 1)
		case 6:
			w.Kill("orders")
			last = units()
		}
		w.watch(5*time.Minute, func() {
			seen += float64(last) * w.loop.Now().Sub(at).Seconds()
			last, at = units(), w.loop.Now()
		})
		w.loop.AdvanceTo(start.Add(time.Duration(i+1) * 5 * time.Minute))
		seen += float64(last) * w.loop.Now().Sub(at).Seconds()
		at = w.loop.Now()
	}
	settle()
	if math.Abs(told-seen) > 1e-6*seen || seen < 4*5*60 {
		t.Errorf("told of %v task-seconds, seen %v", told, seen)
	}
	if want := []Server{{"orders", other, 1}}; !slices.Equal(w.Serving(), want) {
		t.Errorf("%v", w.Serving())
	}
}

func TestServingNamesTheAppContainer(t *testing.T) {
	w := newWorld(t, 1)
	two := func(in *sdk.RegisterTaskDefinitionInput) {
		in.ContainerDefinitions = append([]types.ContainerDefinition{{Name: aws.String("side"), Image: aws.String("side:1"), Essential: aws.Bool(true)}}, in.ContainerDefinitions...)
	}
	arn := w.define("good", two)
	for _, spec := range []ServiceSpec{
		{Cluster: "prod", Name: "first", TaskDefinition: arn, Desired: 1},
		{Cluster: "prod", Name: "named", TaskDefinition: arn, Desired: 2, Container: "worker"},
		{Cluster: "prod", Name: "wrong", TaskDefinition: arn, Desired: 1, Container: "nobody"},
	} {
		if _, err := w.CreateService(spec); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := w.Serving(), []Server{{"first", "sha256:5555", 1}, {"named", good, 2}, {"wrong", "sha256:5555", 1}}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestFirstRunning(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(2)
	var told []time.Time
	tell := func(at time.Time) { told = append(told, at) }
	w.OnFirstRunning(good, tell) // it runs already
	w.OnFirstRunning(other, tell)
	if len(told) != 1 {
		t.Fatalf("%v", told)
	}
	if _, ok := w.FirstRunning(other); ok {
		t.Error("it does not run yet")
	}
	w.update(to(w.define("other")))
	w.pass(10 * time.Minute)
	at, ok := w.FirstRunning(other)
	earliest := w.loop.Now()
	for _, task := range w.described(types.DesiredStatusRunning) {
		if task.StartedAt.Before(earliest) {
			earliest = *task.StartedAt
		}
	}
	if !ok || len(told) != 2 || !told[1].Equal(at) || !at.Equal(earliest) {
		t.Errorf("%v, told %v, tasks since %v", at, told, earliest)
	}
}

func TestSnapshot(t *testing.T) {
	w := newWorld(t, 1)
	w.orders(2)
	arn := w.definition("orders").arn
	want := []State{{
		Cluster: "prod", Service: "orders", Active: true, TaskDefinition: arn, Desired: 2,
		Running: []Running{{TaskDefinition: arn, Images: []ContainerDigest{{"worker", good}}, Tasks: 2}},
	}}
	if got := w.Snapshot(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	w.update(to(w.define("other")))
	w.pass(70 * time.Second)
	st := w.Snapshot()[0]
	if !st.Deploying || len(st.Running) != 2 || st.Running[1].Images[0].Digest != other {
		t.Errorf("%+v", st)
	}
}

func TestUnknownServices(t *testing.T) {
	w := newWorld(t, 1)
	w.SetDesired("payments", 3)
	if w.Desired("payments") != 0 || w.Deploying("payments") || w.Kill("payments") || w.Working("payments") != 0 || w.Protect("payments", time.Hour) != 0 {
		t.Error("a service that does not exist has something")
	}
}

// trace writes down everything that happens in a busy world.
func trace(t *testing.T, seed uint64) string {
	w := newWorld(t, seed)
	w.orders(6, rolling(50, 150, breaker(true)))
	var text strings.Builder
	steps := []func(){
		func() { w.update(to(w.define("crash"))) },
		func() { w.update(to(w.define("other"))) },
		func() { w.SetDesired("orders", 9) },
		func() { w.Kill("orders") },
		func() { w.update(to(w.define("gone"))) },
	}
	for _, step := range steps {
		step()
		w.watch(7*time.Minute, func() { fmt.Fprintf(&text, "%v %+v\n", w.loop.Now(), w.Snapshot()) })
	}
	for _, e := range w.view().Events {
		fmt.Fprintln(&text, *e.CreatedAt, *e.Id, *e.Message)
	}
	return text.String()
}

func TestOneSeedOneStory(t *testing.T) {
	first := trace(t, 42)
	if first != trace(t, 42) {
		t.Error("the same seed told two stories")
	}
	if first == trace(t, 43) {
		t.Error("two seeds told one story")
	}
}

func TestDefinitionsListsAll(t *testing.T) {
	w := newWorld(t, 1)
	w.define("good", func(in *sdk.RegisterTaskDefinitionInput) {
		in.Tags = []types.Tag{{Key: aws.String("release"), Value: aws.String("r1")}}
	})
	if err := w.ForeignDeregister(w.define("other")); err != nil {
		t.Fatal(err)
	}
	all := w.Definitions()
	if len(all) != 2 || !all[0].Active || all[0].Tags["release"] != "r1" || all[1].Active {
		t.Errorf("%+v", all)
	}
}
