// Package ecsservice is what the simulated workloads over ECS share: a primary and a canary service in one cluster.
//
//	services.go   Services, and how tasks of each version start and end
//	populate.go   the services, their definitions and images
//	look.go       what the invariants see
//	accidents.go  what can befall them
//	clients.go    the clients of what moves them
package ecsservice

import (
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/scaling"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// Place names the two services.
type Place struct {
	Cluster, Primary, Canary, Container string

	Balanced func(service string) *ecs.Balanced // where the tasks of a service are registered; nil: nowhere
}

// Services are the two services, their images, and what scales them.
type Services struct {
	ECS     *ecs.Control
	ECR     *ecr.Registry
	Scaling *scaling.Scaling

	site     world.Site
	place    Place
	versions versions

	deployed map[string]string // task definition by service, before the release

	noCapacity, dying time.Time // until when accidents last
}

// New builds the two services that the site's scenario describes, in their steady state.
func New(site world.Site, place Place) (*Services, error) {
	w := &Services{site: site, place: place, versions: versionsOf(site.Target, site.Scenario), deployed: map[string]string{}}
	w.ECR = ecr.New(site.Loop)
	w.ECS = ecs.New(ecs.Config{Loop: site.Loop, Registry: w.ECR, Behave: w.behaviours(site.Scenario)})
	w.Scaling = scaling.New(site.Loop, w.ECS)
	return w, w.populate()
}

// Revision is what is released.
func (w *Services) Revision() release.Revision { return w.versions.revision }

// Fresh is the digest of the new version.
func (w *Services) Fresh() string { return string(w.versions.fresh) }

// Offer pushes a further image.
func (w *Services) Offer(n int) world.Offer {
	return world.Push(w.site, w.ECR, w.versions.repository, w.Fresh(), n)
}

// Released is the digest of what a release brings.
func (w *Services) Released(r *release.Release) string { return string(r.Revision.Digest) }

func (w *Services) balanced(service string) *ecs.Balanced {
	if w.place.Balanced == nil {
		return nil
	}
	return w.place.Balanced(service)
}

// Changes reports whether an action changes the workload.
func (w *Services) Changes(action string) bool {
	switch action {
	case "ecs:UpdateService", "ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition",
		"ecs:UpdateTaskProtection", "application-autoscaling:RegisterScalableTarget":
		return true
	}
	return false
}

// behaviours says how the tasks of each version start and end.
func (w *Services) behaviours(s scenario.Scenario) func(string) ecs.Behaviour {
	start := s.World.TaskStart.Std()
	usual := ecs.Behaviour{StartUp: ecs.Range{Min: start * 2 / 3, Max: start * 4 / 3}}
	looping := usual
	looping.CrashAfter = 8 * time.Second
	return func(digest string) ecs.Behaviour {
		if s.Canary.CrashLoop && digest == string(w.versions.fresh) {
			return w.befallen(looping)
		}
		return w.befallen(usual)
	}
}
