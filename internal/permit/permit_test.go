package permit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/release"
)

func TestFill(t *testing.T) {
	values := permit.Place("aws", "eu-west-1", "111122223333").With("names", "a", "b").With("none")
	statement := permit.Statement{Actions: []string{"s:A"}, Resources: []string{"arn:{partition}:s:{region}:{account}:{names}/x", "{none}"}}
	filled, err := permit.Fill([]permit.Statement{statement, {Actions: []string{"s:B"}, Resources: []string{"{none}"}}}, values)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"arn:aws:s:eu-west-1:111122223333:a/x", "arn:aws:s:eu-west-1:111122223333:b/x"}
	if len(filled) != 1 || !slices.Equal(filled[0].Resources, want) {
		t.Errorf("%+v", filled)
	}
	if _, err := permit.Fill([]permit.Statement{{Resources: []string{"{unknown}"}}}, values); err == nil || !strings.Contains(err.Error(), "unknown") {
		t.Errorf("a name without a value went into a policy: %v", err)
	}
}

// Every permission has its reason, and one on everything says why.
func TestReasons(t *testing.T) {
	var all []permit.Statement
	for _, f := range permit.Functions() {
		all = append(all, permit.Core(f)...)
	}
	for _, target := range targets() {
		for _, access := range permit.Accesses() {
			statements, err := permit.Target(target, access)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, statements...)
		}
	}
	for _, s := range all {
		if s.Why == "" {
			t.Errorf("%v has no reason", s.Actions)
		}
		if slices.Contains(s.Resources, "*") && !strings.Contains(s.Why, ";") {
			t.Errorf("%v is allowed on everything, and %q does not say why", s.Actions, s.Why)
		}
		for _, action := range s.Actions {
			if strings.HasSuffix(action, ":*") || action == "*" {
				t.Errorf("%s allows everything", action)
			}
		}
	}
}

func targets() []*release.Target {
	return []*release.Target{
		{
			Name: "orders", Platform: release.PlatformECSQueue,
			ECSQueue: &release.ECSQueue{
				Cluster: "arn:aws:ecs:eu-west-1:111122223333:cluster/prod", PrimaryService: "orders", CanaryService: "orders-canary",
				Queue: "https://sqs.eu-west-1.amazonaws.com/111122223333/orders",
			},
			Source: release.Source{ECR: &release.ECRSource{Repository: "team/orders"}},
		},
		{Name: "api", Platform: release.PlatformLambdaAlias, LambdaAlias: &release.LambdaAlias{Function: "api", Alias: "live"}},
		{
			Name: "shop", Platform: release.PlatformEC2Mirror,
			EC2Mirror: &release.EC2Mirror{Stack: "shop", Temporary: "shop-canary", Template: "https://templates.s3.eu-west-1.amazonaws.com/shop/canary.yaml"},
		},
	}
}

// Names, ARNs and URLs of a target's file lead to the same resources, and a role that only looks changes nothing.
func TestTarget(t *testing.T) {
	orders := targets()[0]
	change, err := permit.Target(orders, permit.Change)
	if err != nil {
		t.Fatal(err)
	}
	var resources []string
	for _, s := range change {
		resources = append(resources, s.Resources...)
	}
	for _, want := range []string{
		"arn:{partition}:ecs:{region}:{account}:service/prod/orders-canary", "arn:{partition}:sqs:{region}:{account}:orders",
		"arn:{partition}:ecr:{region}:{account}:repository/team/orders", "arn:{partition}:ssm:{region}:{account}:parameter/serin/live/orders",
	} {
		if !slices.Contains(resources, want) {
			t.Errorf("%s is missing in %v", want, resources)
		}
	}
	for _, target := range targets() {
		look, err := permit.Target(target, permit.Look)
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range permit.Actions(look) {
			_, verb, _ := strings.Cut(action, ":")
			if !strings.HasPrefix(verb, "Describe") && !strings.HasPrefix(verb, "List") && !strings.HasPrefix(verb, "Get") {
				t.Errorf("%s: look may %s", target.Name, action)
			}
		}
	}
	if _, err := permit.Target(&release.Target{Name: "x", Platform: "nomad"}, permit.Look); release.CodeOf(err) != release.Invalid {
		t.Errorf("a platform that is not known: %v", err)
	}
}

// Whoever may only look cannot assume the role that changes, and a target's role lets serin in for that target only.
func TestTrust(t *testing.T) {
	orders := targets()[0]
	change := permit.TrustOf(orders, permit.Change, "aws", "111122223333")
	if change.ExternalID != "orders" || !slices.Equal(change.Roles, []string{"arn:aws:iam::111122223333:role/serin/change/*"}) {
		t.Errorf("%+v", change)
	}
	look := permit.TrustOf(orders, permit.Look, "aws", "111122223333")
	if len(look.Roles) != 2 {
		t.Errorf("%+v", look)
	}
	for f, path := range map[permit.Function]string{
		permit.CheckAlarms: "/serin/look/", permit.Rollback: "/serin/change/", permit.Operate: "/serin/core/",
	} {
		if got := permit.RolePath(f); got != path {
			t.Errorf("the role of %s is under %s", f, got)
		}
	}
}
