// Package ordersapi is a function behind an alias that releases move.
//
//	OrdersApiTarget  what serin knows of the function, and may do for it
//	OrdersApi        the function, its alias, a URL for callers, alarms, dashboard
//
// Deploy them in this order (cdk deploy --all does). The alias then points to version 1. A deployment publishes a version
// when the function has changed, and says its number in the output Version; a release brings it out:
//
//	serin start orders-api --version 2 --wait
//
// Context: topic (ARN of serin's topic: alarms call people, too).
package ordersapi

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/examples/site"
	"github.com/serin-aws/serin/infra"
)

// What it does is not this example's matter.
const code = `def handler(event, context):
    return {"statusCode": 200, "body": "answered by version " + context.function_version}
`

// Define makes the stacks of the function.
func Define(app awscdk.App, place site.Place) []awscdk.Stack {
	stacks := site.In(app)
	target := place.Target()
	known := stacks.Stack("OrdersApiTarget", "orders-api: what serin knows of it")
	infra.AddTarget(known, "Serin", &infra.TargetProps{Target: target})

	api := stacks.Stack("OrdersApi", "orders-api: a function behind an alias that releases move")
	api.AddDependency(known, nil)
	canary := infra.NewLambdaAliasCanary(api, "Canary", &infra.LambdaAliasCanaryProps{
		Target: target, Function: function(api, target), Topic: site.Topic(api),
	})
	url := canary.Alias.AddFunctionUrl(&awslambda.FunctionUrlOptions{AuthType: awslambda.FunctionUrlAuthType_AWS_IAM})
	for name, output := range map[string]*awscdk.CfnOutputProps{
		"Url":     {Value: url.Url(), Description: jsii.String("Callers ask here, signed; the alias chooses the version")},
		"Version": {Value: canary.Version.Version(), Description: jsii.String("The version that this deployment published: serin start orders-api --version")},
	} {
		awscdk.NewCfnOutput(api, &name, output)
	}
	return stacks.All
}

func function(scope awscdk.Stack, target *infra.Target) awslambda.Function {
	logs := awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{Retention: awslogs.RetentionDays_ONE_MONTH})
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: jsii.String("orders-api: writes its log"), AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	return awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		FunctionName: jsii.String(target.LambdaAlias.Function), Description: jsii.String("orders-api"),
		Runtime: awslambda.Runtime_PYTHON_3_14(), Architecture: awslambda.Architecture_ARM_64(),
		Handler: jsii.String("index.handler"), Code: awslambda.Code_FromInline(jsii.String(code)),
		Role: role, LogGroup: logs, Timeout: awscdk.Duration_Seconds(jsii.Number(10)), MemorySize: jsii.Number(256),
	})
}
