// Package ecsqueue is the simulated workload of the platform ecs-queue: a primary and a canary service read one queue.
//
//	world.go      World, and who does what in it
//	populate.go   the services, their definitions and images
//	work.go       the queue, what arrives, the alarms' metrics, scaling
//	look.go       what the invariants see
//	accidents.go  what can befall it
package ecsqueue

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	ecrsdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	ecssdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	sqssdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	ssmsdk "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/scaling"
	"github.com/serin-aws/serin/internal/rehearsal/sqs"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// World is one ecs-queue workload.
type World struct {
	ECS      *ecs.Control
	ECR      *ecr.Registry
	SQS      *sqs.Service
	Scaling  *scaling.Scaling
	Workload *workload.Workload

	site     world.Site
	versions versions

	noCapacity, dying time.Time // until when accidents last
}

// New builds the workload that the site's target and scenario describe, in its steady state.
func New(site world.Site) (world.World, error) {
	w := &World{site: site, versions: versionsOf(site.Target, site.Scenario)}
	w.SQS = sqs.New(site.Loop)
	w.ECR = ecr.New(site.Loop)
	w.ECS = ecs.New(ecs.Config{Loop: site.Loop, Registry: w.ECR, Behave: w.behaviours(site.Scenario)})
	w.Scaling = scaling.New(site.Loop, w.ECS)
	if err := w.populate(); err != nil {
		return nil, err
	}
	w.work()
	return w, nil
}

// Revision is what is released.
func (w *World) Revision() release.Revision { return w.versions.revision }

// Fresh is the digest of the new version.
func (w *World) Fresh() string { return string(w.versions.fresh) }

// Clients are the platform's clients.
func (w *World) Clients(throughSDK bool) assembly.Workload {
	if !throughSDK {
		return assembly.Workload{
			Clients: ecsservice.Clients{ECS: w.ECS, ECR: w.ECR, Scaling: w.Scaling, SSM: w.site.SSM},
			SQS:     w.SQS, CloudWatch: w.site.CloudWatch, Scans: w.ECR,
		}
	}
	region := w.site.Region
	return assembly.Workload{
		Clients: ecsservice.Clients{
			ECS: ecssdk.NewFromConfig(world.Mounted(region, w.ECS.Handle)), ECR: ecrsdk.NewFromConfig(world.Mounted(region, w.ECR.Handle)),
			Scaling: applicationautoscaling.NewFromConfig(world.Mounted(region, w.Scaling.Handle)),
			SSM:     ssmsdk.NewFromConfig(world.Mounted(region, w.site.SSM.Handle)),
		},
		SQS:        sqssdk.NewFromConfig(world.Mounted(region, w.SQS.Handle)),
		CloudWatch: world.CloudWatch(w.site), Scans: ecrsdk.NewFromConfig(world.Mounted(region, w.ECR.Handle)),
	}
}

// Changes reports whether an action changes the workload.
func (w *World) Changes(action string) bool {
	switch action {
	case "ecs:UpdateService", "ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition",
		"ecs:UpdateTaskProtection", "application-autoscaling:RegisterScalableTarget":
		return true
	}
	return false
}

// Broken checks what only this platform promises.
func (w *World) Broken(invariant.Ending) []string { return nil }

// behaviours says how the tasks of each version start and end.
func (w *World) behaviours(s scenario.Scenario) func(string) ecs.Behaviour {
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
