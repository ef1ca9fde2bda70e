package ecsqueue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// detail is the platform's part of a baseline: the two services, and the queue that they read.
type detail struct {
	ecsservice.Record
	Queue string `json:"queue"` // name, as SQS's metrics know it

	DeadLetters string `json:"deadLetters,omitempty"` // name of the queue that failed messages go to
}

// Prepare looks at both services, the queue and the revision, and answers the pinned revision and the complete
// baseline. It changes nothing. It refuses, with Unstable, a workload that is not at rest; with NotFound, what does
// not exist; with Forbidden, a revision outside the target; with Invalid, a workload of which a canary would prove
// nothing.
func (p *Platform) Prepare(ctx context.Context, target release.Target, rev release.Revision) (release.Prepared, error) {
	var d detail
	found, err := p.pair.Survey(ctx, target, rev, func(_, _ *types.Service) error {
		name, attributes, err := p.queue(ctx, "prepare "+string(target.Name), "ecsQueue.queue", target.ECSQueue.Queue)
		d.Queue, d.DeadLetters = name, deadLetters(attributes)
		return err
	})
	if err != nil {
		return release.Prepared{Resources: found.Resources}, err
	}
	d.Record = found.Record
	return found.Prepared(d, "", d.metrics())
}

// Pin finds out which image is meant and when it was pushed, also while the services are being changed.
func (p *Platform) Pin(ctx context.Context, target release.Target, rev release.Revision) (release.Candidate, error) {
	return p.pair.Pin(ctx, target, rev)
}

// metrics says where the work is measured: SQS counts what both services receive; which of them it was, only the
// workers know, and they publish their service's name.
func (d detail) metrics() release.Metrics {
	metrics := release.Metrics{
		Canary: release.ArmMetrics{Value: d.Canary.Service}, Baseline: release.ArmMetrics{Value: d.Primary.Service},
		Work: ofQueue("NumberOfMessagesReceived", d.Queue),
	}
	if d.DeadLetters != "" {
		metrics.DeadLetters = ofQueue("ApproximateNumberOfMessagesVisible", d.DeadLetters)
	}
	return metrics
}

func ofQueue(metric, queue string) release.Metric {
	return release.Metric{Namespace: "AWS/SQS", Name: metric, Dimensions: []release.Dimension{{Name: "QueueName", Value: queue}}}
}
