// Package lambdaalias is the simulated workload of the platform lambda-alias: a function whose callers invoke one alias.
//
//	world.go      World, and who does what in it
//	code.go       a function whose versions are made of container images or zip files
//	work.go       invocations, and the metrics that Lambda publishes of them
//	disturb.go    what a scenario states of the function
//	accidents.go  what can befall it
package lambdaalias

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	ecrsdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	lambdasdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	ssmsdk "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/lambda"
	"github.com/serin-aws/serin/internal/rehearsal/s3"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
)

// The versions of the rehearsed function.
const (
	older = "6" // not behind the alias
	old   = "7"
	fresh = "8"
)

// broken is why a version cannot be invoked that would end as soon as it starts.
const broken = "the image's entry point does not exist"

// World is one function behind one alias.
type World struct {
	Control  *lambda.Control
	Alias    *lambda.Alias
	Requests *workload.Requests
	ECR      *ecr.Registry
	S3       *s3.Storage

	site     world.Site
	function *lambda.Function
	revision release.Revision // that is released where the scenario names none
	resolve  func(code string) (sum string, ok bool)
	known    map[string]bool // versions that no release has published: those before it, and those of a pipeline
}

// New builds the function that the site's target names, with its alias on the version that serves.
func New(site world.Site) (world.World, error) {
	w := &World{site: site, Control: lambda.New(site.Loop), ECR: ecr.New(site.Loop), S3: s3.New()}
	at := site.Target.LambdaAlias
	w.function = w.Control.Create(nameOf(at.Function), w.version(older), w.version(old))
	if w.makes() {
		w.revision = w.code()
	} else {
		w.revision.Version = fresh
		w.function.Versions = append(w.function.Versions, w.version(fresh))
		if site.Scenario.Canary.CrashLoop {
			w.function.Version(fresh).Broken = broken
		}
	}
	w.Alias = w.function.Alias(at.Alias, old)
	w.Alias.Provisioned, w.Alias.ReadyAt = site.Scenario.World.Provisioned, site.Start.Add(-time.Hour)
	w.known = map[string]bool{}
	for _, v := range w.function.Versions {
		w.known[v.Number] = true
	}
	w.work()
	return w, nil
}

func (w *World) version(number string) *lambda.Version {
	return &lambda.Version{
		Number: number, CodeSHA256: "sha256-of-" + number, Role: "arn:aws:iam::" + w.site.Account + ":role/" + nameOf(w.site.Target.LambdaAlias.Function),
		Environment: map[string]string{"DATABASE_URL": world.Secrets[0]}, Published: w.site.Start.Add(-time.Hour),
	}
}

// nameOf returns a function's name from its ARN; a name stays as it is.
func nameOf(function string) string { return function[strings.LastIndex(function, ":")+1:] }

// Revision is what is released.
func (w *World) Revision() release.Revision {
	if revision := w.site.Scenario.Revision; !revision.IsZero() {
		return revision
	}
	return w.revision
}

// Fresh is the new version's name. The first image of a run is published as the next version.
func (w *World) Fresh() string {
	if w.makes() {
		return name(fresh)
	}
	return name(w.Revision().Version)
}

// name is how Arms, and the baseline of a release, name a version.
func name(number string) string { return "version " + number }

// freshCode is what the new version is made of, whatever number it is published as.
func (w *World) freshCode() string {
	if w.makes() {
		return w.codeOf(fresh)
	}
	return w.version(w.Revision().Version).CodeSHA256
}

// Offer has further code where the target's source is, or has a pipeline publish a further version.
func (w *World) Offer(n int) world.Offer {
	switch source := w.site.Target.Source; {
	case w.makes() && source.S3 != nil:
		return w.offerZip(n)
	case w.makes():
		return world.Push(w.site, w.ECR, source.ECR.Repository, w.digest(fresh), n)
	}
	offer := world.Offer{Name: world.NameOf(n), Revision: w.Revision()}
	if n > 0 {
		offer.Revision = release.Revision{Version: w.function.Next()}
		w.known[offer.Revision.Version] = true
		w.function.Versions = append(w.function.Versions, w.version(offer.Revision.Version))
	}
	return offer
}

// Released is the version that a release points the alias to.
func (w *World) Released(r *release.Release) string {
	number := r.Revision.Version
	for _, made := range r.Made {
		if made.Kind == "version" {
			number = made.ID
		}
	}
	return name(number)
}

// Clients are the platform's clients.
func (w *World) Clients(throughSDK bool) assembly.Workload {
	if !throughSDK {
		return assembly.Workload{Clients: ecsservice.Clients{SSM: w.site.SSM, ECR: w.ECR}, Lambda: w.Control, Code: w.S3, CloudWatch: w.site.CloudWatch}
	}
	region := w.site.Region
	return assembly.Workload{
		Clients: ecsservice.Clients{
			SSM: ssmsdk.NewFromConfig(world.Mounted(region, w.site.SSM.Handle)), ECR: ecrsdk.NewFromConfig(world.Mounted(region, w.ECR.Handle)),
		},
		Lambda:     lambdasdk.NewFromConfig(world.Mounted(region, w.Control.Handle)),
		Code:       s3sdk.NewFromConfig(world.Mounted(region, w.S3.Handle)),
		CloudWatch: world.CloudWatch(w.site),
	}
}

// Changes reports whether an action changes the function or its alias.
func (w *World) Changes(action string) bool {
	return action == "lambda:UpdateAlias" || action == "lambda:UpdateFunctionCode" || action == "lambda:PublishVersion"
}

// Arms returns the alias: the percent points of its routing are its units.
func (w *World) Arms() []invariant.Arm {
	arm := invariant.Arm{Service: w.function.Name + ":" + w.Alias.Name, Primary: true, Desired: 100, Running: map[string]int{}, App: map[string]int{}}
	if w.deleted() {
		arm.Desired = 0
		return []invariant.Arm{arm}
	}
	for _, version := range append([]string{w.Alias.Version}, slices.Sorted(maps.Keys(w.Alias.Weights))...) {
		points := int(100*w.Alias.Share(version) + .5)
		arm.Running[name(version)] += points
		arm.App[name(version)] += points
	}
	return []invariant.Arm{arm}
}

// Versions counts the published versions of the function.
func (w *World) Versions() int { return len(w.function.Versions) }

// LeftOver is nothing: versions are kept.
func (w *World) LeftOver(*release.Release) []string { return nil }

// Exposed counts the invocations of the new version so far.
func (w *World) Exposed() world.Exposure {
	var e world.Exposure
	for _, s := range w.Requests.Served() {
		if s.Version == w.freshCode() {
			e.Units, e.Failures = e.Units+s.Requests, e.Failures+s.Failed
		}
	}
	return e
}

// other reports whether the version that a release published is made of other code than was asked for, or kept under
// another key than the one before.
func (w *World) other(r *release.Release) bool {
	version := w.function.Version(strings.TrimPrefix(w.Released(r), name("")))
	code, ok := w.resolve(cmp.Or(r.Revision.Image, r.Revision.Code))
	return version == nil || !ok || version.CodeSHA256 != code || version.Key != w.key()
}

// FirstRan is when the new version was first invoked.
func (w *World) FirstRan() (time.Time, bool) { return w.Requests.First() }

// Broken checks what only this platform promises: no version was deleted, a release published its code once, and what it
// published is what was asked for.
func (w *World) Broken(e invariant.Ending) []string {
	published, missing := len(w.function.Versions), false
	for number := range w.known {
		published--
		missing = missing || w.function.Version(number) == nil
	}
	switch {
	case w.makes() && e.Outcome == release.OutcomeReleased && w.other(e.Release):
		return []string{fmt.Sprintf("%s is not made of %s", w.Released(e.Release), e.Release.Revision)}
	case missing:
		return []string{"a version of " + w.function.Name + " was deleted"}
	case w.makes() && published > e.Releases, !w.makes() && published > 0:
		return []string{fmt.Sprintf("%d versions of %s were published by %d releases", published, w.function.Name, e.Releases)}
	}
	return nil
}
