package infra_test

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecspatterns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
)

// site is what is there already where a canary is put.
type site struct {
	app            awscdk.App
	targets, stack awscdk.Stack
	serin          struct{ Topic awssns.ITopic }
	leave          func()
}

func newSite() site {
	s := site{leave: inAFolderOfTheirs(), app: awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})}
	s.targets, s.stack = awscdk.NewStack(s.app, jsii.String("Targets"), nil), awscdk.NewStack(s.app, jsii.String("Theirs"), nil)
	s.serin.Topic = awssns.Topic_FromTopicArn(s.stack, jsii.String("Topic"), jsii.String("arn:aws:sns:eu-central-1:111122223333:serin"))
	return s
}

// count prints how many resources of a type a stack has.
func count(stack awscdk.Stack, kind string) {
	fmt.Println(len(*assertions.Template_FromStack(stack, nil).FindResources(&kind, nil)), kind)
}

// A function gets an alias that releases move.
func ExampleNewLambdaAliasCanary() {
	s := newSite()
	defer s.leave()
	stack, targets, serin := s.stack, s.targets, s.serin
	function := awslambda.NewFunction(stack, jsii.String("Function"), &awslambda.FunctionProps{
		FunctionName: jsii.String("orders-api"), Runtime: awslambda.Runtime_NODEJS_LATEST(),
		Handler: jsii.String("index.handler"), Code: awslambda.Code_FromInline(jsii.String("-")),
	})
	callers := awsiam.NewRole(stack, jsii.String("Callers"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)})

	// What puts a canary behind it.
	api := infra.ReadTarget("orders-api.target.yaml")
	infra.AddTarget(targets, "OrdersApi", &infra.TargetProps{Target: api})
	canary := infra.NewLambdaAliasCanary(stack, "Canary", &infra.LambdaAliasCanaryProps{
		Target: api, Function: function, Topic: serin.Topic,
	})
	canary.Alias.GrantInvoke(callers) // the alias, never the function

	count(stack, kindAlias)
	// Output:
	// 1 AWS::Lambda::Alias
}

// A service behind a load balancer gets a canary.
func ExampleNewLoadBalancedCanary() {
	s := newSite()
	defer s.leave()
	stack, targets, serin := s.stack, s.targets, s.serin
	newRole := func(name string) awsiam.IRole {
		role := awsiam.NewRole(targets, &name, &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
		return awsiam.Role_FromRoleArn(stack, &name, role.RoleArn(), nil)
	}
	taskRole, executionRole := newRole("Task"), newRole("Execution")
	web := awsecspatterns.NewApplicationLoadBalancedFargateService(stack, jsii.String("Web"), &awsecspatterns.ApplicationLoadBalancedFargateServiceProps{
		ServiceName: jsii.String("shop-web"), MinHealthyPercent: jsii.Number(100),
		Cluster: awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{ClusterName: jsii.String("prod"), Vpc: awsec2.NewVpc(stack, jsii.String("Vpc"), nil)}),
		TaskImageOptions: &awsecspatterns.ApplicationLoadBalancedTaskImageOptions{
			ContainerName: jsii.String("web"), Image: awsecs.ContainerImage_FromRegistry(jsii.String("111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop-web:release-7"), nil),
			TaskRole: taskRole, ExecutionRole: executionRole,
		},
	})

	// What puts a canary beside it.
	shop := infra.ReadTarget("shop.target.yaml") // names the listener's rule
	infra.AddTarget(targets, "Shop", &infra.TargetProps{
		Target: shop, PassRoles: []awsiam.IRole{taskRole, executionRole},
	})
	infra.NewLoadBalancedCanary(stack, "Canary", &infra.LoadBalancedCanaryProps{
		Target: shop, Service: web.Service(), Group: web.TargetGroup(), Listener: web.Listener(), Topic: serin.Topic,
	})

	count(stack, kindService)
	count(stack, kindGroup)
	// Output:
	// 2 AWS::ECS::Service
	// 2 AWS::ElasticLoadBalancingV2::TargetGroup
}

// A mirrored service is a stack of its own.
func ExampleNewMirrorStack() {
	s := newSite()
	defer s.leave()
	app, targets, serin := s.app, s.targets, s.serin
	vpc := awsec2.NewVpc(s.stack, jsii.String("Vpc"), nil)

	catalogue := infra.ReadTarget("catalogue.target.yaml")
	maker := infra.NewMirrorRole(targets, "Maker", catalogue) // cdk deploy --role-arn
	infra.AddTarget(targets, "Catalogue", &infra.TargetProps{
		Target: catalogue, PassRoles: []awsiam.IRole{maker},
	})
	service := infra.NewMirrorStack(app, "Catalogue", &infra.MirrorStackProps{Target: catalogue, Vpc: vpc})
	service.Tell(serin.Topic)

	count(service.Stack, "AWS::AutoScaling::AutoScalingGroup")
	// Output:
	// 1 AWS::AutoScaling::AutoScalingGroup
}
