package ecsqueue

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecssdk "github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// shortage is how long an accident of capacity or of starting tasks lasts.
const shortage = 4 * time.Minute

// Accidents are what can befall the two services.
func (w *World) Accidents() []world.Accident {
	q := w.site.Target.ECSQueue
	cluster := nameOf(q.Cluster)
	foreign := func(in ecssdk.UpdateServiceInput) func() {
		in.Cluster = &cluster
		return func() {
			// What ECS does not take at this moment has not happened.
			_ = w.ECS.ForeignUpdate(&in)
		}
	}
	return []world.Accident{
		{Name: "a task of " + q.CanaryService + " loses its host", Happen: func() { w.ECS.Kill(q.CanaryService) }},
		{Name: "a task of " + q.PrimaryService + " loses its host", Happen: func() { w.ECS.Kill(q.PrimaryService) }},
		{Name: "there is no capacity for new tasks", Happen: func() { w.noCapacity = w.site.Loop.Now().Add(shortage) }},
		{Name: "new tasks die soon after their start", Happen: func() { w.dying = w.site.Loop.Now().Add(shortage) }},
		{Name: "the tag of the version that serves is moved to the new one", Happen: func() {
			w.ECR.MoveTag(w.versions.repository, oldTag, w.Fresh())
		}},
		{
			Name: "somebody deploys " + q.PrimaryService + " anew", Foreign: true,
			Happen: foreign(ecssdk.UpdateServiceInput{Service: &q.PrimaryService, ForceNewDeployment: true}),
		},
		{
			Name: "somebody deploys " + q.CanaryService + " anew", Foreign: true,
			Happen: foreign(ecssdk.UpdateServiceInput{Service: &q.CanaryService, ForceNewDeployment: true}),
		},
		{
			Name: "somebody sets the count of " + q.CanaryService, Foreign: true,
			Happen: foreign(ecssdk.UpdateServiceInput{Service: &q.CanaryService, DesiredCount: aws.Int32(4)}),
		},
	}
}

// befallen is how tasks behave that would otherwise behave as b.
func (w *World) befallen(b ecs.Behaviour) ecs.Behaviour {
	now := w.site.Loop.Now()
	b.NoCapacity = b.NoCapacity || now.Before(w.noCapacity)
	if now.Before(w.dying) {
		b.CrashAfter = 5 * time.Second
	}
	return b
}

// Page lets ECS's lists come n at a time.
func (w *World) Page(n int) { w.ECS.SetPage(n) }
