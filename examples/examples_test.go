package main

import (
	"bytes"
	"encoding/json"
	"errors"
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

	"github.com/serin-aws/serin/examples/site"
	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/synthesis"
)

var update = flag.Bool("update", false, "write testdata/*.template.json")

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	synthesis.Close()
	os.Exit(code)
}

// explained are the findings that stay, by rule and a part of the place, each with its reason.
var explained = []struct{ rule, place, why string }{
	{"AwsSolutions-IAM5", "/Releaser/", "patterns of our own table, internal/permit, each with its reason: targets' roles and files, older versions of our functions, metrics, traces and logs"},
	{"AwsSolutions-IAM5", "Target/Serin/", "internal/permit says for each action why IAM takes nothing narrower; a test compares the table with what releases call"},
	{"AwsSolutions-IAM5", "/OrdersPipeline/", "the CDK's own grants on the artifacts' bucket, the key and the build's reports"},
	{"AwsSolutions-IAM5", "/OrdersWorker/ExecutionRole/", "ecr:GetAuthorizationToken knows no resource"},
	{"AwsSolutions-S1", "/Releaser/Reports/", "reports of releases; who read them stands in CloudTrail where it is wanted"},
	{"AwsSolutions-S1", "/OrdersPipeline/Artifacts/", "what the pipeline hands on, for 30 days"},
	{"AwsSolutions-SQS3", "/Missed/", "it is a dead-letter queue, of EventBridge and Lambda"},
	{"AwsSolutions-SF1", "/Releaser/Machine/", "every failure is logged; ALL would repeat what the ledger keeps"},
	{"AwsSolutions-IAM5", "/ShopWeb/Web/Definition/ExecutionRole/", "ecr:GetAuthorizationToken knows no resource"},
	{"AwsSolutions-S1", "/ShopWeb/AccessLogs/", "it holds access logs itself: those of the load balancer"},
	{"AwsSolutions-EC23", "/ShopWeb/Balancer/", "a shop is open to everybody, on port 443"},
	{"AwsSolutions-IAM5", "/CatalogueTarget/Maker/", "what CloudFormation makes gets its id only then; what has a name begins with its stack's: infra/mirrorrole.go"},
	{"AwsSolutions-IAM4", "/Catalogue/Service/Role", "AWS's own policy to pull images: the repository is in a parameter of the stack"},
	{"AwsSolutions-ELB2", "/Catalogue/Service/Balancer", "inside of the network by default; whoever wants its access logs names a bucket in the template"},
	{"AwsSolutions-AS3", "/Catalogue/Service/Group", "a machine that does not come up fails the update, which a release sees"},
	{"CdkNagValidationFailure", "/Catalogue/Service/BalancerSecurity", "who may ask is a parameter of the stack, by default 10.0.0.0/8"},
	{"AwsSolutions-ECS2", "/OrdersWorker/Worker/", "the variables are the queue's address and what the user writes; secrets have a field of their own"},
}

// rendered is an example under cdk-nag's eyes, with a person's approval.
func rendered(t *testing.T, e example) []awscdk.Stack {
	t.Helper()
	programs := t.TempDir()
	for _, name := range permit.Functions() {
		if err := os.WriteFile(filepath.Join(programs, string(name)+".zip"), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), Context: &map[string]any{"approval": "true"}})
	stacks := e.define(app, site.Place{Folder: e.name, Programs: programs})
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: jsii.Bool(false)}), nil)
	return stacks
}

func TestExamples(t *testing.T) {
	used := make([]int, len(explained))
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			alarms := map[string]bool{}
			for _, stack := range rendered(t, e) {
				explainedOnly(t, stack, used)
				whole(t, stack)
				alarmsOf(stack, alarms)
				if *stack.StackName() != "Serin" { // package infra's
					golden(t, e.name, stack)
				}
			}
			for _, alarm := range (site.Place{Folder: e.name}).Target().Checks.Alarms {
				if !alarms[alarm] {
					t.Errorf("the target asks for the alarm %s, which no stack makes", alarm)
				}
			}
		})
	}
	for i, e := range explained {
		if used[i] == 0 {
			t.Errorf("%s at %s is explained, but nothing finds it", e.rule, e.place)
		}
	}
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		names string
		want  int
	}{{"", len(examples)}, {"shop-web", 1}, {"shop-web orders-api", 2}} {
		if got, err := choose(strings.Fields(c.names)); err != nil || len(got) != c.want {
			t.Errorf("%q: %d, %v", c.names, len(got), err)
		}
	}
	if _, err := choose([]string{"shop"}); err == nil || !strings.Contains(err.Error(), `no example "shop"`) {
		t.Errorf("%v", err)
	}
}

// explainedOnly: cdk-nag's AwsSolutions pack finds nothing in a stack that is not explained here.
func explainedOnly(t *testing.T, stack awscdk.Stack, used []int) {
	t.Helper()
	found := assertions.Annotations_FromStack(stack)
	findings := append(*found.FindError(jsii.String("*"), assertions.Match_AnyValue()), *found.FindWarning(jsii.String("*"), assertions.Match_AnyValue())...)
	for _, finding := range findings {
		note(t, used, *finding.Id, fmt.Sprint(finding.Entry.Data)) //nolint:staticcheck // the type has moved in TypeScript; in Go there is only this one
	}
}

// golden holds a stack to its template as it was last looked at.
func golden(t *testing.T, folder string, stack awscdk.Stack) {
	t.Helper()
	text, err := json.MarshalIndent(assertions.Template_FromStack(stack, nil).ToJSON(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	file := filepath.Join(folder, "testdata", *stack.StackName()+".template.json")
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, text, 0o600)); err != nil {
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

// alarmsOf adds the names of a stack's alarms.
func alarmsOf(stack awscdk.Stack, names map[string]bool) {
	for _, item := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::CloudWatch::Alarm"), nil) {
		properties, _ := (*item)["Properties"].(map[string]any)
		name, named := properties["AlarmName"].(string)
		if sub, ok := properties["AlarmName"].(map[string]any); ok && !named {
			name = strings.ReplaceAll(fmt.Sprint(sub["Fn::Sub"]), "${AWS::StackName}", *stack.StackName())
		}
		names[name] = true
	}
}

// whole: a template names only what is in it. What is in another stack is imported.
func whole(t *testing.T, stack awscdk.Stack) {
	t.Helper()
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
		if get, ok := n["Fn::GetAtt"].(string); ok {
			id, _, _ := strings.Cut(get, ".")
			ids = append(ids, id)
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
