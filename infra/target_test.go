package infra_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/targetfile"
)

func targetStack(t *testing.T, props infra.TargetProps) map[string]resource {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := awscdk.NewStack(app, jsii.String("Orders"), nil)
	props.Target = infra.ReadTarget(targetFile)
	for _, name := range []string{"Task", "Execution"} {
		props.PassRoles = append(props.PassRoles, awsiam.Role_FromRoleArn(stack, &name, jsii.String("arn:aws:iam::111122223333:role/"+name), nil))
	}
	infra.AddTarget(stack, "Serin", &props)
	return resourcesOf(t, *assertions.Template_FromStack(stack, nil).ToJSON())
}

// The roles of a target hold what the table says, no more and no less, and what they let in.
func TestAddTarget(t *testing.T) {
	resources := targetStack(t, infra.TargetProps{})
	target := infra.ReadTarget(targetFile)
	for access, role := range map[permit.Access]string{permit.Look: "SerinLookRole", permit.Change: "SerinChangeRole"} {
		table, err := permit.Target(target, access)
		if err != nil {
			t.Fatal(err)
		}
		statements := statementsOf(t, resources, role)
		if got, want := actions(statements), permit.Actions(table); !slices.Equal(got, want) {
			t.Errorf("%s may %v, the table says %v", role, got, want)
		}
		for _, s := range statements {
			if slices.Contains(s.Action, "iam:PassRole") && (len(s.Resource) != 2 || !strings.Contains(s.Condition, "ecs-tasks.amazonaws.com")) {
				t.Errorf("%s may pass %v when %s", role, s.Resource, s.Condition)
			}
		}
		for id, r := range resources {
			if r.Type != "AWS::IAM::Role" || !strings.HasPrefix(id, role) {
				continue
			}
			trust := textOf(r.Properties["AssumeRolePolicyDocument"])
			if r.Properties["RoleName"] != "serin-orders-worker-"+string(access) || !strings.Contains(trust, `"sts:ExternalId":"orders-worker"`) || !strings.Contains(trust, ":role/serin/change/*") {
				t.Errorf("%v lets in %s", r.Properties["RoleName"], trust)
			}
		}
	}
	text, err := targetfile.Marshal(*target)
	if err != nil {
		t.Fatal(err)
	}
	var parameters []string
	for _, r := range resources {
		if r.Type == "AWS::SSM::Parameter" {
			parameters = append(parameters, textOf(r.Properties["Name"])+" "+textOf(r.Properties["Value"])+" "+r.DeletionPolicy)
		}
	}
	slices.Sort(parameters)
	want := []string{"/serin/live/orders-worker none,none,none Retain", "/serin/targets/orders-worker " + string(text) + " "}
	if !slices.Equal(parameters, want) {
		t.Errorf("%q", parameters)
	}
}

// In another account the parameter is not serin's to read.
func TestAddTargetOfAnotherAccount(t *testing.T) {
	resources := targetStack(t, infra.TargetProps{Core: "444455556666"})
	parameter := only(t, resources, "AWS::SSM::Parameter")
	if parameter.Properties["Name"] != "/serin/live/orders-worker" {
		t.Errorf("%v", parameter.Properties)
	}
	for _, r := range resources {
		if trust := textOf(r.Properties["AssumeRolePolicyDocument"]); r.Type == "AWS::IAM::Role" && !strings.Contains(trust, ":iam::444455556666:root") {
			t.Errorf("%s", trust)
		}
	}
}
