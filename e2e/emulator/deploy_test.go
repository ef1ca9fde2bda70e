//go:build emulator || aws

package emulator

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// deploy uploads what the synthesized stack refers to into a bucket, and creates the stack.
func (w *world) deploy(t *testing.T, name, bucket string) {
	t.Helper()
	type file struct {
		Source       struct{ Path string }
		Destinations map[string]struct{ BucketName, ObjectKey string }
	}
	text, err := os.ReadFile(synthetic + "/Serin.assets.json")
	if err != nil {
		t.Fatal(err)
	}
	assets := decode[struct{ Files map[string]file }](t, text).Files
	template, err := os.ReadFile(synthetic + "/Serin.template.json")
	if err != nil {
		t.Fatal(err)
	}
	w.aws(t, "s3", "mb", "s3://"+bucket, "--region", w.region) // in us-east-1 too, where s3api wants no constraint
	upload := t.TempDir()
	for _, asset := range assets {
		for _, to := range asset.Destinations {
			if !strings.HasSuffix(asset.Source.Path, ".template.json") {
				if err := os.Symlink(absolute(filepath.Join(synthetic, asset.Source.Path)), filepath.Join(upload, to.ObjectKey)); err != nil {
					t.Fatal(err)
				}
			}
			template = bytes.ReplaceAll(template, []byte(to.BucketName), []byte(bucket)) // the CDK's own is not asked for
		}
	}
	if err := os.WriteFile(filepath.Join(upload, "Serin.template.json"), w.known(t, template), 0o600); err != nil {
		t.Fatal(err)
	}
	w.aws(t, "s3", "cp", "--recursive", "--quiet", upload, "s3://"+bucket+"/")
	w.aws(t, "ssm", "put-parameter", "--name", bootstrap, "--type", "String", "--value", "30")
	at := w.endpoint + "/" + bucket
	if w.endpoint == "" {
		at = "https://" + bucket + ".s3." + w.region + ".amazonaws.com"
	}
	w.stack(t, name, &cloudformation.CreateStackInput{
		TemplateURL: aws.String(at + "/Serin.template.json"), Parameters: parameters("BootstrapVersion", bootstrap),
	})
	parameter := read[struct{ Parameter struct{ Value string } }](t, w.cli, "ssm", "get-parameter", "--name", "/serin/core")
	w.machine = decode[struct{ StateMachine string }](t, []byte(parameter.Parameter.Value)).StateMachine
}

// known leaves out of a template what this account's CloudFormation does not know, and what refers to it.
func (w *world) known(t *testing.T, template []byte) []byte {
	t.Helper()
	if len(w.unknown) == 0 {
		return template
	}
	whole := decode[properties](t, template)
	resources, gone := whole["Resources"].(properties), []string{}
	for left := -1; left != len(gone); {
		left = len(gone)
		for id, r := range resources {
			if r := r.(properties); w.strange(r) || refersTo(t, r, gone) {
				t.Logf("left out of the template: %s (%s)", id, r["Type"])
				delete(resources, id)
				gone = append(gone, id)
			}
		}
	}
	for _, r := range resources {
		if after, ok := r.(properties)["DependsOn"].([]any); ok {
			r.(properties)["DependsOn"] = slices.DeleteFunc(after, func(id any) bool { return slices.Contains(gone, id.(string)) })
		}
	}
	return []byte(encode(t, whole))
}

// strange says whether this account's CloudFormation cannot make a resource: it does not know the type, or not an
// alarm of several metrics.
func (w *world) strange(r properties) bool {
	kind := r["Type"].(string)
	several := kind == "AWS::CloudWatch::Alarm" && r["Properties"].(properties)["Metrics"] != nil
	return several || slices.Contains(w.unknown, kind)
}

// refersTo says whether a resource's properties name one of those that are gone.
func refersTo(t *testing.T, r properties, gone []string) bool {
	text := encode(t, r["Properties"])
	return slices.ContainsFunc(gone, func(id string) bool {
		return strings.Contains(text, `{"Ref":"`+id+`"}`) || strings.Contains(text, `{"Fn::GetAtt":["`+id+`",`)
	})
}

var mayMakeRoles = []types.Capability{types.CapabilityCapabilityNamedIam}

// stack creates a stack, which may be given all but its name, and waits for it.
func (w *world) stack(t *testing.T, name string, in *cloudformation.CreateStackInput) {
	t.Helper()
	client := cloudformation.NewFromConfig(w.config(t))
	in.StackName, in.Capabilities = &name, mayMakeRoles
	if _, err := client.CreateStack(context.Background(), in); err != nil {
		t.Fatalf("create stack %s: %v", name, err)
	}
	until(t, "stack "+name+" is not there", func() bool {
		status := w.stackStatus(t, client, name)
		if strings.Contains(status, "ROLLBACK") || strings.Contains(status, "FAILED") {
			t.Fatalf("stack %s: %s\n%s", name, status, w.aws(t, "cloudformation", "describe-stack-events", "--stack-name", name))
		}
		return status == "CREATE_COMPLETE"
	})
}

// body is a template that is sent as it is.
func body(template string, parameters ...types.Parameter) *cloudformation.CreateStackInput {
	return &cloudformation.CreateStackInput{TemplateBody: &template, Parameters: parameters}
}

// parameters are values for a template's parameters: a name, its value, and so on.
func parameters(pairs ...string) (all []types.Parameter) {
	for pair := range slices.Chunk(pairs, 2) {
		all = append(all, types.Parameter{ParameterKey: &pair[0], ParameterValue: &pair[1]})
	}
	return all
}

// stackStatus says how it stands with a stack, and why.
func (w *world) stackStatus(t *testing.T, client *cloudformation.Client, name string) string {
	t.Helper()
	out, err := client.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		t.Fatal(err)
	}
	status := string(out.Stacks[0].StackStatus)
	if reason := aws.ToString(out.Stacks[0].StackStatusReason); reason != "" {
		status += " " + reason
	}
	return status
}
