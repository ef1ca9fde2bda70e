package lambdaalias

import "github.com/serin-aws/serin/internal/release"

// metrics says where Lambda counts the invocations of both versions: those through the alias only, by the version that
// answered. Duration is in milliseconds.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
func (d detail) metrics(fresh string) release.Metrics {
	of := func(version string) release.ArmMetrics {
		named := func(name string) release.Metric {
			return release.Metric{Namespace: "AWS/Lambda", Name: name, Dimensions: []release.Dimension{
				{Name: "FunctionName", Value: d.Function}, {Name: "Resource", Value: d.Function + ":" + d.Alias}, {Name: "ExecutedVersion", Value: version},
			}}
		}
		return release.ArmMetrics{
			Value: version, Requests: named("Invocations"), Errors: []release.Metric{named("Errors")},
			Duration: named("Duration"), Unit: release.InMilliseconds,
		}
	}
	return release.Metrics{Canary: of(fresh), Baseline: of(d.Version)}
}
