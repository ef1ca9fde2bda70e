package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/serin-aws/serin/internal/permit"
)

var update = flag.Bool("update", false, "write testdata/*.template.json")

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// explained are the findings that stay, by rule and a part of the place, each with its reason.
var explained = []struct{ rule, place, why string }{
	{"AwsSolutions-IAM5", "/Releaser/", "patterns of our own table, internal/permit, each with its reason: targets' roles and files, older versions of our functions, metrics, traces and logs"},
	{"AwsSolutions-IAM5", "/OrdersTarget/Serin/", "internal/permit says for each action why IAM takes nothing narrower; a test compares the table with what releases call"},
	{"AwsSolutions-IAM5", "/OrdersPipeline/", "the CDK's own grants on the artifacts' bucket, the key and the build's reports"},
	{"AwsSolutions-IAM5", "/OrdersWorker/ExecutionRole/", "ecr:GetAuthorizationToken knows no resource"},
	{"AwsSolutions-S1", "/Releaser/Reports/", "reports of releases; who read them stands in CloudTrail where it is wanted"},
	{"AwsSolutions-S1", "/OrdersPipeline/Artifacts/", "what the pipeline hands on, for 30 days"},
	{"AwsSolutions-SQS3", "/Missed/", "it is a dead-letter queue, of EventBridge and Lambda"},
	{"AwsSolutions-SF1", "/Releaser/Machine/", "every failure is logged; ALL would repeat what the ledger keeps"},
	{"AwsSolutions-ECS2", "/OrdersWorker/Worker/", "the variables are the queue's address and what the user writes; secrets have a field of their own"},
}

// installed renders the whole example, with a person's approval, under cdk-nag's eyes.
func installed(t *testing.T) installation {
	t.Helper()
	programs := t.TempDir()
	for _, name := range permit.Functions() {
		if err := os.WriteFile(filepath.Join(programs, string(name)+".zip"), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), Context: &map[string]any{"approval": "true"}})
	in := define(app, "target.yaml", programs)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: jsii.Bool(false)}), nil)
	return in
}

func TestExample(t *testing.T) {
	in := installed(t)
	t.Run("findings", func(t *testing.T) { explainedOnly(t, in) })
	t.Run("references", func(t *testing.T) { whole(t, in) })
	t.Run("templates", func(t *testing.T) { golden(t, in) })
}

// explainedOnly: cdk-nag's AwsSolutions pack finds nothing in any stack that is not explained here, and nothing is
// explained in vain.
func explainedOnly(t *testing.T, in installation) {
	used := make([]int, len(explained))
	for _, stack := range []awscdk.Stack{in.core, in.target, in.worker, in.pipeline} {
		for _, finding := range *assertions.Annotations_FromStack(stack).FindError(jsii.String("*"), assertions.Match_AnyValue()) {
			note(t, used, *finding.Id, fmt.Sprint(finding.Entry.Data)) //nolint:staticcheck // the type has moved in TypeScript; in Go there is only this one
		}
		for _, finding := range *assertions.Annotations_FromStack(stack).FindWarning(jsii.String("*"), assertions.Match_AnyValue()) {
			note(t, used, *finding.Id, fmt.Sprint(finding.Entry.Data)) //nolint:staticcheck // the type has moved in TypeScript; in Go there is only this one
		}
	}
	for i, e := range explained {
		if used[i] == 0 {
			t.Errorf("%s at %s is explained, but nothing finds it", e.rule, e.place)
		}
	}
}

// golden holds each stack of the example to its template as it was last looked at. The core's is package infra's.
func golden(t *testing.T, in installation) {
	for _, stack := range []awscdk.Stack{in.target, in.worker, in.pipeline} {
		text, err := json.MarshalIndent(assertions.Template_FromStack(stack, nil).ToJSON(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		file := filepath.Join("testdata", *stack.StackName()+".template.json")
		if *update {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text, want) {
			t.Errorf("%s is not what the stack renders to now; look at the difference after: make golden", file)
		}
	}
}

// whole: a template names only what is in it. What is in another stack is imported.
func whole(t *testing.T, in installation) {
	for _, stack := range []awscdk.Stack{in.core, in.target, in.worker, in.pipeline} {
		template := *assertions.Template_FromStack(stack, nil).ToJSON()
		known := map[string]bool{}
		for _, section := range []string{"Resources", "Parameters"} {
			parts, _ := template[section].(map[string]any)
			for id := range parts {
				known[id] = true
			}
		}
		for _, id := range named(template) {
			if !known[id] && !strings.HasPrefix(id, "AWS::") {
				t.Errorf("%s names %s, which is not in it", *stack.StackName(), id)
			}
		}
	}
}

// named are the logical ids that a part of a template names.
func named(node any) (ids []string) {
	switch n := node.(type) {
	case map[string]any:
		if id, ok := n["Ref"].(string); ok {
			ids = append(ids, id)
		}
		if get, ok := n["Fn::GetAtt"].([]any); ok {
			ids = append(ids, fmt.Sprint(get[0]))
		}
		for _, value := range n {
			ids = append(ids, named(value)...)
		}
	case []any:
		for _, value := range n {
			ids = append(ids, named(value)...)
		}
	}
	return ids
}

func note(t *testing.T, used []int, place, finding string) {
	t.Helper()
	for i, e := range explained {
		if strings.Contains(finding, e.rule) && strings.Contains(place, e.place) {
			used[i]++
			return
		}
	}
	t.Errorf("%s: %s", place, finding)
}
