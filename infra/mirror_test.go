package infra_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/goccy/go-yaml"

	"github.com/serin-aws/serin/infra"
	"github.com/serin-aws/serin/internal/proxy"
)

const mirrorFile = "../examples/catalogue/target.yaml"

func newCatalogue(t *testing.T, change func(*infra.MirrorStackProps)) map[string]any {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	network := awscdk.NewStack(app, jsii.String("Network"), nil)
	props := &infra.MirrorStackProps{Target: infra.ReadTarget(mirrorFile), Vpc: awsec2.NewVpc(network, jsii.String("Vpc"), nil)}
	if change != nil {
		change(props)
	}
	stack := infra.NewMirrorStack(app, "Catalogue", props)
	stack.Tell(awssns.NewTopic(network, jsii.String("Topic"), nil))
	if *stack.Stack.StackName() != "catalogue" {
		t.Errorf("the stack is named %s", *stack.Stack.StackName())
	}
	return *assertions.Template_FromStack(stack.Stack, nil).ToJSON()
}

// The stack is the template that serin proxy render prints, part by part, but for where it stands and whom its alarms
// tell: there is one place that says what a mirrored service is.
func TestMirrorStackIsTheTemplate(t *testing.T) {
	settings := proxy.Of(infra.ReadTarget(mirrorFile).EC2Mirror.Proxy)
	settings.Shadow = proxy.Later
	text, err := proxy.Stack(settings)
	if err != nil {
		t.Fatal(err)
	}
	var printed struct {
		Parameters map[string]any `yaml:"Parameters"`
		Outputs    map[string]any `yaml:"Outputs"`
		Resources  map[string]struct {
			Type string `yaml:"Type"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(text), &printed); err != nil {
		t.Fatal(err)
	}
	rendered := newCatalogue(t, nil)
	resources := resourcesOf(t, rendered)
	for id, want := range printed.Resources {
		if resources[id].Type != want.Type {
			t.Errorf("%s is %q, printed as %q", id, resources[id].Type, want.Type)
		}
	}
	if len(resources) != len(printed.Resources) {
		t.Errorf("it has %v", slices.Sorted(maps.Keys(resources)))
	}
	keys := func(section string) []string {
		parts, _ := rendered[section].(map[string]any)
		delete(parts, "BootstrapVersion") // the CDK's own
		return slices.Sorted(maps.Keys(parts))
	}
	delete(printed.Parameters, "Vpc")
	delete(printed.Parameters, "Subnets")
	if got, want := keys("Parameters"), slices.Sorted(maps.Keys(printed.Parameters)); !slices.Equal(got, want) {
		t.Errorf("parameters %v, printed %v", got, want)
	}
	if got, want := keys("Outputs"), slices.Sorted(maps.Keys(printed.Outputs)); !slices.Equal(got, want) {
		t.Errorf("outputs %v, printed %v", got, want)
	}
	if text := textOf(resources["Group"]); !strings.Contains(text, "VpcPrivateSubnet1") {
		t.Errorf("the machines stand at %s", text)
	}
}

// A release copies the stack's template in a call, which takes 51,200 bytes; the CDK writes it with a space an indent.
func TestMirrorStackFitsIntoACall(t *testing.T) {
	text, err := json.MarshalIndent(newCatalogue(t, nil), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 51_200 {
		t.Errorf("%d bytes", len(text))
	}
}

// People are told of the live stack's alarms, not of the temporary one's.
func TestMirrorStackTells(t *testing.T) {
	template := newCatalogue(t, func(p *infra.MirrorStackProps) {
		p.InitialImage, p.Machines, p.Public = "repo@sha256:41d0", 3, true
	})
	if text := textOf(template["Conditions"]); !strings.Contains(text, `{"Fn::Equals":[{"Ref":"AWS::StackName"},"catalogue"]}`) {
		t.Errorf("conditions %s", text)
	}
	resources, told := resourcesOf(t, template), 0
	for id, r := range resources {
		if r.Type == "AWS::CloudWatch::Alarm" {
			told++
			if text := textOf(r.Properties["AlarmActions"]); !strings.Contains(text, `"Fn::If":["Serves",[`) || !strings.Contains(text, "AWS::NoValue") {
				t.Errorf("%s tells %s", id, text)
			}
		}
	}
	if told != 2 {
		t.Errorf("%d alarms", told)
	}
	parameters := textOf(template["Parameters"])
	for _, part := range []string{`"Default":"repo@sha256:41d0"`, `"Default":3`, `"Default":"internet-facing"`} {
		if !strings.Contains(parameters, part) {
			t.Errorf("no parameter has %s: %s", part, parameters)
		}
	}
	if text := textOf(resources["Balancer"].Properties["Subnets"]); !strings.Contains(text, "VpcPublicSubnet1") {
		t.Errorf("users ask at %s", text)
	}
}

func TestMirrorStackRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*infra.MirrorStackProps)
		want   string
	}{
		"another platform": {func(p *infra.MirrorStackProps) { p.Target = infra.ReadTarget(targetFile) }, "platform ec2-mirror"},
		"no network":       {func(p *infra.MirrorStackProps) { p.Vpc = nil }, "needs a Vpc"},
		"another stack":    {func(p *infra.MirrorStackProps) { p.StackName = jsii.String("shop") }, "released to the stack catalogue"},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, c.want, func() { newCatalogue(t, c.change) }) })
	}
	refuses(t, "platform ec2-mirror", func() { infra.NewMirrorRole(nil, "Maker", infra.ReadTarget(targetFile)) })
}
