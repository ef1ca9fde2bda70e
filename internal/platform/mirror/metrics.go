package mirror

import (
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// metrics says where the live stack is measured. Where the temporary one is, nobody knows before it exists: the names of
// load balancers and target groups end in ids.
func (s *stack) metrics(out release.MirrorOutputs) release.Metrics {
	return release.Metrics{Baseline: s.arm(out)}
}

// shadow says where a temporary stack is measured. Envoy gives a copy up that is not answered in time; the load balancer
// then counts a client that went away (460) among its own 4XX, and nothing else makes it count one here, because Envoy
// sends only what the live service has accepted. So a hung shadow fails.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
func (s *stack) shadow(out release.MirrorOutputs) release.ArmMetrics {
	arm := s.arm(out)
	gone := arm.Requests
	gone.Name = "HTTPCode_ELB_4XX_Count"
	arm.Errors = append(arm.Errors, gone)
	return arm
}

// arm says where a stack's load balancer counts what its targets answer. HTTPCode_Target_5XX_Count misses what the
// targets did not answer at all, so what the load balancer answers in their place counts too. Durations are in seconds.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (s *stack) arm(out release.MirrorOutputs) release.ArmMetrics {
	balancer := release.Dimension{Name: "LoadBalancer", Value: tail(s.output(out.LoadBalancer), "loadbalancer/")}
	group := release.Dimension{Name: "TargetGroup", Value: "targetgroup/" + tail(s.output(out.TargetGroup), "targetgroup/")}
	named := func(name string, dimensions ...release.Dimension) release.Metric {
		return release.Metric{Namespace: "AWS/ApplicationELB", Name: name, Dimensions: dimensions}
	}
	return release.ArmMetrics{
		Value:    group.Value,
		Requests: named("RequestCount", balancer),
		Errors: []release.Metric{
			named("HTTPCode_Target_5XX_Count", group, balancer), named("HTTPCode_ELB_5XX_Count", balancer),
		},
		Duration: named("TargetResponseTime", group, balancer), Unit: release.InSeconds,
	}
}

// tail returns what follows a word in an ARN: app/name/id of a load balancer, name/id of a target group.
func tail(arn, word string) string {
	_, rest, found := strings.Cut(arn, word)
	if !found {
		return arn
	}
	return rest
}
