package infra_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecspatterns"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
)

const (
	balancedFile = "../examples/shop-web/target.yaml"
	kindRule     = "AWS::ElasticLoadBalancingV2::ListenerRule"
	kindListener = "AWS::ElasticLoadBalancingV2::Listener"
	kindGroup    = "AWS::ElasticLoadBalancingV2::TargetGroup"
)

// newShop is the template of a service that is made with its canary, behind somebody's listener.
func newShop(t *testing.T, change func(awscdk.Stack, *infra.LoadBalancedCanaryProps)) map[string]resource {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	balancer := elb.NewApplicationLoadBalancer(stack, jsii.String("Balancer"), &elb.ApplicationLoadBalancerProps{Vpc: vpc})
	props := &infra.LoadBalancedCanaryProps{
		Target:     infra.ReadTarget(balancedFile),
		NewService: &infra.ServiceProps{Vpc: vpc, Repository: awsecr.NewRepository(stack, jsii.String("Repository"), nil)},
		Listener: balancer.AddListener(jsii.String("Listener"), &elb.BaseApplicationListenerProps{
			Port: jsii.Number(80), DefaultAction: elb.ListenerAction_FixedResponse(jsii.Number(404), nil),
		}),
	}
	if change != nil {
		change(stack, props)
	}
	infra.NewLoadBalancedCanary(stack, "Canary", props)
	return resourcesOf(t, *assertions.Template_FromStack(stack, nil).ToJSON())
}

// adoptedShop is the template of somebody's own service behind a load balancer, with a canary put beside it.
func adoptedShop(t *testing.T, mode string, change func(awscdk.Stack, *infra.LoadBalancedCanaryProps)) map[string]resource {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := awscdk.NewStack(app, jsii.String("Theirs"), nil)
	web := awsecspatterns.NewApplicationLoadBalancedFargateService(stack, jsii.String("Web"), &awsecspatterns.ApplicationLoadBalancedFargateServiceProps{
		ServiceName: jsii.String("shop-web"), DesiredCount: jsii.Number(4), MinHealthyPercent: jsii.Number(100), PublicLoadBalancer: jsii.Bool(false),
		Cluster: awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: awsec2.NewVpc(stack, jsii.String("Vpc"), nil), ClusterName: jsii.String("prod")}),
		TaskImageOptions: &awsecspatterns.ApplicationLoadBalancedTaskImageOptions{
			ContainerName: jsii.String("web"), ContainerPort: jsii.Number(8080), Image: awsecs.ContainerImage_FromRegistry(jsii.String("shop-web:release-7"), nil),
			Environment: &map[string]*string{"MODE": &mode},
		},
	})
	web.TargetGroup().ConfigureHealthCheck(&elb.HealthCheck{Path: jsii.String("/up"), HealthyThresholdCount: jsii.Number(3)})
	props := &infra.LoadBalancedCanaryProps{
		Target: infra.ReadTarget(balancedFile), Service: web.Service(), Group: web.TargetGroup(), Listener: web.Listener(),
	}
	if change != nil {
		change(stack, props)
	}
	infra.NewLoadBalancedCanary(stack, "Canary", props)
	return resourcesOf(t, *assertions.Template_FromStack(stack, nil).ToJSON())
}

// signedIn puts a rule in front that signs users in and keeps them where they are.
func signedIn(stack awscdk.Stack, props *infra.LoadBalancedCanaryProps) {
	props.Rule = elb.NewApplicationListenerRule(stack, jsii.String("SignedIn"), &elb.ApplicationListenerRuleProps{
		Listener: props.Listener, Priority: jsii.Number(5), Conditions: &[]elb.ListenerCondition{elb.ListenerCondition_PathPatterns(jsii.Strings("/account/*"))},
		Action: elb.ListenerAction_AuthenticateOidc(&elb.AuthenticateOidcOptions{
			AuthorizationEndpoint: jsii.String("https://a.example"), ClientId: jsii.String("shop"), Issuer: jsii.String("https://i.example"),
			TokenEndpoint: jsii.String("https://t.example"), UserInfoEndpoint: jsii.String("https://u.example"),
			ClientSecret: awscdk.SecretValue_SecretsManager(jsii.String("oidc"), nil),
			Next:         elb.ListenerAction_Forward(&[]elb.IApplicationTargetGroup{props.Group}, &elb.ForwardOptions{StickinessDuration: awscdk.Duration_Minutes(jsii.Number(30))}),
		}),
	})
}

// A deployment after a release is told what serves and moves neither the services nor the rule. In the middle of a
// release it leaves the weights alone, because what the template says of the rule is the same in every deployment.
func TestDeploymentLeavesRequestsWhereTheyGo(t *testing.T) {
	for name, shop := range map[string]func(mode string) map[string]resource{
		"made": func(mode string) map[string]resource {
			return newShop(t, func(_ awscdk.Stack, p *infra.LoadBalancedCanaryProps) {
				p.NewService.Environment = map[string]*string{"MODE": &mode}
			})
		},
		"existing":          func(mode string) map[string]resource { return adoptedShop(t, mode, nil) },
		"existing, signing": func(mode string) map[string]resource { return adoptedShop(t, mode, signedIn) },
	} {
		t.Run(name, func(t *testing.T) {
			before, after := shop("old"), shop("new")
			for _, live := range [][]any{released, again} {
				was, is := deployed(before, live, kindService, kindRule, kindListener, kindGroup), deployed(after, live, kindService, kindRule, kindListener, kindGroup)
				if !reflect.DeepEqual(was, is) {
					t.Errorf("what serves changes:\n%s\n%s", textOf(was), textOf(is))
				}
				var definitions []any
				for _, properties := range deployed(after, live, kindService) {
					service, _ := properties.(map[string]any)
					definitions = append(definitions, service["TaskDefinition"])
					if _, counted := service["DesiredCount"]; counted {
						t.Errorf("a deployment sets the number of tasks: %s", textOf(service))
					}
				}
				if len(definitions) != 2 || !slices.Contains(definitions, live[1]) || !slices.Contains(definitions, live[2]) {
					t.Errorf("the services go to %v, but %v serve", definitions, live[1:])
				}
			}
			if reflect.DeepEqual(deployed(before, released, kindDefinition), deployed(after, released, kindDefinition)) {
				t.Error("nothing is registered")
			}
		})
	}
}

// At rest all requests go to the primary. What the rule does besides stays.
func TestRuleDivides(t *testing.T) {
	rest := func(t *testing.T, actions any, want ...string) {
		t.Helper()
		text := textOf(actions)
		for _, part := range append(want, `"Weight":100}`, `"Weight":0}`, `"Type":"forward"`) {
			if !strings.Contains(text, part) {
				t.Errorf("it does not say %s: %s", part, text)
			}
		}
		if strings.Contains(text, `"Type":"forward","TargetGroupArn"`) || strings.Count(text, `"Weight"`) != 2 {
			t.Errorf("it forwards otherwise, too: %s", text)
		}
	}
	rest(t, only(t, newShop(t, nil), kindRule).Properties["Actions"])
	rest(t, only(t, adoptedShop(t, "", nil), kindListener).Properties["DefaultActions"])
	signed := adoptedShop(t, "", signedIn)
	rest(t, only(t, signed, kindRule).Properties["Actions"], `"authenticate-oidc"`, `"TargetGroupStickinessConfig":{"DurationSeconds":1800,"Enabled":true}`)
	if text := textOf(only(t, signed, kindListener).Properties["DefaultActions"]); strings.Contains(text, "Weight") {
		t.Errorf("the default action is divided, too: %s", text)
	}
}

// The two target groups differ in nothing, so that the versions are all that the canary is judged for; each service is in
// its own, and the canary waits until the rule names it.
func TestGroupsAreAlike(t *testing.T) {
	for name, resources := range map[string]map[string]resource{"made": newShop(t, nil), "existing": adoptedShop(t, "", nil)} {
		var groups []any
		for _, r := range resources {
			if r.Type == kindGroup {
				groups = append(groups, any(r.Properties))
			}
		}
		if len(groups) != 2 || !reflect.DeepEqual(groups[0], groups[1]) {
			t.Errorf("%s: %s", name, textOf(groups))
		}
		var balanced []string
		for id, r := range resources {
			if r.Type != kindService {
				continue
			}
			balanced = append(balanced, textOf(r.Properties["LoadBalancers"]))
			if text := textOf(r.Properties["LoadBalancers"]); !strings.Contains(text, `"ContainerName":"web"`) || !strings.Contains(text, `"ContainerPort":8080`) {
				t.Errorf("%s: %s takes requests at %s", name, id, text)
			}
		}
		if len(balanced) != 2 || balanced[0] == balanced[1] {
			t.Errorf("%s: %v", name, balanced)
		}
	}
}

// The alarms that the construct makes are those that a target may name, and the primary is scaled on all requests.
func TestLoadBalancedDefaults(t *testing.T) {
	resources := newShop(t, nil)
	var alarms []string
	for _, r := range resources {
		if r.Type == "AWS::CloudWatch::Alarm" {
			alarms = append(alarms, textOf(r.Properties["AlarmName"]))
		}
	}
	slices.Sort(alarms)
	if want := []string{"shop-web-canary-5xx", "shop-web-elb-5xx"}; !slices.Equal(alarms, want) {
		t.Errorf("alarms %v", alarms)
	}
	if text := textOf(only(t, resources, "AWS::ApplicationAutoScaling::ScalingPolicy").Properties); !strings.Contains(text, "(FILL(primary, 0) + FILL(canary, 0)) / tasks") {
		t.Errorf("scaling %s", text)
	}
	if text := textOf(deployed(resources, nothing, kindGroup)); strings.Count(text, `"Key":"deregistration_delay.timeout_seconds","Value":"30"`) != 2 {
		t.Errorf("tasks leave otherwise: %s", text)
	}
}

// A target whose rule is made by the same app is allowed to change that rule and its listener, and is told its ARN.
func TestTargetOfARuleThatIsMade(t *testing.T) {
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack, known := awscdk.NewStack(app, jsii.String("Shop"), nil), awscdk.NewStack(app, jsii.String("Known"), nil)
	target := infra.ReadTarget(balancedFile)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	balancer := elb.NewApplicationLoadBalancer(stack, jsii.String("Balancer"), &elb.ApplicationLoadBalancerProps{Vpc: vpc})
	canary := infra.NewLoadBalancedCanary(stack, "Canary", &infra.LoadBalancedCanaryProps{
		Target:     target,
		NewService: &infra.ServiceProps{Vpc: vpc, Repository: awsecr.NewRepository(stack, jsii.String("Repository"), nil)},
		Listener: balancer.AddListener(jsii.String("Listener"), &elb.BaseApplicationListenerProps{
			Port: jsii.Number(80), DefaultAction: elb.ListenerAction_FixedResponse(jsii.Number(404), nil),
		}),
	})
	if !strings.HasPrefix(target.ECSALB.ListenerRule, "arn:aws:") {
		t.Errorf("the target as it was read has changed: %v", target.ECSALB)
	}
	made := infra.AddTarget(known, "Serin", &infra.TargetProps{Target: canary.Target, PassRoles: canary.PassRoles, Live: infra.NewLive(stack, "Live", target)})
	if made.Live == nil || len(canary.PassRoles) != 2 {
		t.Errorf("%v, %d roles", made.Live, len(canary.PassRoles))
	}
	resources := resourcesOf(t, *assertions.Template_FromStack(known, nil).ToJSON())
	parts := map[string]int{"elasticloadbalancing:ModifyRule": 4, "elasticloadbalancing:ModifyListener": 3} // of the ARN, after .../app/
	for _, s := range statementsOf(t, resources, "SerinChangeRole") {
		if want, ok := parts[s.Action[0]]; ok {
			delete(parts, s.Action[0])
			if got := strings.Count(s.Resource[0], "Fn::Select"); got != want || strings.Contains(s.Resource[0], "listener-rule") != (want == 4) {
				t.Errorf("%s on %s", s.Action, s.Resource)
			}
		}
	}
	if len(parts) > 0 {
		t.Errorf("nothing allows %v", parts)
	}
	parameter := only(t, resources, "AWS::SSM::Parameter")
	if text := textOf(parameter.Properties["Value"]); !strings.Contains(text, "Fn::ImportValue") || strings.Contains(text, "TOKEN") {
		t.Errorf("the target says %s", text)
	}
}

func TestLoadBalancedCanaryRefuses(t *testing.T) {
	type change = func(awscdk.Stack, *infra.LoadBalancedCanaryProps)
	for name, c := range map[string]struct {
		change change
		want   string
	}{
		"another platform":         {func(_ awscdk.Stack, p *infra.LoadBalancedCanaryProps) { p.Target = infra.ReadTarget(targetFile) }, "platform ecs-alb"},
		"no listener":              {func(_ awscdk.Stack, p *infra.LoadBalancedCanaryProps) { p.Listener = nil }, "needs the Listener"},
		"no network":               {func(_ awscdk.Stack, p *infra.LoadBalancedCanaryProps) { p.NewService.Vpc = nil }, "needs a Vpc and a Repository"},
		"nothing to put it beside": {func(_ awscdk.Stack, p *infra.LoadBalancedCanaryProps) { p.NewService = nil }, "either the Service that exists or the NewService"},
		"no service": {func(s awscdk.Stack, p *infra.LoadBalancedCanaryProps) {
			p.Group = elb.NewApplicationTargetGroup(s, jsii.String("G"), &elb.ApplicationTargetGroupProps{Vpc: p.NewService.Vpc, Port: jsii.Number(80)})
		}, "both the Service and the Group"},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, c.want, func() { newShop(t, c.change) }) })
	}
	t.Run("a rule that forwards to nothing", func(t *testing.T) {
		refuses(t, "forwards to no target group", func() {
			adoptedShop(t, "", func(s awscdk.Stack, p *infra.LoadBalancedCanaryProps) {
				p.Rule = elb.NewApplicationListenerRule(s, jsii.String("R"), &elb.ApplicationListenerRuleProps{
					Listener: p.Listener, Priority: jsii.Number(1), Conditions: &[]elb.ListenerCondition{elb.ListenerCondition_PathPatterns(jsii.Strings("/x"))},
					Action: elb.ListenerAction_FixedResponse(jsii.Number(404), nil),
				})
			})
		})
	})
}
