package infra

import (
	"fmt"

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

// sum counts something by the minute, for an alarm.
func (m measured) sum(name, label string) awscloudwatch.IMetric {
	return m.coloured(name, "Sum", label, nil)
}

func (m measured) coloured(name, statistic, label string, colour *string) awscloudwatch.IMetric {
	dimensions := map[string]*string{}
	for _, d := range m {
		dimensions[d.name] = jsii.String(d.value)
	}
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(balancerNamespace), MetricName: &name, Statistic: &statistic, Period: minute(), DimensionsMap: &dimensions, Label: &label, Color: colour,
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
		map[string]awscloudwatch.IMetric{"answered": all.sum("HTTPCode_ELB_5XX_Count", "answered with 5XX"), "requests": all.sum("RequestCount", "requests")},
	), p.FailureShare, 2)
	arms := []arm{
		{"primary", lastPart(b.Target.ECSALB.PrimaryService), primaryColour, b.group(b.PrimaryGroup.TargetGroupFullName())},
		{"canary", lastPart(b.Target.ECSALB.CanaryService), canaryColour, b.group(b.CanaryGroup.AttrTargetGroupFullName())},
	}
	canary := arms[1]
	seen.alarm("canary-5xx", "The canary fails too many requests.", share(
		"(FILL(failed, 0) + FILL(refused, 0)) / requests", "share of failed requests",
		map[string]awscloudwatch.IMetric{
			"failed": canary.of.sum("HTTPCode_Target_5XX_Count", "5XX"), "refused": canary.of.sum("TargetConnectionErrorCount", "refused"),
			"requests": canary.of.sum("RequestCount", "requests"),
		},
	), p.FailureShare, 2)
	var failed, requests, times, healthy []awscloudwatch.IMetric
	for _, a := range arms {
		failed = append(failed, a.failing())
		requests = append(requests, a.metric("RequestCount", "Sum"))
		times = append(times, a.metric("TargetResponseTime", "p99"))
		healthy = append(healthy, a.metric("HealthyHostCount", "Minimum"))
	}
	b.Dashboard = seen.dashboard(fmt.Sprintf("While a release goes on, `%s` (orange) answers a share of the requests with the new version, beside `%s` (blue).", canary.service, arms[0].service),
		[]awscloudwatch.IWidget{
			graph("Share that fails, by service", "%", failed, ofShare("canary-5xx", p.FailureShare)),
			graph("Requests, by service", "requests a minute", requests),
		},
		[]awscloudwatch.IWidget{graph("Response time (p99), by service", "seconds", times), graph("Healthy tasks, by service", "tasks", healthy)},
	)
	b.Alarms = seen.alarms
}

// arm is one of the two services, as a line on the graphs.
type arm struct {
	id, service, colour string
	of                  measured
}

func (a arm) metric(name, statistic string) awscloudwatch.IMetric {
	return a.of.coloured(name, statistic, a.service, &a.colour)
}

// failing is the share of the requests that fails, as serin counts it.
func (a arm) failing() awscloudwatch.IMetric {
	return percent(fmt.Sprintf("(FILL(%[1]s_failed, 0) + FILL(%[1]s_refused, 0)) / %[1]s_requests", a.id), a.service, a.colour, map[string]awscloudwatch.IMetric{
		a.id + "_failed":   a.metric("HTTPCode_Target_5XX_Count", "Sum"),
		a.id + "_refused":  a.metric("TargetConnectionErrorCount", "Sum"),
		a.id + "_requests": a.metric("RequestCount", "Sum"),
	})
}
