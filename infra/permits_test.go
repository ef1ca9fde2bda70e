package infra_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/serin-aws/serin/infra"
	"github.com/serin-aws/serin/internal/permit"
)

// resource is one resource of a template.
type resource struct {
	Type           string
	DeletionPolicy string
	Properties     map[string]any
}

func resourcesOf(t *testing.T, template map[string]any) map[string]resource {
	t.Helper()
	text, err := json.Marshal(template["Resources"])
	if err != nil {
		t.Fatal(err)
	}
	var resources map[string]resource
	if err := json.Unmarshal(text, &resources); err != nil {
		t.Fatal(err)
	}
	return resources
}

// only returns the one resource of a type.
func only(t *testing.T, resources map[string]resource, kind string) resource {
	t.Helper()
	var found []resource
	for _, r := range resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d resources of type %s", len(found), kind)
	}
	return found[0]
}

// statement is one statement of a policy. Its resources are JSON texts.
type statement struct {
	Action    []string
	Resource  []string
	Condition string
}

// statementsOf returns the policy statements of the role whose logical id begins with a name.
func statementsOf(t *testing.T, resources map[string]resource, role string) []statement {
	t.Helper()
	var found []statement
	for id, r := range resources {
		if r.Type != "AWS::IAM::Policy" || !strings.HasPrefix(id, role) {
			continue
		}
		found = append(found, documentOf(t, r)...)
	}
	if len(found) == 0 {
		t.Fatalf("no policy of %s", role)
	}
	return found
}

// documentOf returns the statements of a policy.
func documentOf(t *testing.T, policy resource) []statement {
	t.Helper()
	var document struct {
		Statement []struct{ Action, Resource, Condition any }
	}
	remarshal(t, policy.Properties["PolicyDocument"], &document)
	var statements []statement
	for _, s := range document.Statement {
		statements = append(statements, statement{Action: texts(s.Action), Resource: texts(s.Resource), Condition: textOf(s.Condition)})
	}
	return statements
}

// texts makes a list of what a policy may write as one value or as several.
func texts(value any) []string {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var out []string
	for _, item := range list {
		out = append(out, textOf(item))
	}
	return out
}

func textOf(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// actions lists everything that a role may do, in order.
func actions(statements []statement) []string {
	all := map[string]bool{}
	for _, s := range statements {
		for _, action := range s.Action {
			all[action] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// What a function may do is what the table says, and writing its own log.
func TestFunctionsMayDoThisAndNoMore(t *testing.T) {
	resources := resourcesOf(t, core(t))
	for _, function := range permit.Functions() {
		id := "Releaser" + camel(string(function))
		var roles []string
		var got []statement
		for _, s := range statementsOf(t, resources, id+"Role") {
			if slices.Contains(s.Action, "logs:PutLogEvents") {
				if !strings.Contains(s.Resource[0], id+"Logs") {
					t.Errorf("%s writes to another's log: %s", function, s.Resource)
				}
				continue
			}
			if slices.Contains(s.Resource, "*") && !strings.HasPrefix(s.Action[0], "codepipeline:") {
				t.Errorf("%s may %v on everything", function, s.Action)
			}
			if slices.Contains(s.Action, "sts:AssumeRole") {
				roles = append(roles, s.Resource...)
			}
			got = append(got, s)
		}
		want := permit.Actions(permit.Core(function))
		if function == permit.Recover || function == permit.Report { // the queue for what they could not work off
			want = slices.Sorted(slices.Values(append(want, "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage")))
		}
		if !slices.Equal(actions(got), want) {
			t.Errorf("%s may %v, the table says %v", function, actions(got), want)
		}
		access, reaches := permit.Reach(function)
		mayLook := strings.Contains(strings.Join(roles, " "), `:role/serin-*-look"`)
		mayChange := strings.Contains(strings.Join(roles, " "), "change")
		if mayChange != (access == permit.Change) || !reaches && mayLook {
			t.Errorf("%s may assume %v", function, roles)
		}
	}
}

// camel turns deploy-canary into DeployCanary.
func camel(name string) string {
	var id string
	for word := range strings.SplitSeq(name, "-") {
		id += strings.ToUpper(word[:1]) + word[1:]
	}
	return id
}

// Where a statement of the state machine's role names everything, there must be nothing narrower that AWS takes.
func TestMachineMayDoThisAndNoMore(t *testing.T) {
	statements := statementsOf(t, resourcesOf(t, core(t)), "ReleaserMachine")
	invocable := ""
	for _, s := range statements {
		if slices.Contains(s.Action, "lambda:InvokeFunction") {
			invocable += strings.Join(s.Resource, " ")
		}
		if !slices.Contains(s.Resource, "*") {
			continue
		}
		namespaced := slices.Equal(s.Action, []string{"cloudwatch:PutMetricData"}) && strings.Contains(s.Condition, `"cloudwatch:namespace":"Serin"`)
		for _, action := range s.Action {
			if !namespaced && !strings.HasPrefix(action, "xray:") && !strings.HasPrefix(action, "logs:") {
				t.Errorf("the machine may %s on everything", action)
			}
		}
	}
	// An execution that started before an update invokes versions that the new definition does not name.
	for _, function := range []string{"DeployCanary", "CheckAlarms", "Promote", "Rollback"} {
		if !strings.Contains(invocable, `{"Fn::Join":["",[{"Fn::GetAtt":["Releaser`+function) {
			t.Errorf("older versions of %s cannot be invoked: %s", function, invocable)
		}
	}
}

// The definition names versions, and those stay when a later one takes their place.
func TestVersionsAreNamedAndRetained(t *testing.T) {
	resources := resourcesOf(t, core(t))
	definition := textOf(only(t, resources, "AWS::StepFunctions::StateMachine").Properties["DefinitionString"])
	versions := 0
	for id, r := range resources {
		switch r.Type {
		case "AWS::Lambda::Version":
			versions++
			if r.DeletionPolicy != "Retain" {
				t.Errorf("%s has the deletion policy %q", id, r.DeletionPolicy)
			}
			if !strings.Contains(definition, `{"Ref":"`+id+`"}`) {
				t.Errorf("the definition does not name %s", id)
			}
		case "AWS::Lambda::Function":
			if strings.Contains(definition, `"`+id+`"`) {
				t.Errorf("the definition names the function %s and not a version", id)
			}
		}
	}
	if versions != 4 {
		t.Errorf("%d versions", versions)
	}
}

func TestLedgerIsKept(t *testing.T) {
	kept := only(t, resourcesOf(t, core(t)), "AWS::DynamoDB::Table")
	if kept.DeletionPolicy != "Retain" || kept.Properties["DeletionProtectionEnabled"] != true {
		t.Errorf("%s, protection %v", kept.DeletionPolicy, kept.Properties["DeletionProtectionEnabled"])
	}
	dropped := only(t, resourcesOf(t, synth(t, infra.ReleaserProps{LedgerRemoval: awscdk.RemovalPolicy_DESTROY})), "AWS::DynamoDB::Table")
	if dropped.DeletionPolicy != "Delete" || dropped.Properties["DeletionProtectionEnabled"] == true {
		t.Errorf("%s, protection %v", dropped.DeletionPolicy, dropped.Properties["DeletionProtectionEnabled"])
	}
}

func TestProps(t *testing.T) {
	resources := resourcesOf(t, synth(t, infra.ReleaserProps{
		Name: "releases", TargetAccounts: []string{"111122223333"}, Topics: []string{"arn:aws:sns:eu-west-1:111122223333:orders"},
	}))
	if got := only(t, resources, "AWS::StepFunctions::StateMachine").Properties["StateMachineName"]; got != "releases" {
		t.Errorf("the machine is named %v", got)
	}
	var roles, topics []string
	for _, s := range statementsOf(t, resources, "ReleaserCheckAlarms") {
		if slices.Contains(s.Action, "sts:AssumeRole") {
			roles = s.Resource
		}
		if slices.Contains(s.Action, "sns:Publish") {
			topics = s.Resource
		}
	}
	if len(topics) != 2 || topics[1] != "arn:aws:sns:eu-west-1:111122223333:orders" {
		t.Errorf("topics %v", topics)
	}
	if len(roles) != 2 || !strings.Contains(roles[1], ":iam::111122223333:role/serin-*-look") {
		t.Errorf("roles %v", roles)
	}
}

// Every log goes away some time.
func TestLogsHaveARetention(t *testing.T) {
	groups := 0
	for id, r := range resourcesOf(t, core(t)) {
		if r.Type == "AWS::Logs::LogGroup" {
			groups++
			if r.Properties["RetentionInDays"] != 90.0 {
				t.Errorf("%s keeps its logs for %v days", id, r.Properties["RetentionInDays"])
			}
		}
	}
	if groups != 9 {
		t.Errorf("%d log groups", groups)
	}
}

func TestMissingProgramIsExplained(t *testing.T) {
	defer func() {
		message, _ := recover().(string)
		if !strings.Contains(message, "deploy-canary.zip does not exist") || !strings.Contains(message, "scripts/build-functions.sh") {
			t.Errorf("panicked with %q", message)
		}
	}()
	infra.NewStack(awscdk.NewApp(nil), "Serin", &infra.StackProps{ReleaserProps: infra.ReleaserProps{Code: t.TempDir()}})
}
