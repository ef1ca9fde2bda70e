package infra

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// lastPart returns the last part of an ARN or a URL, and a name as it is.
func lastPart(text string) string { return text[strings.LastIndex(text, "/")+1:] }

// tracking scales a primary so that a quotient of metrics stays where it should.
type tracking struct {
	name             string // of the policy
	cluster, service string
	min, max, target float64
	id, expression   string
	label            string
	metrics          []any // queries
}

// track scales a primary. A canary is never scaled: its number of tasks is serin's to set.
func track(scope constructs.Construct, id string, primary awsecs.FargateService, t tracking) {
	count := primary.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{MinCapacity: &t.min, MaxCapacity: &t.max})
	policy := awsapplicationautoscaling.NewCfnScalingPolicy(scope, &id, &awsapplicationautoscaling.CfnScalingPolicyProps{
		PolicyName: &t.name, PolicyType: jsii.String("TargetTrackingScaling"),
		ResourceId:       jsii.String("service/" + lastPart(t.cluster) + "/" + lastPart(t.service)),
		ServiceNamespace: jsii.String("ecs"), ScalableDimension: jsii.String("ecs:service:DesiredCount"),
		TargetTrackingScalingPolicyConfiguration: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingScalingPolicyConfigurationProperty{
			TargetValue: &t.target, ScaleOutCooldown: jsii.Number(60), ScaleInCooldown: jsii.Number(300),
			CustomizedMetricSpecification: &awsapplicationautoscaling.CfnScalingPolicy_CustomizedMetricSpecificationProperty{
				Metrics: append(slices.Clone(t.metrics), &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty{
					Id: &t.id, Expression: &t.expression, Label: &t.label, ReturnData: jsii.Bool(true),
				}),
			},
		},
	})
	policy.Node().AddDependency(count)
}

// dimension is one dimension of a metric.
type dimension struct{ name, value string }

// query is a metric that a quotient is made of.
func query(id, namespace, name, statistic string, dimensions ...dimension) any {
	var list []any
	for _, d := range dimensions {
		list = append(list, &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDimensionProperty{Name: &d.name, Value: &d.value})
	}
	return &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty{
		Id: &id, ReturnData: jsii.Bool(false),
		MetricStat: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricStatProperty{
			Stat: &statistic,
			Metric: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricProperty{
				Namespace: &namespace, MetricName: &name, Dimensions: list,
			},
		},
	}
}
