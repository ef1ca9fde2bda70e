package ecsqueue

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	ecssdk "github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// Accidents are what can befall the two services.
func (w *World) Accidents() []world.Accident {
	q := w.site.Target.ECSQueue
	cluster := nameOf(q.Cluster)
	kill := func(service string) func() { return func() { w.ECS.Kill(service) } }
	redeploy := func(service string) func() {
		return func() {
			// A service that does not exist, or that deploys already, stays as it is.
			_ = w.ECS.ForeignUpdate(&ecssdk.UpdateServiceInput{Cluster: &cluster, Service: &service, ForceNewDeployment: true})
		}
	}
	return []world.Accident{
		{Name: "a task of " + q.CanaryService + " loses its host", Happen: kill(q.CanaryService)},
		{Name: "a task of " + q.PrimaryService + " loses its host", Happen: kill(q.PrimaryService)},
		{Name: "somebody deploys " + q.PrimaryService + " anew", Foreign: true, Happen: redeploy(q.PrimaryService)},
		{Name: "somebody deploys " + q.CanaryService + " anew", Foreign: true, Happen: redeploy(q.CanaryService)},
		{Name: "somebody sets the count of " + q.CanaryService, Foreign: true, Happen: func() {
			_ = w.ECS.ForeignUpdate(&ecssdk.UpdateServiceInput{Cluster: &cluster, Service: &q.CanaryService, DesiredCount: aws.Int32(4)})
		}},
	}
}
