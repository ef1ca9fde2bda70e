package infra_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
)

// newWorker is the template of a worker that is made with its canary.
func newWorker(t *testing.T, change func(*infra.QueueWorkerCanaryProps)) map[string]resource {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := awscdk.NewStack(app, jsii.String("Orders"), nil)
	props := &infra.QueueWorkerCanaryProps{
		Target: infra.ReadTarget(targetFile),
		NewService: &infra.ServiceProps{
			Vpc: awsec2.NewVpc(stack, jsii.String("Vpc"), nil), Repository: awsecr.NewRepository(stack, jsii.String("Repository"), nil),
		},
	}
	if change != nil {
		change(props)
	}
	infra.NewQueueWorkerCanary(stack, "Worker", props)
	return resourcesOf(t, *assertions.Template_FromStack(stack, nil).ToJSON())
}

// adopted is the template of somebody's own worker, with a canary put beside it.
func adopted(t *testing.T) map[string]resource {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := awscdk.NewStack(app, jsii.String("Theirs"), nil)
	definition := awsecs.NewFargateTaskDefinition(stack, jsii.String("Task"), nil)
	definition.AddContainer(jsii.String("proxy"), &awsecs.ContainerDefinitionOptions{Image: awsecs.ContainerImage_FromRegistry(jsii.String("envoy:1"), nil)})
	definition.AddContainer(jsii.String("worker"), &awsecs.ContainerDefinitionOptions{Image: awsecs.ContainerImage_FromRegistry(jsii.String("orders-worker:release-7"), nil)})
	service := awsecs.NewFargateService(stack, jsii.String("Service"), &awsecs.FargateServiceProps{
		Cluster:        awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: awsec2.NewVpc(stack, jsii.String("Vpc"), nil), ClusterName: jsii.String("prod")}),
		TaskDefinition: definition, ServiceName: jsii.String("orders-worker"), DesiredCount: jsii.Number(4), MinHealthyPercent: jsii.Number(100),
	})
	infra.NewQueueWorkerCanary(stack, "Canary", &infra.QueueWorkerCanaryProps{
		Target: infra.ReadTarget(targetFile), Service: service, Queue: awssqs.NewQueue(stack, jsii.String("Queue"), nil),
	})
	return resourcesOf(t, *assertions.Template_FromStack(stack, nil).ToJSON())
}

// usualWorker and usualAdopted are both, rendered once.
func usualWorker(t *testing.T) map[string]resource {
	usual.worker.Do(func() { usual.made = newWorker(t, nil) })
	return usual.made
}

func usualAdopted(t *testing.T) map[string]resource {
	usual.adopted.Do(func() { usual.existing = adopted(t) })
	return usual.existing
}

// deployed is what CloudFormation makes of the properties of a template's resources of some types, for what
// /serin/live holds at that moment.
func deployed(resources map[string]resource, live []any, kinds ...string) map[string]any {
	out := map[string]any{}
	for id, r := range resources {
		if slices.Contains(kinds, r.Type) {
			out[id] = resolve(r.Properties, live)
		}
	}
	return out
}

// resolve evaluates the intrinsic functions that depend on what is live.
func resolve(node any, live []any) any {
	switch n := node.(type) {
	case map[string]any:
		if branches, ok := n["Fn::If"].([]any); ok && strings.Contains(textOf(branches[0]), "Released") {
			if live[0] != "none" {
				return resolve(branches[1], live)
			}
			return resolve(branches[2], live)
		}
		if selected, ok := n["Fn::Select"].([]any); ok {
			if ref, ok := selected[1].(map[string]any); ok && strings.Contains(textOf(ref["Ref"]), "Live") {
				index := map[string]int{"0": 0, "1": 1, "2": 2}[textOf(selected[0])]
				return live[index]
			}
		}
		out := map[string]any{}
		for key, value := range n {
			out[key] = resolve(value, live)
		}
		return out
	case []any:
		out := make([]any, len(n))
		for i, value := range n {
			out[i] = resolve(value, live)
		}
		return out
	}
	return node
}

const (
	kindService    = "AWS::ECS::Service"
	kindDefinition = "AWS::ECS::TaskDefinition"
)

var (
	nothing  = []any{"none", "none", "none"}
	released = []any{"repo@sha256:41d0", "definition/orders-worker:7", "definition/orders-worker-canary:7"}
	again    = []any{"repo@sha256:9b1e", "definition/orders-worker:9", "definition/orders-worker-canary:9"}
)

// A deployment after a release is told what serves and changes nothing: the services stay on the definitions that the
// release brought, with the number of tasks that they have.
func TestDeploymentAfterARelease(t *testing.T) {
	for name, resources := range map[string]map[string]resource{"new": usualWorker(t), "adopted": usualAdopted(t)} {
		t.Run(name, func(t *testing.T) {
			for _, live := range [][]any{released, again} {
				var definitions []any
				for id, properties := range deployed(resources, live, kindService) {
					service, _ := properties.(map[string]any)
					if _, counted := service["DesiredCount"]; counted {
						t.Errorf("%s sets the number of tasks", id)
					}
					definitions = append(definitions, service["TaskDefinition"])
				}
				if len(definitions) != 2 || !slices.Contains(definitions, live[1]) || !slices.Contains(definitions, live[2]) {
					t.Errorf("the services go to %v, but %v serve", definitions, live[1:])
				}
			}
			for id, properties := range deployed(resources, released, kindDefinition) {
				if text := textOf(properties); !strings.Contains(text, `"Image":"repo@sha256:41d0"`) {
					t.Errorf("%s registers another image than the one that serves: %s", id, text)
				}
				if resources[id].DeletionPolicy != "Retain" {
					t.Errorf("%s is deregistered when another takes its place", id)
				}
			}
		})
	}
}

// Before the first release the services run what the template says.
func TestDeploymentBeforeTheFirstRelease(t *testing.T) {
	resources := usualWorker(t)
	for id, properties := range deployed(resources, nothing, kindService) {
		service, _ := properties.(map[string]any)
		if ref, ok := service["TaskDefinition"].(map[string]any); !ok || !strings.Contains(textOf(ref["Ref"]), "Definition") {
			t.Errorf("%s runs %v", id, service["TaskDefinition"])
		}
	}
}

// A change of the infrastructure registers revisions and moves no service: what brings them out is a release.
func TestChangeOfInfrastructureMovesNothing(t *testing.T) {
	before := usualWorker(t)
	after := newWorker(t, func(p *infra.QueueWorkerCanaryProps) {
		p.NewService.Environment = map[string]*string{"MODE": jsii.String("new")}
		p.NewService.Memory = 1024
	})
	if got, want := deployed(after, released, kindService), deployed(before, released, kindService); !reflect.DeepEqual(got, want) {
		t.Errorf("the services change:\n%s\n%s", textOf(want), textOf(got))
	}
	if reflect.DeepEqual(deployed(after, released, kindDefinition), deployed(before, released, kindDefinition)) {
		t.Error("nothing is registered")
	}
}

// The canary's definition is the primary's but for its family: nothing else tells the versions apart.
func TestCanaryIsACopy(t *testing.T) {
	for name, resources := range map[string]map[string]resource{"new": usualWorker(t), "adopted": usualAdopted(t)} {
		definitions := deployed(resources, released, kindDefinition)
		if len(definitions) != 2 {
			t.Fatalf("%s: %d definitions", name, len(definitions))
		}
		var bare []any
		for _, properties := range definitions {
			definition, _ := properties.(map[string]any)
			definition = maps.Clone(definition)
			delete(definition, "Family")
			bare = append(bare, definition)
		}
		if !reflect.DeepEqual(bare[0], bare[1]) {
			t.Errorf("%s: %s\n%s", name, textOf(bare[0]), textOf(bare[1]))
		}
	}
}

// The alarms that the construct makes are those that a target may name.
func TestQueueWorkerDefaults(t *testing.T) {
	resources := usualWorker(t)
	var alarms []string
	for _, r := range resources {
		switch r.Type {
		case "AWS::CloudWatch::Alarm":
			alarms = append(alarms, textOf(r.Properties["AlarmName"]))
		case kindDefinition:
			if text := textOf(r.Properties); !strings.Contains(text, `"CpuArchitecture":"ARM64"`) || !strings.Contains(text, `"ReadonlyRootFilesystem":true`) {
				t.Errorf("definition %s", text)
			}
		case "AWS::SQS::Queue":
			if redrive, ok := r.Properties["RedrivePolicy"].(map[string]any); ok && redrive["maxReceiveCount"] != 5.0 {
				t.Errorf("redrive %v", redrive)
			}
		case "AWS::ApplicationAutoScaling::ScalingPolicy":
			if text := textOf(r.Properties); !strings.Contains(text, "waiting / (primary + FILL(canary, 0))") {
				t.Errorf("scaling %s", text)
			}
		}
	}
	slices.Sort(alarms)
	if want := []string{"orders-worker-canary-failures", "orders-worker-dlq-not-empty", "orders-worker-oldest-message"}; !slices.Equal(alarms, want) {
		t.Errorf("alarms %v", alarms)
	}
}

func TestQueueWorkerCanaryRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*infra.QueueWorkerCanaryProps)
		want   string
	}{
		"another platform":         {func(p *infra.QueueWorkerCanaryProps) { p.Target = infra.ReadTarget(balancedFile) }, "platform ecs-queue"},
		"nothing to put it beside": {func(p *infra.QueueWorkerCanaryProps) { p.NewService = nil }, "either the Service that exists or the NewService"},
		"no images":                {func(p *infra.QueueWorkerCanaryProps) { p.NewService.Repository = nil }, "needs a Vpc and a Repository"},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, c.want, func() { newWorker(t, c.change) }) })
	}
}
