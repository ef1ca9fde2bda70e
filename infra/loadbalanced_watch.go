package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

const balancerNamespace = "AWS/ApplicationELB"

// measured is what the load balancer counts something of: a target group, or itself.
type measured []dimension

func (b *LoadBalancedCanary) balancer() measured {
	return measured{{"LoadBalancer", *b.PrimaryGroup.FirstLoadBalancerFullName()}}
}

func (b *LoadBalancedCanary) group(name *string) measured {
	return append(measured{{"TargetGroup", *name}}, b.balancer()...)
}

func (m measured) metric(name, statistic, label string) awscloudwatch.IMetric {
	dimensions := map[string]*string{}
	for _, d := range m {
		dimensions[d.name] = jsii.String(d.value)
	}
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(balancerNamespace), MetricName: &name, Statistic: &statistic, Period: minute(), DimensionsMap: &dimensions, Label: &label,
	})
}

// scale keeps the requests for each of the primary's tasks near the aim, where all requests count, the canary's too: so
// the primary stays large enough to get every one of them back at once.
func (b *LoadBalancedCanary) scale(p LoadBalancedCanaryProps) {
	at := b.Target.ECSALB
	primary, canary := b.group(b.PrimaryGroup.TargetGroupFullName()), b.group(b.CanaryGroup.AttrTargetGroupFullName())
	track(b.scope, "RequestsPerTask", b.Primary, tracking{
		name: string(b.Target.Name) + "-requests-per-task", cluster: at.Cluster, service: at.PrimaryService, min: p.NewService.Min, max: p.NewService.Max, target: p.Requests,
		id: "load", expression: "(FILL(primary, 0) + FILL(canary, 0)) / tasks", label: "requests a minute for each task of the primary",
		metrics: []any{
			query("primary", balancerNamespace, "RequestCount", "Sum", primary...),
			query("canary", balancerNamespace, "RequestCount", "Sum", canary...),
			query("tasks", balancerNamespace, "HealthyHostCount", "Average", primary...),
		},
	})
}

// watch makes the alarms TARGET-elb-5xx and TARGET-canary-5xx, and a dashboard that shows both versions side by side.
//
// What the load balancer answers by itself - no healthy task, one that is too slow - it counts for no target group, and
// such a request is no RequestCount where no task was chosen for it: the first alarm counts both, so that it goes off
// when nothing else is answered.
func (b *LoadBalancedCanary) watch(p LoadBalancedCanaryProps) {
	seen := watch{scope: b.scope, target: b.Target, topic: p.Topic}
	all := b.balancer()
	seen.alarm("elb-5xx", "The load balancer answers too many requests itself: tasks are missing, too slow, or break connections.", share(
		"FILL(answered, 0) / (FILL(requests, 0) + FILL(answered, 0))", "share of requests that the load balancer answered with 5XX",
		map[string]awscloudwatch.IMetric{"answered": all.metric("HTTPCode_ELB_5XX_Count", "Sum", "answered with 5XX"), "requests": all.metric("RequestCount", "Sum", "requests")},
	), p.FailureShare, 2)
	arms := []struct {
		label string
		of    measured
	}{
		{lastPart(b.Target.ECSALB.PrimaryService), b.group(b.PrimaryGroup.TargetGroupFullName())},
		{lastPart(b.Target.ECSALB.CanaryService), b.group(b.CanaryGroup.AttrTargetGroupFullName())},
	}
	canary := arms[1].of
	seen.alarm("canary-5xx", "The canary fails too many requests.", share(
		"(FILL(failed, 0) + FILL(refused, 0)) / requests", "share of failed requests",
		map[string]awscloudwatch.IMetric{
			"failed": canary.metric("HTTPCode_Target_5XX_Count", "Sum", "5XX"), "refused": canary.metric("TargetConnectionErrorCount", "Sum", "refused"),
			"requests": canary.metric("RequestCount", "Sum", "requests"),
		},
	), p.FailureShare, 2)
	var failed, requests, times, healthy []awscloudwatch.IMetric
	for _, arm := range arms {
		failed = append(failed, arm.of.metric("HTTPCode_Target_5XX_Count", "Sum", arm.label))
		requests = append(requests, arm.of.metric("RequestCount", "Sum", arm.label))
		times = append(times, arm.of.metric("TargetResponseTime", "p99", arm.label))
		healthy = append(healthy, arm.of.metric("HealthyHostCount", "Minimum", arm.label))
	}
	b.Dashboard = seen.dashboard(
		[]awscloudwatch.IWidget{graph("Failed, by version", failed), graph("Requests, by version", requests)},
		[]awscloudwatch.IWidget{graph("Response time (p99, seconds), by version", times), graph("Healthy tasks, by version", healthy)},
	)
	b.Alarms = seen.alarms
}
