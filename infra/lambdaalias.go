package infra

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// LambdaAliasCanaryProps describes a function whose callers invoke an alias. Target and Function are required.
type LambdaAliasCanaryProps struct {
	// Target is the function's target, of the platform lambda-alias. It names the function and the alias.
	Target *Target
	// Function is what is released. Its name must be the target's.
	Function awslambda.Function
	// Alias is an alias that exists already: it becomes serin's to move. Its name must be the target's. Nil: made.
	Alias awslambda.Alias
	// InitialVersion is the version that the alias points to until the first release. Empty means 1, which is the first
	// version that a new function publishes. An Alias that exists needs it: the version that it points to now.
	InitialVersion string
	// Topic is told by the alarms. Nil: they tell nobody but serin.
	Topic awssns.ITopic

	FailureShare float64 // of a new version's invocations, above which an alarm vetoes; zero means 0.05
	Throttles    float64 // in each of three minutes, above which an alarm vetoes; zero means 10
}

// LambdaAliasCanary is a function behind an alias that releases move and deployments do not.
type LambdaAliasCanary struct {
	// Alias is what callers invoke: give them permissions and endpoints of this, never of the function.
	Alias awslambda.Alias
	// Version is the function as this deployment published it. A release brings it out:
	// serin start TARGET --version ...
	Version   awslambda.Version
	Alarms    []awscloudwatch.Alarm
	Dashboard awscloudwatch.Dashboard

	scope  constructs.Construct
	target *Target
}

// NewLambdaAliasCanary defines the alias of a function, or takes over one that exists. What serves is read from
// /serin/live/<target>, which AddTarget makes in a stack that is deployed before.
//
// A later deployment publishes a version and does not move the alias, neither before the first release nor in the middle
// of one: a release does. Versions that a later one takes the place of are retained, because a rollback may need them.
func NewLambdaAliasCanary(scope constructs.Construct, id string, props *LambdaAliasCanaryProps) *LambdaAliasCanary {
	p := props.withDefaults()
	c := &LambdaAliasCanary{scope: constructs.NewConstruct(scope, &id), target: p.Target, Alias: p.Alias}
	c.Version = p.Function.CurrentVersion()
	c.Version.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	if c.Alias == nil {
		c.Alias = awslambda.NewAlias(c.scope, jsii.String("Alias"), &awslambda.AliasProps{
			AliasName: &p.Target.LambdaAlias.Alias, Version: c.Version, Description: jsii.String("moved by releases of serin, and by nothing else"),
		})
	}
	c.handOver(newLive(c.scope, p.Target), p.InitialVersion)
	c.watch(p)
	return c
}

func (props *LambdaAliasCanaryProps) withDefaults() LambdaAliasCanaryProps {
	p := *props
	if p.Target == nil || p.Target.LambdaAlias == nil {
		panic("infra: NewLambdaAliasCanary needs a target of the platform lambda-alias")
	}
	if p.Function == nil {
		panic(fmt.Sprintf("infra: the canary of %s needs the Function", p.Target.Name))
	}
	if p.Alias != nil && p.InitialVersion == "" {
		panic(fmt.Sprintf("infra: the alias of %s exists already, so name in InitialVersion the version that it points to now, or this deployment would move it (aws lambda get-alias --function-name %s --name %s)",
			p.Target.Name, p.Target.LambdaAlias.Function, p.Target.LambdaAlias.Alias))
	}
	if p.InitialVersion == "" {
		p.InitialVersion = "1"
	}
	orElse(&p.FailureShare, 0.05)
	orElse(&p.Throttles, 10)
	return p
}

// handOver makes the alias serin's to move. Its resource says which version serves, so that whatever else of it is
// changed one day does not bring back another, and it never says weights.
func (c *LambdaAliasCanary) handOver(l live, initial string) {
	resource, ok := c.Alias.Node().DefaultChild().(awslambda.CfnAlias)
	if !ok {
		panic("infra: the alias has no CfnAlias")
	}
	if policy := resource.CfnOptions().UpdatePolicy(); policy != nil && policy.CodeDeployLambdaAliasUpdate != nil {
		panic(fmt.Sprintf("infra: the alias of %s is deployed by CodeDeploy, and two cannot move one alias: remove its LambdaDeploymentGroup", c.target.Name))
	}
	resource.AddPropertyOverride(jsii.String("FunctionVersion"), l.or(liveVersion, initial))
	resource.AddPropertyDeletionOverride(jsii.String("RoutingConfig"))
	resource.Node().AddDependency(c.Version) // the version that it points to at first must be there
}

// watch makes the alarms TARGET-throttles and TARGET-new-version-errors, and a dashboard that shows all versions behind
// the alias side by side.
func (c *LambdaAliasCanary) watch(p LambdaAliasCanaryProps) {
	seen := watch{scope: c.scope, target: c.target, topic: p.Topic}
	seen.alarm("throttles", "Callers are refused: too many invocations at once.", c.metric("Throttles", ""), p.Throttles, 3)
	// An alarm on the whole alias would hold the old version's errors against the new one.
	seen.alarm("new-version-errors", "The version that was deployed last fails too many invocations.", share(
		"errors / invocations", "share of failed invocations",
		map[string]awscloudwatch.IMetric{"errors": c.metric("Errors", *c.Version.Version()), "invocations": c.metric("Invocations", *c.Version.Version())},
	), p.FailureShare, 2)
	c.Dashboard = seen.dashboard(fmt.Sprintf("While a release goes on, the alias `%s` gives the version that is released a share of the invocations: at the right, the smaller one.", c.target.LambdaAlias.Alias),
		[]awscloudwatch.IWidget{graph("Failed, by version", "invocations a minute", c.versions("Errors", "Sum")), graph("Invocations, by version", "invocations a minute", c.versions("Invocations", "Sum"))},
		[]awscloudwatch.IWidget{
			graph("Duration (p99), by version", "milliseconds", c.versions("Duration", "p99")),
			graph("Throttled", "invocations a minute", []awscloudwatch.IMetric{c.metric("Throttles", "")}, threshold{"throttles", p.Throttles}),
		},
	)
	c.Alarms = seen.alarms
}

// metric is one of Lambda's of the invocations through the alias: those that one version answered, or all of them.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
func (c *LambdaAliasCanary) metric(name, version string) awscloudwatch.IMetric {
	at := c.target.LambdaAlias
	dimensions := map[string]*string{"FunctionName": jsii.String(functionName(at.Function)), "Resource": jsii.String(functionName(at.Function) + ":" + at.Alias)}
	if version != "" {
		dimensions["ExecutedVersion"] = &version
	}
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/Lambda"), MetricName: &name, Statistic: jsii.String("Sum"), Period: minute(), DimensionsMap: &dimensions,
	})
}

// versions finds a metric of every version behind the alias, also of those that are published later.
func (c *LambdaAliasCanary) versions(name, statistic string) []awscloudwatch.IMetric {
	at := c.target.LambdaAlias
	search := fmt.Sprintf(`SEARCH('{AWS/Lambda,FunctionName,Resource,ExecutedVersion} FunctionName="%s" Resource="%s:%s" MetricName="%s"', '%s', 60)`,
		functionName(at.Function), functionName(at.Function), at.Alias, name, statistic)
	return []awscloudwatch.IMetric{awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: &search, Label: jsii.String("version ${PROP('Dim.ExecutedVersion')}"), UsingMetrics: &map[string]awscloudwatch.IMetric{}, Period: minute(),
	})}
}

// functionName returns the name of a function that a target names by its name or its ARN.
func functionName(text string) string { return text[strings.LastIndex(text, ":")+1:] }
