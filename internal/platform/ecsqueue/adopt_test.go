package ecsqueue

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// lonely is a workload that has no canary yet.
func lonely() *world {
	w := standard()
	delete(w.services, "orders-worker-canary")
	return w
}

// A service without a canary is read whole, its scaling and its tags with it, and nothing is changed.
func TestAdopt(t *testing.T) {
	w := lonely()
	p := platformOf(w)
	found, err := p.Adopt(t.Context(), *ordersTarget().ECSQueue)
	if err != nil {
		t.Fatal(err)
	}
	if found.Definition != "orders-worker:1" || found.Min != 3 || found.Max != 30 || found.Service.DesiredCount != 9 || len(found.Registration.ContainerDefinitions) != 2 {
		t.Errorf("%+v", found)
	}
	if tags := found.Registration.Tags; len(tags) != 1 || aws.ToString(tags[0].Key) != "team" {
		t.Errorf("tags %v", tags)
	}
	if name, attributes, err := p.Queue(t.Context(), *ordersTarget().ECSQueue); err != nil || name != "orders" || attributes["QueueArn"] == "" {
		t.Errorf("queue %s %v, %v", name, attributes, err)
	}
	if changed := w.mutations(); len(changed) > 0 {
		t.Errorf("%v", changed)
	}
}

func TestAdoptRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		world func(*world)
		place func(*release.ECSQueue)
		code  release.Code
		says  string
	}{
		{"no cluster", nil, func(q *release.ECSQueue) { q.Cluster = "production" }, release.NotFound, "no cluster production"},
		{"no service", nil, func(q *release.ECSQueue) { q.PrimaryService = "order" }, release.NotFound, "no such service"},
		{"a canary of that name", func(w *world) { w.add("orders-worker-canary", 1) }, nil, release.Invalid, "is there already: choose another name"},
		{"CodeDeploy", func(w *world) {
			w.services["orders-worker"].DeploymentController = &types.DeploymentController{Type: types.DeploymentControllerTypeCodeDeploy}
		}, nil, release.Invalid, "CODE_DEPLOY"},
		{"a load balancer", func(w *world) {
			w.services["orders-worker"].LoadBalancers = []types.LoadBalancer{{ContainerName: aws.String("worker")}}
		}, nil, release.Invalid, "the platform ecs-alb"},
		{"discovery", func(w *world) {
			w.services["orders-worker"].ServiceRegistries = []types.ServiceRegistry{{ContainerName: aws.String("worker")}}
		}, nil, release.Invalid, "registered for discovery"},
		{"in the middle of a deployment", func(w *world) {
			s := w.services["orders-worker"]
			w.deploy(s, aws.ToString(s.TaskDefinition), nil)
		}, nil, release.Unstable, "2 deployments"},
		{"deregistered", func(w *world) {
			w.edit("orders-worker", func(d *fakeDefinition) { d.Status = types.TaskDefinitionStatusInactive })
		}, nil, release.Unstable, "INACTIVE"},
		{"no permission", func(w *world) {
			w.disturb = func(int, string) fault { return fault{before: apiError("AccessDeniedException", "no")} }
		}, nil, release.Denied, "no"},
	} {
		w, place := lonely(), *ordersTarget().ECSQueue
		if c.world != nil {
			c.world(w)
		}
		if c.place != nil {
			c.place(&place)
		}
		_, err := platformOf(w).Adopt(t.Context(), place)
		if release.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
		if changed := w.mutations(); len(changed) > 0 {
			t.Errorf("%s: %v", c.name, changed)
		}
	}
}

func TestAdoptQueue(t *testing.T) {
	w, place := lonely(), *ordersTarget().ECSQueue
	w.queues["orders"]["FifoQueue"] = "true"
	if _, _, err := platformOf(w).Queue(t.Context(), place); release.CodeOf(err) != release.Invalid {
		t.Errorf("%v", err)
	}
	place.Queue = "order"
	if _, _, err := platformOf(w).Queue(t.Context(), place); release.CodeOf(err) != release.NotFound || !strings.Contains(err.Error(), "--queue") {
		t.Errorf("%v", err)
	}
}
