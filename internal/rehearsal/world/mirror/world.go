// Package mirror is the simulated workload of the platform ec2-mirror: a service on a few machines of one stack, and the
// temporary stack that a release makes.
//
//	world.go      World, and who does what in it
//	fleet.go      the machines of a stack, as CloudFormation makes and removes them
//	work.go       users' requests, copies of them, and the metrics of both load balancers
//	health.go     what Elastic Load Balancing says of a stack's targets
//	look.go       what the invariants see
//	accidents.go  what can befall it
package mirror

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	cloudformationsdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	ecrsdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	ssmsdk "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/rehearsal/cloudformation"
	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
)

// The tags of the two images, and the parameter that is not serin's.
const (
	oldTag = "release-41"
	newTag = "release-42"
	size   = "InstanceType"
)

// World is one mirrored service.
type World struct {
	CloudFormation *cloudformation.Service
	ECR            *ecr.Registry
	Users, Copies  *workload.Requests

	site       world.Site
	repository string
	old, fresh string // digests; fresh is empty where the registry has no such image
	fleets     map[*cloudformation.Stack]*fleet
	last       *cloudformation.Stack // the live one, or the one that was, where somebody has deleted it
	trouble    trouble
}

// New builds the live stack that the site's target names.
func New(site world.Site) (world.World, error) {
	w := &World{site: site, ECR: ecr.New(site.Loop), repository: string(site.Target.Name), fleets: map[*cloudformation.Stack]*fleet{}}
	if source := site.Target.Source.ECR; source != nil {
		w.repository = source.Repository
	}
	w.CloudFormation = cloudformation.New(site.Loop, site.Region, site.Account, w)
	w.fill()
	w.build(site.Start.Add(-time.Hour))
	w.work()
	return w, nil
}

// build makes the live stack, whose machines are healthy since.
func (w *World) build(since time.Time) {
	at := w.site.Target.EC2Mirror
	live := w.CloudFormation.Add(at.Stack, template, cloudformation.Values{
		at.Parameters.Image: ecr.URI(w.repository) + "@" + w.old, at.Parameters.ProxyMode: nginx, at.Parameters.MirrorHost: "", at.Parameters.MirrorPercent: "0",
		size: "m7g.large", "DatabaseUrl": world.Secrets[0],
	})
	w.last = live
	w.fleets[live] = &fleet{machines: running(live.Values[at.Parameters.Image], since), proxy: w.proxyOf(live.Values)}
}

// template is what the live stack was made from; nothing reads it.
const template = "Resources: {Group: {Type: AWS::AutoScaling::AutoScalingGroup}}"

// fill has the two images in the registry, and whatever the scenario states.
func (w *World) fill() {
	w.old = ecr.Digest("the version that serves " + string(w.site.Target.Name))
	w.fresh = ecr.Digest("the new version of " + string(w.site.Target.Name))
	w.ECR.PushImageAt(w.site.Start.Add(-24*time.Hour), w.repository, w.old, oldTag)
	tags, stated := w.site.Scenario.World.Registry[w.repository]
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		w.ECR.PushImageAt(w.site.Start, w.repository, string(tags[tag]), tag)
	}
	_, tag, _ := strings.Cut(w.Revision().Image, ":")
	switch digest, pinned := strings.CutPrefix(tag, "sha256:"); {
	case pinned:
		w.fresh = "sha256:" + digest
	case stated:
		w.fresh = string(tags[tag])
	}
	if !stated && w.fresh != "" {
		w.ECR.PushImageAt(w.site.Start, w.repository, w.fresh, cmp.Or(tag, newTag))
	}
}

// Revision is what is released.
func (w *World) Revision() release.Revision {
	if revision := w.site.Scenario.Revision; !revision.IsZero() {
		return revision
	}
	return release.Revision{Image: w.repository + ":" + newTag}
}

// Fresh is the new image's digest.
func (w *World) Fresh() string { return w.fresh }

// Offer pushes a further image.
func (w *World) Offer(n int) world.Offer { return world.Push(w.site, w.ECR, w.repository, w.fresh, n) }

// Released is the digest of what a release brings.
func (w *World) Released(r *release.Release) string { return string(r.Revision.Digest) }

// Disturb changes nothing: a scenario states services, and a stack has none.
func (w *World) Disturb() error { return nil }

// Clients are the platform's clients.
func (w *World) Clients(throughSDK bool) assembly.Workload {
	if !throughSDK {
		return assembly.Workload{
			Clients:        ecsservice.Clients{ECR: w.ECR, SSM: w.site.SSM},
			CloudFormation: w.CloudFormation, ELB: health{w}, CloudWatch: w.site.CloudWatch,
		}
	}
	region := w.site.Region
	return assembly.Workload{
		Clients: ecsservice.Clients{
			ECR: ecrsdk.NewFromConfig(world.Mounted(region, w.ECR.Handle)), SSM: ssmsdk.NewFromConfig(world.Mounted(region, w.site.SSM.Handle)),
		},
		CloudFormation: cloudformationsdk.NewFromConfig(world.Mounted(region, w.CloudFormation.Handle)),
		ELB:            elbsdk.NewFromConfig(world.Mounted(region, health{w}.Handle)),
		CloudWatch:     world.CloudWatch(w.site),
	}
}

// Changes reports whether an action changes the stacks.
func (w *World) Changes(action string) bool {
	switch action {
	case "cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:CancelUpdateStack",
		"cloudformation:ContinueUpdateRollback", "cloudformation:DeleteStack":
		return true
	}
	return false
}

// Exposed counts the copies that the new version got so far: users never saw an answer to one.
func (w *World) Exposed() world.Exposure {
	var e world.Exposure
	for _, s := range w.Copies.Served() {
		e.Units, e.Failures = e.Units+s.Requests, e.Failures+s.Failed
	}
	return e
}

// FirstRan is when the new version got its first copy.
func (w *World) FirstRan() (time.Time, bool) { return w.Copies.First() }

// Broken checks what only this platform promises: users get no answer of the new version before it is promoted.
func (w *World) Broken(e invariant.Ending) []string {
	if slices.ContainsFunc(e.Events, promotes) || e.Foreign {
		return nil
	}
	for _, s := range w.Users.Served() {
		if s.Version == w.fresh {
			return []string{fmt.Sprintf("users got %d answers of a version that nobody decided to promote", s.Requests)}
		}
	}
	return nil
}

// promotes reports whether an event is the decision to promote.
func promotes(event release.Event) bool {
	var decision release.Decision
	return event.Kind == release.EventDecision && json.Unmarshal(event.Data, &decision) == nil && decision.Next == release.NextPromote
}
