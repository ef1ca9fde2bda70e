package infra

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// LoadBalancedCanaryProps describes an ECS service behind a load balancer with a canary. Target and Listener are
// required, and one of Service and NewService.
type LoadBalancedCanaryProps struct {
	// Target is the service's target, of the platform ecs-alb. It names the cluster, both services and the container. Its
	// listenerRule is that of the service that exists; where the rule is made here, it is replaced: see
	// LoadBalancedCanary.Target.
	Target *Target
	// Listener is where the load balancer takes requests in.
	Listener elb.ApplicationListener

	// Service is a service that exists already, and Group the target group that its tasks are in: a canary is put beside
	// it, and it becomes serin's to move. Its name, cluster and container must be those of the target.
	Service awsecs.FargateService
	Group   elb.ApplicationTargetGroup
	// NewService describes a service that is made.
	NewService *ServiceProps
	// Rule is the listener's rule that forwards to the service that exists. Nil: the listener's default action does.
	Rule elb.ApplicationListenerRule
	// Topic is told by the alarms. Nil: they tell nobody but serin.
	Topic awssns.ITopic

	Paths        []string // of the requests that are the service's; none means all of the listener's
	Priority     float64  // of its rule among the listener's; zero means 100
	Port         float64  // that the container listens on; zero means 8080
	Health       string   // path of the health check; empty means /health
	Drain        float64  // seconds that a task's requests under way have to end; zero means 30
	Grace        float64  // seconds in which a new task may fail its health checks; zero means 60, which is the CDK's own default
	Requests     float64  // a minute for each of the primary's tasks, which scaling aims at; zero means 1000
	FailureShare float64  // of requests, above which alarms veto; zero means 0.05
}

// LoadBalancedCanary is an ECS service behind a load balancer with a canary: two services, a target group each, and one
// rule that divides the requests between the two.
type LoadBalancedCanary struct {
	Primary      awsecs.FargateService
	Canary       awsecs.CfnService
	PrimaryGroup elb.ApplicationTargetGroup
	CanaryGroup  elb.CfnTargetGroup
	// Target is the target with the rule that is in use: for AddTarget, where the rule was made here.
	Target *Target
	// Revision is the primary's task definition as this deployment registered it. A release brings it out:
	// serin start TARGET --task-definition ...
	Revision  awsecs.TaskDefinition
	PassRoles []awsiam.IRole // for AddTarget
	Alarms    []awscloudwatch.Alarm
	Dashboard awscloudwatch.Dashboard

	scope constructs.Construct
}

// NewLoadBalancedCanary defines a canary beside an ECS service behind a load balancer, and the service where there is
// none yet. What serves is read from /serin/live/<target>, which AddTarget or NewLive makes in a stack that is deployed
// before.
//
// At rest the rule sends all requests to the primary. A later deployment registers what has changed, and moves neither
// the services nor the rule: a release does.
func NewLoadBalancedCanary(scope constructs.Construct, id string, props *LoadBalancedCanaryProps) *LoadBalancedCanary {
	p := props.withDefaults()
	b := &LoadBalancedCanary{scope: constructs.NewConstruct(scope, &id), Target: p.Target, Primary: p.Service, PrimaryGroup: p.Group}
	rule := p.Rule
	if b.Primary == nil {
		rule = b.newPrimary(p)
	}
	b.newGroup()
	b.newCanary(b.divide(p.Listener, rule), p.Grace)
	if p.Service == nil {
		b.scale(p)
	}
	b.watch(p)
	return b
}

func (props *LoadBalancedCanaryProps) withDefaults() LoadBalancedCanaryProps {
	p := *props
	if p.Target == nil || p.Target.ECSALB == nil {
		panic("infra: NewLoadBalancedCanary needs a target of the platform ecs-alb")
	}
	if p.Listener == nil {
		panic(fmt.Sprintf("infra: the canary of %s needs the Listener that its requests come in by", p.Target.Name))
	}
	oneOf(p.Target, p.Service, p.NewService)
	if (p.Service == nil) != (p.Group == nil) {
		panic(fmt.Sprintf("infra: of the service %s name both the Service and the Group that its tasks are in, or neither", p.Target.Name))
	}
	if p.Service == nil && p.Rule != nil {
		panic(fmt.Sprintf("infra: the Rule of %s is made, as its Service is; name both or neither", p.Target.Name))
	}
	orElse(&p.Priority, 100)
	orElse(&p.Port, 8080)
	orElse(&p.Drain, 30)
	orElse(&p.Grace, 60)
	orElse(&p.Requests, 1000)
	orElse(&p.FailureShare, 0.05)
	if p.Health == "" {
		p.Health = "/health"
	}
	if p.Paths == nil {
		p.Paths = []string{"/*"}
	}
	p.NewService = p.NewService.withDefaults()
	return p
}

// newPrimary makes the service, its target group and the rule that forwards to it.
func (b *LoadBalancedCanary) newPrimary(p LoadBalancedCanaryProps) elb.ApplicationListenerRule {
	at := *p.Target.ECSALB
	b.PrimaryGroup = elb.NewApplicationTargetGroup(b.scope, jsii.String("PrimaryGroup"), &elb.ApplicationTargetGroupProps{
		Vpc: p.NewService.Vpc, Port: &p.Port, Protocol: elb.ApplicationProtocol_HTTP, TargetType: elb.TargetType_IP,
		DeregistrationDelay: awscdk.Duration_Seconds(&p.Drain),
		HealthCheck: &elb.HealthCheck{
			Path: &p.Health, Interval: awscdk.Duration_Seconds(jsii.Number(10)), Timeout: awscdk.Duration_Seconds(jsii.Number(5)),
			HealthyThresholdCount: jsii.Number(2), UnhealthyThresholdCount: jsii.Number(3),
		},
	})
	rule := elb.NewApplicationListenerRule(b.scope, jsii.String("Rule"), &elb.ApplicationListenerRuleProps{
		Listener: p.Listener, Priority: &p.Priority,
		Conditions: &[]elb.ListenerCondition{elb.ListenerCondition_PathPatterns(jsii.Strings(p.Paths...))},
		Action:     elb.ListenerAction_Forward(&[]elb.IApplicationTargetGroup{b.PrimaryGroup}, nil),
	})
	b.Primary = p.NewService.build(b.scope, at.Cluster, at.PrimaryService, p.NewService.define(b.scope, at.PrimaryService, task{
		container: at.Container, logs: "web", environment: p.NewService.Environment, port: p.Port,
		stop: awscdk.Duration_Seconds(jsii.Number(min(120, p.Drain+10))), // it may go on answering while it drains
	}))
	b.Primary.AttachToApplicationTargetGroup(b.PrimaryGroup)
	target := *p.Target
	target.ECSALB = &at
	at.ListenerRule = *rule.ListenerRuleArn()
	b.Target = &target
	return rule
}

// newGroup makes the canary's target group as a copy of the primary's.
func (b *LoadBalancedCanary) newGroup() {
	of, ok := b.PrimaryGroup.Node().DefaultChild().(elb.CfnTargetGroup)
	if !ok {
		panic("infra: the target group has no CfnTargetGroup")
	}
	b.CanaryGroup = elb.NewCfnTargetGroup(b.scope, jsii.String("CanaryGroup"), &elb.CfnTargetGroupProps{
		VpcId: of.VpcId(), Port: of.Port(), Protocol: of.Protocol(), ProtocolVersion: of.ProtocolVersion(), TargetType: of.TargetType(),
		IpAddressType: of.IpAddressType(), Matcher: of.Matcher(), TargetGroupAttributes: of.TargetGroupAttributes(),
		HealthCheckEnabled: of.HealthCheckEnabled(), HealthCheckPath: of.HealthCheckPath(), HealthCheckPort: of.HealthCheckPort(),
		HealthCheckProtocol: of.HealthCheckProtocol(), HealthCheckIntervalSeconds: of.HealthCheckIntervalSeconds(),
		HealthCheckTimeoutSeconds: of.HealthCheckTimeoutSeconds(), HealthyThresholdCount: of.HealthyThresholdCount(),
		UnhealthyThresholdCount: of.UnhealthyThresholdCount(),
	})
}

// divide makes the rule forward to both target groups, to the canary's with the weight 0. Whatever else the rule does -
// signing users in, keeping them with a group - stays. It returns the resource that holds the rule.
//
// CloudFormation changes a rule when its text in the template changes, and this text is always that of a rule at rest:
// a deployment in the middle of a release leaves the weights alone.
func (b *LoadBalancedCanary) divide(listener elb.ApplicationListener, rule elb.ApplicationListenerRule) awscdk.CfnResource {
	var resource awscdk.CfnResource
	var property string
	var actions any
	if rule != nil {
		if made, ok := rule.Node().DefaultChild().(elb.CfnListenerRule); ok {
			resource, property, actions = made, "Actions", made.Actions()
		}
	} else if made, ok := listener.Node().DefaultChild().(elb.CfnListener); ok {
		resource, property, actions = made, "DefaultActions", made.DefaultActions()
	}
	list, _ := awscdk.Stack_Of(b.scope).Resolve(actions).([]any)
	for i, item := range list {
		if action, ok := item.(map[string]any); ok && action["type"] == "forward" {
			at := fmt.Sprintf("%s.%d.", property, i)
			resource.AddPropertyDeletionOverride(jsii.String(at + "TargetGroupArn"))
			resource.AddPropertyOverride(jsii.String(at+"ForwardConfig.TargetGroups"), []any{
				map[string]any{"TargetGroupArn": b.PrimaryGroup.TargetGroupArn(), "Weight": 100},
				map[string]any{"TargetGroupArn": b.CanaryGroup.Ref(), "Weight": 0},
			})
			return resource
		}
	}
	panic(fmt.Sprintf("infra: the rule of %s forwards to no target group, so there are no requests to divide", b.Target.Name))
}

// newCanary makes the canary, whose tasks register in the canary's group once the rule names it: Elastic Load Balancing
// takes no service into a group that no load balancer has.
func (b *LoadBalancedCanary) newCanary(rule awscdk.CfnResource, grace float64) {
	at := b.Target.ECSALB
	primary := serviceOf(b.Primary)
	balanced, _ := awscdk.Stack_Of(b.scope).Resolve(primary.LoadBalancers()).([]any)
	if len(balanced) != 1 {
		panic(fmt.Sprintf("infra: the service %s registers its tasks in %d target groups, and a canary needs exactly one to be judged by", at.PrimaryService, len(balanced)))
	}
	entry, _ := balanced[0].(map[string]any)
	made := pair{
		scope: b.scope, canary: at.CanaryService, container: at.Container, live: newLive(b.scope, b.Target),
	}.beside(b.Primary, func(canary *awsecs.CfnServiceProps) {
		port, _ := entry["containerPort"].(float64)
		name, _ := entry["containerName"].(string)
		canary.LoadBalancers = []any{&awsecs.CfnService_LoadBalancerProperty{
			ContainerName: &name, ContainerPort: &port, TargetGroupArn: b.CanaryGroup.Ref(),
		}}
		canary.HealthCheckGracePeriodSeconds = &grace
	})
	made.service.Node().AddDependency(rule)
	b.Canary, b.Revision, b.PassRoles = made.service, made.revision, made.passRoles
}
