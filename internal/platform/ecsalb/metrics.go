package ecsalb

import (
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// metrics says where the load balancer counts the requests of both target groups. RequestCount holds every request for
// which it has chosen a target. A target that answers 5XX is counted for its group, and so is one that takes no
// connection, which users see as a 502. What the load balancer answers by itself - a target that is too slow, a group
// without any - it counts for no group: that is for an alarm on HTTPCode_ELB_5XX_Count. TargetResponseTime is in
// seconds.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (d detail) metrics() release.Metrics {
	of := func(service, group string) release.ArmMetrics {
		named := func(name string) release.Metric {
			return release.Metric{Namespace: "AWS/ApplicationELB", Name: name, Dimensions: []release.Dimension{
				{Name: "TargetGroup", Value: group[strings.LastIndex(group, ":")+1:]}, {Name: "LoadBalancer", Value: balancer(d.Rule.ARN)},
			}}
		}
		return release.ArmMetrics{
			Value: service, Requests: named("RequestCount"),
			Errors:   []release.Metric{named("HTTPCode_Target_5XX_Count"), named("TargetConnectionErrorCount")},
			Duration: named("TargetResponseTime"), Unit: release.InSeconds,
		}
	}
	return release.Metrics{Canary: of(d.Canary.Service, d.Rule.Canary), Baseline: of(d.Primary.Service, d.Rule.Primary)}
}
