// Package lambdaalias is the simulated workload of the platform lambda-alias: a function whose callers invoke one alias.
//
//	world.go      World, and who does what in it
//	code.go       a function whose versions are made of container images or zip files
//	work.go       invocations, and the metrics that Lambda publishes of them
//	accidents.go  what can befall it
package lambdaalias

import (
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

// Fresh is the new version's number.
func (w *World) Fresh() string {
	if w.makes() {
		return fresh // which it is published as
	}
	return w.Revision().Version
}

// Disturb changes nothing: a scenario states services and images, and a function has neither.
func (w *World) Disturb() error { return nil }

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
	for _, version := range append([]string{w.Alias.Version}, slices.Sorted(maps.Keys(w.Alias.Weights))...) {
		points := int(100*w.Alias.Share(version) + .5)
		arm.Running["version "+version] += points
		arm.App[version] += points
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
		if s.Version == w.Fresh() {
			e.Units, e.Failures = s.Requests, s.Failed
		}
	}
	return e
}

// FirstRan is when the new version was first invoked.
func (w *World) FirstRan() (time.Time, bool) { return w.Requests.First() }

// Broken checks what only this platform promises: no version was deleted, and code was published once.
func (w *World) Broken(invariant.Ending) []string {
	switch n := len(w.function.Versions); {
	case n < 2, n < 3 && !w.makes():
		return []string{"a version of " + w.function.Name + " was deleted"}
	case n > 3:
		return []string{fmt.Sprintf("%d versions of %s were published of the same code", n-2, w.function.Name)}
	}
	return nil
}
