package ecsservice

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecssdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

const (
	oldTag  = "release-41"
	newTag  = "release-42"
	sidecar = "public.ecr.aws/aws-observability/aws-otel-collector:v0.40.0"
)

// versions are the two versions that a rehearsal is about.
type versions struct {
	repository string
	old, fresh release.Digest // fresh is empty where the registry has no such image
	revision   release.Revision
}

// versionsOf says which version serves and which one is released. A new version is a new digest, unless the scenario's
// registry says what its tag means.
func versionsOf(target release.Target, s scenario.Scenario) versions {
	v := versions{
		repository: string(target.Name),
		old:        release.Digest(ecr.Digest("the version that serves " + string(target.Name))),
		fresh:      release.Digest(ecr.Digest("the new version of " + string(target.Name))),
		revision:   s.Revision,
	}
	if target.Source.ECR != nil {
		v.repository = target.Source.ECR.Repository
	}
	if v.revision.IsZero() {
		v.revision.Image = v.repository + ":" + newTag
	}
	tags, stated := s.World.Registry[v.repository]
	if stated && v.revision.Image != "" {
		v.fresh = tags[tagOf(v.revision.Image)]
	}
	if _, digest, pinned := strings.Cut(v.revision.Image, "@"); pinned {
		v.fresh = release.Digest(digest)
	}
	return v
}

func tagOf(image string) string {
	name := image[strings.LastIndex(image, "/")+1:]
	_, tag, tagged := strings.Cut(name, ":")
	if !tagged {
		return "latest"
	}
	return tag
}

// populate builds the workload that a target and a scenario describe, in its steady state.
func (w *Services) populate() error {
	s := w.site.Scenario
	w.fillRegistry(s)
	w.ECS.CreateCluster(NameOf(w.place.Cluster))
	if err := w.populateService(s, w.place.Canary, s.World.CanaryTasks); err != nil {
		return err
	}
	if err := w.populateService(s, w.place.Primary, s.World.PrimaryTasks); err != nil {
		return err
	}
	w.settleRegistry(s)
	return nil
}

// Disturb makes of the services what the scenario states, at the moment that the release is started.
func (w *Services) Disturb() error {
	if scan := w.site.Scenario.World.Scan; scan != nil {
		w.ECR.ScanOnPush(w.versions.repository, w.scanOf(*scan))
	}
	services := w.site.Scenario.World.Services
	for _, name := range slices.Sorted(maps.Keys(services)) {
		if err := w.disturbService(name, services[name]); err != nil {
			return err
		}
	}
	return nil
}

// fillRegistry has everything that runs before the release, under the tags that it was started from.
func (w *Services) fillRegistry(s scenario.Scenario) {
	v := w.versions
	w.ECR.AddForeign(sidecar, ecr.Digest(sidecar))
	yesterday := w.site.Loop.Now().Add(-24 * time.Hour)
	w.ECR.PushImageAt(yesterday, v.repository, string(v.old), oldTag)
	for _, name := range slices.Sorted(maps.Keys(s.World.Services)) {
		service := s.World.Services[name]
		digest := cmp.Or(string(service.Digest), string(v.old))
		if service.Image != "" && !strings.Contains(service.Image, "@") {
			w.ECR.PushImageAt(yesterday, v.repository, digest, tagOf(service.Image))
		} else if service.Digest != "" {
			w.ECR.PushImageAt(yesterday, v.repository, digest)
		}
	}
}

// settleRegistry is what the registry has when the release starts: what the scenario states, or the new version under
// its tag.
func (w *Services) settleRegistry(s scenario.Scenario) {
	v := w.versions
	for _, repository := range slices.Sorted(maps.Keys(s.World.Registry)) {
		w.ECR.CreateRepository(repository)
		for _, tag := range slices.Sorted(maps.Keys(s.World.Registry[repository])) {
			w.ECR.PushImage(repository, string(s.World.Registry[repository][tag]), tag)
		}
	}
	inside := v.revision.Image == "" || strings.HasPrefix(v.revision.Image, v.repository)
	if _, stated := s.World.Registry[v.repository]; !stated && v.fresh != "" && inside {
		if strings.Contains(v.revision.Image, "@") {
			w.ECR.PushImage(v.repository, string(v.fresh))
		} else {
			w.ECR.PushImage(v.repository, string(v.fresh), tagOf(cmp.Or(v.revision.Image, newTag)))
		}
	}
}

// scanOf is a scenario's scan as ECR has it: it begins with the release.
func (w *Services) scanOf(s scenario.Scan) ecr.Scan {
	scan := ecr.Scan{Since: w.site.Loop.Now(), Takes: s.Takes.Std(), Findings: map[string]int{}}
	if s.Fails {
		scan.Status = "FAILED"
	}
	for severity, n := range s.Findings {
		scan.Findings[strings.ToUpper(string(severity))] = n
	}
	return scan
}

// populateService makes a service and its task definition.
func (w *Services) populateService(s scenario.Scenario, name string, tasks int) error {
	stated := s.World.Services[name]
	if stated.Missing {
		return nil
	}
	family, _, _ := strings.Cut(cmp.Or(stated.TaskDefinition, name), ":")
	definition, err := w.ECS.CreateTaskDefinition(w.definition(family, name, stated))
	if err != nil {
		return err
	}
	w.deployed[name] = definition
	return w.createService(s, name, definition, tasks)
}

func (w *Services) createService(s scenario.Scenario, name, definition string, tasks int) error {
	stated := s.World.Services[name]
	if stated.Tasks != nil {
		tasks = *stated.Tasks
	}
	breaker := stated.CircuitBreaker == nil || *stated.CircuitBreaker
	_, err := w.ECS.CreateService(ecs.ServiceSpec{
		Cluster: NameOf(w.place.Cluster), Name: name, TaskDefinition: definition, Desired: tasks, Container: w.place.Container,
		Rolling: &ecstypes.DeploymentConfiguration{
			MinimumHealthyPercent: aws.Int32(100), MaximumPercent: aws.Int32(200),
			DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: breaker, Rollback: breaker},
		},
		Balanced: w.balanced(name),
		Strategy: []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String(cmp.Or(stated.CapacityProvider, "FARGATE")), Weight: 1}},
	})
	return err
}

// definition is a task definition as people have them: a worker, a sidecar, and values that nobody may see.
func (w *Services) definition(family, service string, stated scenario.Service) *ecssdk.RegisterTaskDefinitionInput {
	image := ecr.URI(w.versions.repository) + ":" + oldTag
	switch {
	case stated.Image != "" && strings.Contains(strings.Split(stated.Image, "/")[0], "."):
		image = stated.Image
	case stated.Image != "":
		image = ecr.URI(stated.Image)
	}
	environment := []ecstypes.KeyValuePair{
		{Name: aws.String("DATABASE_URL"), Value: aws.String(world.Secrets[0])},
		{Name: aws.String("SERVICE"), Value: aws.String(service)},
	}
	for _, name := range slices.Sorted(maps.Keys(stated.Environment)) {
		environment = append(environment, ecstypes.KeyValuePair{Name: aws.String(name), Value: aws.String(stated.Environment[name])})
	}
	logs := func(name string) *ecstypes.LogConfiguration {
		return &ecstypes.LogConfiguration{LogDriver: ecstypes.LogDriverAwslogs, Options: map[string]string{
			"awslogs-group": "/ecs/" + service, "awslogs-stream-prefix": name, "awslogs-datetime-format": world.Secrets[1],
		}}
	}
	return &ecssdk.RegisterTaskDefinitionInput{
		Family: aws.String(family), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: ecstypes.NetworkModeAwsvpc,
		TaskRoleArn:             aws.String("arn:aws:iam::" + w.site.Account + ":role/orders-worker-task"),
		ExecutionRoleArn:        aws.String("arn:aws:iam::" + w.site.Account + ":role/orders-worker-execution"),
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		RuntimePlatform:         &ecstypes.RuntimePlatform{CpuArchitecture: ecstypes.CPUArchitectureArm64, OperatingSystemFamily: ecstypes.OSFamilyLinux},
		ContainerDefinitions: []ecstypes.ContainerDefinition{
			{
				Name: aws.String(w.place.Container), Image: aws.String(image), Essential: aws.Bool(true), StopTimeout: aws.Int32(30),
				Command: []string{"worker", "--token", world.Secrets[2]}, Environment: environment, LogConfiguration: logs("worker"),
				Secrets: []ecstypes.Secret{{Name: aws.String("API_KEY"), ValueFrom: aws.String("arn:aws:secretsmanager:eu-central-1:" + w.site.Account + ":secret:orders-AbCdEf")}},
			},
			{Name: aws.String("telemetry"), Image: aws.String(sidecar), Essential: aws.Bool(false), LogConfiguration: logs("telemetry")},
		},
	}
}

// disturbService makes of a service what the scenario states, to rehearse refusals.
func (w *Services) disturbService(name string, stated scenario.Service) error {
	cluster := NameOf(w.place.Cluster)
	if stated.Deploying {
		if err := w.ECS.ForeignUpdate(&ecssdk.UpdateServiceInput{Cluster: &cluster, Service: &name, ForceNewDeployment: true}); err != nil {
			return err
		}
	}
	if stated.Inactive {
		return w.ECS.ForeignDeregister(cmp.Or(stated.TaskDefinition, name+":1"))
	}
	return nil
}

// NameOf returns the last part of an ARN or a URL, and a name as it is.
func NameOf(text string) string { return text[strings.LastIndex(text, "/")+1:] }
