//go:build emulator

package emulator

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// example installs examples/queue-worker as it is synthesized, but for what the emulator does not carry and with a
// shorter plan, and releases as its pipeline's release stage does. A second deployment of the worker's stack then moves
// nothing that runs.
func example(t *testing.T, world *world) {
	w := &workload{world: world, name: "orders-worker", place: "orders", example: true, single: true}
	w.installed(t, "OrdersTarget", `{\"weight\":10,\"bake\":\"10m\"},{\"weight\":25,\"bake\":\"10m\"}`, `{\"weight\":25,\"bake\":\"1m\"}`, `\"settle\":\"15m\"`, `\"settle\":\"10s\"`)
	w.prepare(w, "initial", 0)
	before := w.push(t, w, "initial", 0)
	w.installed(t, "OrdersWorker")
	w.standIn(t, w.name+"-canary-failures")
	w.installed(t, "OrdersPipeline")
	t.Cleanup(func() { w.evidence(t, w.name) })
	w.serves(t, before)
	w.steady(t)
	w.produce(t)

	digest := w.image(t, "build-0123456789abcdef", 0) // as the pipeline's build stage names it
	stage := w.releaseStage(t)
	execution := stage.run(t, w, w.repository()+"@"+digest)
	w.canaryRuns(t, digest)
	w.ends(t, execution, "SUCCEEDED", "")
	if got := read[ending](t, stage.cli, "stepfunctions", "describe-execution", "--execution-arn", execution).Status; got != "SUCCEEDED" {
		t.Errorf("the stage sees %s at its end", got)
	}
	w.serves(t, digest)
	w.told(t, execution, "released")

	served := w.deployments(t)
	w.deployedAgain(t, "OrdersWorker")
	if now := w.deployments(t); !slices.Equal(now, served) {
		t.Errorf("a second deployment of the worker's stack moved what serves\n  from %v\n  to   %v", served, now)
	}
	w.settle(t, "")
}

// installed creates a stack of the example, with texts in its template replaced.
func (w *world) installed(t *testing.T, name string, replaced ...string) {
	t.Helper()
	text := synthesized(t, name)
	for pair := range slices.Chunk(replaced, 2) {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("the template of %s has no %s", name, pair[0])
		}
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	w.stack(t, name, body(string(w.known(t, []byte(text))), parameters("BootstrapVersion", bootstrap)...))
}

// standIn makes a plain alarm in place of one of several metrics, which the emulator does not know.
func (w *world) standIn(t *testing.T, alarm string) {
	t.Helper()
	w.aws(t, "cloudwatch", "put-metric-alarm", "--alarm-name", alarm, "--namespace", "Orders", "--metric-name", "Failed", "--statistic", "Sum",
		"--dimensions", "Name=Service,Value=orders-worker-canary", "--period", "60", "--evaluation-periods", "2", "--threshold", "1000",
		"--comparison-operator", "GreaterThanThreshold", "--treat-missing-data", "notBreaching")
}

// deployedAgain deploys a stack of the example once more, as it is synthesized.
func (w *world) deployedAgain(t *testing.T, name string) {
	t.Helper()
	client, template := cloudformation.NewFromConfig(w.config(t)), string(w.known(t, []byte(synthesized(t, name))))
	in := &cloudformation.UpdateStackInput{StackName: &name, TemplateBody: &template, Parameters: parameters("BootstrapVersion", bootstrap), Capabilities: mayMakeRoles}
	if _, err := client.UpdateStack(t.Context(), in); err != nil {
		t.Fatalf("update stack %s: %v", name, err)
	}
	until(t, "stack "+name+" is not updated", func() bool { return w.stackStatus(t, client, name) == "UPDATE_COMPLETE" })
}

func synthesized(t *testing.T, stack string) string {
	t.Helper()
	text, err := os.ReadFile(synthetic + "/" + stack + ".template.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// deployments names what each of the two services runs and since which deployment.
func (w *workload) deployments(t *testing.T) (all []string) {
	t.Helper()
	out, err := ecs.NewFromConfig(w.config(t)).DescribeServices(t.Context(), &ecs.DescribeServicesInput{
		Cluster: aws.String(w.where()), Services: []string{w.name, w.name + "-canary"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range out.Services {
		for _, d := range s.Deployments {
			all = append(all, aws.ToString(s.ServiceName)+" "+aws.ToString(d.Id)+" "+aws.ToString(d.TaskDefinition))
		}
	}
	return all
}

// stage is the release stage of the example's pipeline, in CodePipeline's hands.
type stage struct {
	cli                    // with the role of its action
	machine, prefix, input string
}

// releaseStage reads the stage from the template as CodePipeline would have it, and takes on the role of its action.
// Nobody but CodePipeline may take on the pipeline's own role, which that role trusts: here the account may.
func (w *workload) releaseStage(t *testing.T) stage {
	t.Helper()
	template := decode[struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				RoleArn json.RawMessage
				Stages  []struct {
					Actions []struct {
						Configuration struct {
							Input, InputType, ExecutionNamePrefix string
							StateMachineArn                       map[string]string
						}
						RoleArn json.RawMessage
					}
				}
			}
		}
	}](t, []byte(synthesized(t, "OrdersPipeline")))
	for _, r := range template.Resources {
		if r.Type != "AWS::CodePipeline::Pipeline" {
			continue
		}
		action := r.Properties.Stages[len(r.Properties.Stages)-1].Actions[0]
		pipeline := w.roleOf(t, "OrdersPipeline", r.Properties.RoleArn)
		w.aws(t, "iam", "update-assume-role-policy", "--role-name", pipeline, "--policy-document", encode(t, trusts(properties{"AWS": "arn:aws:iam::" + w.account + ":root"})))
		if action.Configuration.InputType != "Literal" {
			t.Fatalf("the input is %s", action.Configuration.InputType)
		}
		return stage{
			cli:     w.assume(t, w.assume(t, w.cli, pipeline, "codepipeline"), w.roleOf(t, "OrdersPipeline", action.RoleArn), "codepipeline"),
			machine: w.exported(t, action.Configuration.StateMachineArn["Fn::ImportValue"]),
			prefix:  action.Configuration.ExecutionNamePrefix, input: action.Configuration.Input,
		}
	}
	t.Fatal("the template has no pipeline")
	return stage{}
}

// run starts the execution: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StepFunctions.html
func (s stage) run(t *testing.T, w *workload, image string) (execution string) {
	t.Helper()
	const id = "5a4b3c2d-1111-2222-3333-444455556666"
	input := strings.NewReplacer("#{codepipeline.PipelineExecutionId}", id, "#{Build.IMAGE}", image).Replace(s.input)
	if strings.Contains(input, "#{") {
		t.Fatalf("not every variable is known: %s", input)
	}
	return read[struct{ ExecutionArn string }](t, s.cli, "stepfunctions", "start-execution",
		"--state-machine-arn", s.machine, "--name", s.prefix+"-"+id, "--input", input).ExecutionArn
}

// roleOf names the role of a stack that {"Fn::GetAtt": [its logical id, "Arn"]} means.
func (w *world) roleOf(t *testing.T, stack string, attribute json.RawMessage) string {
	t.Helper()
	id := decode[map[string][]string](t, attribute)["Fn::GetAtt"][0]
	for _, r := range w.resources(t, stack) {
		if r.LogicalResourceID == id {
			return r.PhysicalResourceID
		}
	}
	t.Fatalf("stack %s has no role %s", stack, id)
	return ""
}

// exported is the value of an export.
func (w *world) exported(t *testing.T, name string) string {
	t.Helper()
	for _, e := range read[struct {
		Exports []struct{ Name, Value string }
	}](t, w.cli, "cloudformation", "list-exports").Exports {
		if e.Name == name {
			return e.Value
		}
	}
	t.Fatalf("nothing is exported as %s", name)
	return ""
}
