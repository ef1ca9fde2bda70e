package infra_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
)

const (
	aliasFile = "../examples/orders-api/target.yaml"
	kindAlias = "AWS::Lambda::Alias"
)

// newAPI is the template of a function behind an alias. mode is a setting that a deployment may change.
func newAPI(t *testing.T, mode string, change func(awscdk.Stack, *infra.LambdaAliasCanaryProps)) map[string]resource {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := awscdk.NewStack(app, jsii.String("Api"), nil)
	props := &infra.LambdaAliasCanaryProps{
		Target: infra.ReadTarget(aliasFile),
		Function: awslambda.NewFunction(stack, jsii.String("Function"), &awslambda.FunctionProps{
			FunctionName: jsii.String("orders-api"), Runtime: awslambda.Runtime_NODEJS_LATEST(), Handler: jsii.String("index.handler"),
			Code: awslambda.Code_FromInline(jsii.String("-")), Environment: &map[string]*string{"MODE": &mode},
		}),
	}
	if change != nil {
		change(stack, props)
	}
	infra.NewLambdaAliasCanary(stack, "Canary", props)
	return resourcesOf(t, *assertions.Template_FromStack(stack, nil).ToJSON())
}

// existing is an alias that somebody has defined, as the CDK's own examples do.
func existing(stack awscdk.Stack, props *infra.LambdaAliasCanaryProps) {
	props.Alias = awslambda.NewAlias(stack, jsii.String("Live"), &awslambda.AliasProps{
		AliasName: jsii.String("live"), Version: props.Function.CurrentVersion(),
		AdditionalVersions: &[]*awslambda.VersionWeight{{Version: awslambda.Version_FromVersionArn(stack, jsii.String("Other"), jsii.String("arn:aws:lambda:eu-west-1:111122223333:function:orders-api:11")), Weight: jsii.Number(0.1)}},
	})
	props.InitialVersion = "12"
}

// The alias stays where releases put it: a deployment of a changed function publishes a version and leaves the alias
// alone, before the first release, after one, and in the middle of one, when what is live is still the baseline.
func TestAliasIsMovedByReleasesOnly(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(awscdk.Stack, *infra.LambdaAliasCanaryProps)
		initial string
	}{{"made", nil, "1"}, {"existing", existing, "12"}} {
		t.Run(c.name, func(t *testing.T) {
			before, after := newAPI(t, "old", c.change), newAPI(t, "new", c.change)
			for _, live := range []struct {
				parameter []any
				want      string
			}{{[]any{"none"}, c.initial}, {[]any{"7"}, "7"}} {
				aliases := deployed(before, live.parameter, kindAlias)
				if got := deployed(after, live.parameter, kindAlias); !reflect.DeepEqual(got, aliases) {
					t.Errorf("the alias changes:\n%s\n%s", textOf(aliases), textOf(got))
				}
				for id, properties := range aliases {
					alias, _ := properties.(map[string]any)
					if _, weighted := alias["RoutingConfig"]; alias["FunctionVersion"] != live.want || weighted {
						t.Errorf("%s goes to %s, but %s serves", id, textOf(alias), live.want)
					}
				}
			}
			if reflect.DeepEqual(versions(t, before), versions(t, after)) {
				t.Error("no version is published")
			}
		})
	}
}

// versions are the logical ids of a template's versions, all of which are kept when another takes their place.
func versions(t *testing.T, resources map[string]resource) []string {
	t.Helper()
	published := maps.Clone(resources)
	maps.DeleteFunc(published, func(_ string, r resource) bool { return r.Type != "AWS::Lambda::Version" })
	for id, r := range published {
		if r.DeletionPolicy != "Retain" {
			t.Errorf("%s is deleted when another version takes its place", id)
		}
	}
	if len(published) != 1 {
		t.Errorf("%d versions", len(published))
	}
	return slices.Sorted(maps.Keys(published))
}

// The alarms are of the invocations through the alias, and that on errors of the newest version alone.
func TestAliasAlarms(t *testing.T) {
	resources := newAPI(t, "", nil)
	alarms := map[string]string{}
	for _, r := range resources {
		if r.Type == "AWS::CloudWatch::Alarm" {
			alarms[textOf(r.Properties["AlarmName"])] = textOf(r.Properties)
		}
	}
	for name, parts := range map[string][]string{
		"orders-api-throttles":          {`"orders-api:live"`, `"Throttles"`},
		"orders-api-new-version-errors": {`"orders-api:live"`, `"ExecutedVersion"`, versions(t, resources)[0], `"errors / invocations"`},
	} {
		for _, part := range append(parts, `"notBreaching"`) {
			if !strings.Contains(alarms[name], part) {
				t.Errorf("%s does not say %s: %s", name, part, alarms[name])
			}
		}
	}
	if text := textOf(only(t, resources, "AWS::CloudWatch::Dashboard").Properties); !strings.Contains(text, "SEARCH(") || !strings.Contains(text, "ExecutedVersion") {
		t.Errorf("the dashboard does not find versions: %s", text)
	}
}

func TestLambdaAliasCanaryRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(awscdk.Stack, *infra.LambdaAliasCanaryProps)
		want   string
	}{
		"another platform": {func(_ awscdk.Stack, p *infra.LambdaAliasCanaryProps) { p.Target = infra.ReadTarget(targetFile) }, "platform lambda-alias"},
		"no function":      {func(_ awscdk.Stack, p *infra.LambdaAliasCanaryProps) { p.Function = nil }, "needs the Function"},
		"no version known": {func(s awscdk.Stack, p *infra.LambdaAliasCanaryProps) { existing(s, p); p.InitialVersion = "" }, "aws lambda get-alias --function-name orders-api --name live"},
		"CodeDeploy": {func(s awscdk.Stack, p *infra.LambdaAliasCanaryProps) {
			existing(s, p)
			awscodedeploy.NewLambdaDeploymentGroup(s, jsii.String("Group"), &awscodedeploy.LambdaDeploymentGroupProps{
				Alias: p.Alias, DeploymentConfig: awscodedeploy.LambdaDeploymentConfig_CANARY_10PERCENT_5MINUTES(),
			})
		}, "remove its LambdaDeploymentGroup"},
	} {
		t.Run(name, func(t *testing.T) {
			refuses(t, c.want, func() { newAPI(t, "", c.change) })
		})
	}
}

// refuses holds that something panics, and says why.
func refuses(t *testing.T, want string, what func()) {
	t.Helper()
	defer func() {
		if message, _ := recover().(string); !strings.HasPrefix(message, "infra: ") || !strings.Contains(message, want) {
			t.Errorf("it says %q, without %q", message, want)
		}
	}()
	what()
}
