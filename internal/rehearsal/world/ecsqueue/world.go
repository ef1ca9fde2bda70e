// Package ecsqueue is the simulated workload of the platform ecs-queue: a primary and a canary service read one queue.
//
//	world.go      World, and who does what in it
//	work.go       the queue, what arrives, the alarms' metrics, scaling
//
// The two services are those of package ecsservice.
package ecsqueue

import (
	sqssdk "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/sqs"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsservice"
)

// World is one ecs-queue workload.
type World struct {
	*ecsservice.Services
	SQS      *sqs.Service
	Workload *workload.Workload

	site world.Site
}

// New builds the workload that the site's target and scenario describe, in its steady state.
func New(site world.Site) (world.World, error) {
	q := site.Target.ECSQueue
	w := &World{site: site, SQS: sqs.New(site.Loop)}
	var err error
	w.Services, err = ecsservice.New(site, ecsservice.Place{Cluster: q.Cluster, Primary: q.PrimaryService, Canary: q.CanaryService, Container: q.Container})
	if err != nil {
		return nil, err
	}
	w.work()
	return w, nil
}

// Clients are the platform's clients.
func (w *World) Clients(throughSDK bool) assembly.Workload {
	clients := assembly.Workload{Clients: w.Services.Clients(throughSDK), SQS: w.SQS, CloudWatch: w.site.CloudWatch, Scans: w.ECR}
	if throughSDK {
		clients.SQS = sqssdk.NewFromConfig(world.Mounted(w.site.Region, w.SQS.Handle))
		clients.CloudWatch, clients.Scans = world.CloudWatch(w.site), w.Scans()
	}
	return clients
}

// Exposed counts what the new version has done so far.
func (w *World) Exposed() world.Exposure {
	var e world.Exposure
	for _, total := range w.Workload.Totals() {
		if total.Digest == w.Fresh() {
			e.Units += total.Received
			e.Failures += total.Failed
		}
	}
	return e
}

// Broken checks what only this platform promises.
func (w *World) Broken(invariant.Ending) []string { return nil }
