package infra_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipeline"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodepipelineactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/infra"
	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/release"
)

const targetFile = "../examples/orders-worker/target.yaml"

// programs returns a folder with stand-ins for the functions' programs.
func programs(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range permit.Functions() {
		if err := os.WriteFile(filepath.Join(folder, string(name)+".zip"), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// triggers returns the template of a stack with a push rule and a pipeline for the example's target.
func triggers(t *testing.T) map[string]resource {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	core := awscdk.NewStack(app, jsii.String("Serin"), nil)
	serin := infra.NewReleaser(core, "Releaser", &infra.ReleaserProps{Code: programs(t)})
	stack := awscdk.NewStack(app, jsii.String("Orders"), nil)
	target := infra.ReadTarget(targetFile)
	infra.NewReleaseOnImagePush(stack, "Push", &infra.ReleaseOnPushProps{StateMachine: serin.StateMachine, Topic: serin.Topic, Target: target})
	infra.NewReleaseOnCodePut(stack, "Put", &infra.ReleaseOnPushProps{StateMachine: serin.StateMachine, Topic: serin.Topic, Target: infra.ReadTarget("../examples/orders-api/target-zip.yaml")})
	source := awscodepipeline.NewArtifact(nil, nil)
	pipeline := awscodepipeline.NewPipeline(stack, jsii.String("Pipeline"), &awscodepipeline.PipelineProps{PipelineType: awscodepipeline.PipelineType_V2})
	pipeline.AddStage(&awscodepipeline.StageOptions{StageName: jsii.String("Source"), Actions: &[]awscodepipeline.IAction{
		awscodepipelineactions.NewS3SourceAction(&awscodepipelineactions.S3SourceActionProps{
			ActionName: jsii.String("Source"), Output: source, Bucket: awss3.NewBucket(stack, jsii.String("Code"), nil), BucketKey: jsii.String("code.zip"),
		}),
	}})
	release := infra.ReleaseActionProps{Target: target, Revision: infra.Revision{Image: "orders-worker:release-42"}}
	job := release
	job.Name = "Job"
	pipeline.AddStage(&awscodepipeline.StageOptions{StageName: jsii.String("Release"), Actions: &[]awscodepipeline.IAction{
		infra.NewReleaseAction(serin.StateMachine, &release),
		infra.NewReleaseJob(serin.Functions["pipeline"], &job),
	}})
	return resourcesOf(t, *assertions.Template_FromStack(stack, nil).ToJSON())
}

func TestTriggers(t *testing.T) {
	resources := triggers(t)
	t.Run("push", func(t *testing.T) {
		pushStartsARelease(t, resources, "Push", `{"action-type":["PUSH"],"image-tag":[{"wildcard":"release-*"}],"repository-name":["orders-worker"],"result":["SUCCESS"]}`,
			"image-push.json", "orders-worker", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders-worker@sha256:41d0")
	})
	t.Run("put", func(t *testing.T) {
		pushStartsARelease(t, resources, "Put", `{"bucket":{"name":["orders-code"]},"object":{"key":[{"prefix":"orders-api/"}]}}`,
			"code-put.json", "orders-api", "s3://orders-code/orders-api/release-42.zip?versionId=")
	})
	t.Run("pipeline", func(t *testing.T) { pipelineStartsARelease(t, resources) })
}

// What EventBridge makes of the rule's input, filled in as its documentation says, is an input that serin takes.
func pushStartsARelease(t *testing.T, resources map[string]resource, named, matches, sample string, of release.TargetName, what string) {
	var rule resource
	for id, r := range resources {
		if r.Type == "AWS::Events::Rule" && strings.HasPrefix(id, named) {
			rule = r
		}
	}
	var properties struct {
		EventPattern struct{ Detail map[string]any }
		Targets      []struct {
			DeadLetterConfig map[string]any
			InputTransformer struct{ InputTemplate string }
			RetryPolicy      struct{ MaximumRetryAttempts int }
		}
	}
	remarshal(t, rule.Properties, &properties)
	if detail := textOf(properties.EventPattern.Detail); detail != matches {
		t.Errorf("it matches %s", detail)
	}
	target := properties.Targets[0]
	if len(target.DeadLetterConfig) == 0 || target.RetryPolicy.MaximumRetryAttempts == 0 {
		t.Errorf("an event that cannot be delivered is lost: %+v", target)
	}
	text, err := os.ReadFile("../events/" + sample)
	if err != nil {
		t.Fatal(err)
	}
	var push struct{ Event json.RawMessage }
	if err := json.Unmarshal(text, &push); err != nil {
		t.Fatal(err)
	}
	input := strings.ReplaceAll(target.InputTransformer.InputTemplate, "<aws.events.event.json>", string(push.Event))
	request, err := events.Decode([]byte(input))
	if err != nil || request.Target != of || !strings.HasPrefix(request.Revision.Image+request.Revision.Code, what) {
		t.Errorf("%s: %+v, %v", input, request, err)
	}
}

func pipelineStartsARelease(t *testing.T, resources map[string]resource) {
	var properties struct {
		Stages []struct {
			Actions []struct {
				Type          struct{ Provider string } `json:"ActionTypeId"`
				Configuration map[string]any
			}
		}
	}
	remarshal(t, only(t, resources, "AWS::CodePipeline::Pipeline").Properties, &properties)
	for i, field := range []string{"Input", "UserParameters"} {
		action := properties.Stages[1].Actions[i]
		request, err := events.Decode([]byte(textOf(action.Configuration[field])))
		if err != nil || request.Target != "orders-worker" || request.Revision.Image != "orders-worker:release-42" {
			t.Errorf("%s: %+v, %v", action.Type.Provider, request, err)
		}
		if request.Reason != "pipeline execution #{codepipeline.PipelineExecutionId}" {
			t.Errorf("reason %q", request.Reason)
		}
	}
	if name := properties.Stages[1].Actions[0].Configuration["ExecutionNamePrefix"]; name != "orders-worker" {
		t.Errorf("executions are named %v-...", name)
	}
}

// remarshal reads a part of a template into a struct.
func remarshal(t *testing.T, from, to any) {
	t.Helper()
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}
