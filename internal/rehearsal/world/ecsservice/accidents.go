package ecsservice

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
func (w *Services) Accidents() []world.Accident {
	cluster := NameOf(w.place.Cluster)
	foreign := func(in ecssdk.UpdateServiceInput) func() {
		in.Cluster = &cluster
		return func() {
			// What ECS does not take at this moment has not happened.
			_ = w.ECS.ForeignUpdate(&in)
		}
	}
	return []world.Accident{
		{Name: "a task of " + w.place.Canary + " loses its host", Happen: func() { w.ECS.Kill(w.place.Canary) }},
		{Name: "a task of " + w.place.Primary + " loses its host", Happen: func() { w.ECS.Kill(w.place.Primary) }},
		{Name: "there is no capacity for new tasks", Happen: func() { w.noCapacity = w.site.Loop.Now().Add(shortage) }},
		{Name: "new tasks die soon after their start", Happen: func() { w.dying = w.site.Loop.Now().Add(shortage) }},
		{Name: "the tag of the version that serves is moved to the new one", Happen: func() {
			w.ECR.MoveTag(w.versions.repository, oldTag, w.Fresh())
		}},
		{
			Name: "somebody deploys " + w.place.Primary + " anew", Foreign: true,
			Happen: foreign(ecssdk.UpdateServiceInput{Service: &w.place.Primary, ForceNewDeployment: true}),
		},
		{
			Name: "somebody deploys " + w.place.Canary + " anew", Foreign: true,
			Happen: foreign(ecssdk.UpdateServiceInput{Service: &w.place.Canary, ForceNewDeployment: true}),
		},
		{
			Name: "somebody sets the count of " + w.place.Canary, Foreign: true,
			Happen: foreign(ecssdk.UpdateServiceInput{Service: &w.place.Canary, DesiredCount: aws.Int32(4)}),
		},
	}
}

// Deletions are the two services.
func (w *Services) Deletions() []world.Deletion {
	deletion := func(service string) world.Deletion {
		return world.Deletion{
			What: "service " + service, Before: true, After: true,
			Delete: func() bool { return w.ECS.ForeignDelete(service) }, Again: func() { w.recreate(service) },
		}
	}
	return []world.Deletion{deletion(w.place.Canary), deletion(w.place.Primary)}
}

// recreate makes a deleted service once more, as its template has it.
func (w *Services) recreate(service string) {
	tasks := w.site.Scenario.World.PrimaryTasks
	if service == w.place.Canary {
		tasks = w.site.Scenario.World.CanaryTasks
	}
	if err := w.createService(w.site.Scenario, service, w.deployed[service], tasks); err != nil { // it was made so before
		panic(err)
	}
}

// befallen is how tasks behave that would otherwise behave as b.
func (w *Services) befallen(b ecs.Behaviour) ecs.Behaviour {
	now := w.site.Loop.Now()
	b.NoCapacity = b.NoCapacity || now.Before(w.noCapacity)
	if now.Before(w.dying) {
		b.CrashAfter = 5 * time.Second
	}
	return b
}

// Page lets ECS's lists come n at a time.
func (w *Services) Page(n int) { w.ECS.SetPage(n) }
