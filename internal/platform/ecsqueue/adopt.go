package ecsqueue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// Adopt looks at a queue worker that has no canary yet, by the rules of Prepare. It changes nothing, and refuses a
// service of which no canary could be released.
func (p *Platform) Adopt(ctx context.Context, q release.ECSQueue) (ecsservice.Adoptable, error) {
	place := ecsservice.OnQueue(q)
	return p.pair.Adopt(ctx, release.PlatformECSQueue, place, func(service *types.Service) error {
		return queueWorker(ecsservice.AdoptOp(place), ecsservice.Adoptable{Service: *service})
	})
}

// queueWorker refuses a service that gets its work elsewhere than from a queue.
func queueWorker(op string, a ecsservice.Adoptable) error {
	invalid := func(what string) error {
		return release.Errorf(release.Invalid, op, "it %s; ecs-queue is for services that get their work from a queue alone", what)
	}
	if len(a.Service.LoadBalancers) > 0 {
		return invalid("is behind a load balancer, so most of its work does not come from a queue: the platform ecs-alb releases such services")
	}
	if len(a.Service.ServiceRegistries) > 0 {
		return invalid("is registered for discovery, so others call it")
	}
	deployment := a.Deployed()
	if connect := deployment.ServiceConnectConfiguration; connect != nil && len(connect.Services) > 0 {
		return invalid("is called through Service Connect")
	}
	if len(deployment.VpcLatticeConfigurations) > 0 {
		return invalid("is called through VPC Lattice")
	}
	return nil
}

// Queue finds a queue, by its name or URL, that two versions can share, and returns its name and its attributes.
func (p *Platform) Queue(ctx context.Context, q release.ECSQueue) (name string, attributes map[string]string, err error) {
	return p.queue(ctx, ecsservice.AdoptOp(ecsservice.OnQueue(q)), "--queue, or what the container's environment says", q.Queue)
}
