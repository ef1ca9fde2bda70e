package ecs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// The versions of the worlds below.
const (
	repo  = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders"
	good  = "sha256:aaaa"
	other = "sha256:bbbb"
	crash = "sha256:cccc" // exits 5 s after RUNNING
	sick  = "sha256:dddd" // never passes a health check
	large = "sha256:eeee" // finds no capacity
	late  = "sha256:ffff" // exits 3 min after RUNNING
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// images is a registry: image name -> digest.
type images map[string]string

func (i images) Resolve(name string) (string, bool) {
	if _, digest, pinned := strings.Cut(name, "@"); pinned {
		for _, d := range i {
			if d == digest {
				return d, true
			}
		}
		return "", false
	}
	digest, ok := i[name]
	return digest, ok
}

type world struct {
	t      testing.TB
	loop   *loop.Loop
	door   *door.Door
	images images
	*Control
}

func behave(digest string) Behaviour {
	switch digest {
	case crash:
		return Behaviour{CrashAfter: 5 * time.Second}
	case late:
		return Behaviour{CrashAfter: 3 * time.Minute}
	case sick:
		return Behaviour{Unhealthy: true}
	case large:
		return Behaviour{NoCapacity: true}
	}
	return Behaviour{}
}

// newWorld has the cluster prod and a registry with every version under a tag of its own, and good under latest.
func newWorld(t testing.TB, seed uint64) *world {
	l := loop.New(start, seed)
	w := &world{t: t, loop: l, door: door.New(l, nil, nil), images: images{
		repo + ":latest": good, repo + ":good": good, repo + ":other": other, repo + ":crash": crash,
		repo + ":sick": sick, repo + ":large": large, repo + ":late": late, "side:1": "sha256:5555",
	}}
	w.Control = New(Config{Loop: l, Registry: w.images, Behave: behave})
	w.CreateCluster("prod")
	return w
}

// registration of a worker with the image repo:tag.
func registration(tag string) *sdk.RegisterTaskDefinitionInput {
	return &sdk.RegisterTaskDefinitionInput{
		Family: aws.String("orders"), Cpu: aws.String("256"), Memory: aws.String("512"),
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ContainerDefinitions:    []types.ContainerDefinition{{Name: aws.String("worker"), Image: aws.String(repo + ":" + tag)}},
	}
}

// define registers a worker with the image repo:tag and returns its ARN.
func (w *world) define(tag string, change ...func(*sdk.RegisterTaskDefinitionInput)) string {
	w.t.Helper()
	in := registration(tag)
	for _, f := range change {
		f(in)
	}
	arn, err := w.CreateTaskDefinition(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return arn
}

func checked(in *sdk.RegisterTaskDefinitionInput) {
	in.ContainerDefinitions[0].HealthCheck = &types.HealthCheck{Command: []string{"CMD", "true"}, Interval: aws.Int32(10), Retries: aws.Int32(2)}
}

// orders makes the service orders with n tasks of latest.
func (w *world) orders(n int, change ...func(*ServiceSpec)) {
	w.t.Helper()
	spec := ServiceSpec{Cluster: "prod", Name: "orders", TaskDefinition: w.define("latest"), Desired: n}
	for _, f := range change {
		f(&spec)
	}
	if _, err := w.CreateService(spec); err != nil {
		w.t.Fatal(err)
	}
}

func rolling(least, most int32, breaker *types.DeploymentCircuitBreaker) func(*ServiceSpec) {
	return func(s *ServiceSpec) {
		s.Rolling = &types.DeploymentConfiguration{MinimumHealthyPercent: &least, MaximumPercent: &most, DeploymentCircuitBreaker: breaker}
	}
}

func breaker(rollback bool) *types.DeploymentCircuitBreaker {
	return &types.DeploymentCircuitBreaker{Enable: true, Rollback: rollback}
}

// update is an UpdateService of orders that must be accepted.
func (w *world) update(change func(*sdk.UpdateServiceInput)) {
	w.t.Helper()
	if err := w.tryUpdate(change); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tryUpdate(change func(*sdk.UpdateServiceInput)) error {
	in := &sdk.UpdateServiceInput{Cluster: aws.String("prod"), Service: aws.String("orders")}
	change(in)
	return w.ForeignUpdate(in)
}

func to(arn string) func(*sdk.UpdateServiceInput) {
	return func(in *sdk.UpdateServiceInput) { in.TaskDefinition = &arn }
}

func count(n int32) func(*sdk.UpdateServiceInput) {
	return func(in *sdk.UpdateServiceInput) { in.DesiredCount = &n }
}

// pass lets time pass.
func (w *world) pass(d time.Duration) { w.loop.AdvanceTo(w.loop.Now().Add(d)) }

// until lets time pass until ok holds, for at most d.
func (w *world) until(d time.Duration, what string, ok func() bool) {
	w.t.Helper()
	end := w.loop.Now().Add(d)
	for !ok() {
		next, more := w.loop.Next()
		if !more || next.After(end) {
			w.t.Fatalf("%s did not come about within %v; the service is %+v, history %v", what, d, w.named("orders").state(), w.statuses())
		}
		w.loop.Step()
	}
}

// view is the service orders as the API shows it.
func (w *world) view() types.Service { return *w.named("orders").view() }

func (w *world) settled() bool {
	v := w.view()
	return len(v.Deployments) == 1 && v.Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted
}

// within runs calls in the name of an invocation.
func (w *world) within(calls func(ctx context.Context)) {
	over := false
	w.door.Invoke("test", "request", time.Hour, calls, func(bool) { over = true })
	for !over {
		w.loop.Step()
	}
}

// code is the error code of AWS in err, "" for none.
func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (w *world) told(part string) bool {
	return slices.ContainsFunc(w.view().Events, func(e types.ServiceEvent) bool { return strings.Contains(*e.Message, part) })
}

// digests is how many tasks of each version take work in orders.
func (w *world) digests() map[string]int {
	by := map[string]int{}
	for _, row := range w.Serving() {
		if row.Name == "orders" {
			by[row.Digest] += row.Units
		}
	}
	return by
}
