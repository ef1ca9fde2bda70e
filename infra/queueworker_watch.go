package infra

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// scale keeps the messages that wait for each task, of both services together, near the aim. The canary itself is not
// scaled: two policies on one backlog would each answer all of it.
func (w *QueueWorkerCanary) scale(p QueueWorkerCanaryProps) {
	q := w.target.ECSQueue
	running := func(id, service string) any {
		return query(id, "ECS/ContainerInsights", "RunningTaskCount", "Average",
			dimension{"ClusterName", lastPart(q.Cluster)}, dimension{"ServiceName", lastPart(service)})
	}
	track(w.scope, "BacklogPerTask", w.Primary, tracking{
		name: string(w.target.Name) + "-backlog-per-task", cluster: q.Cluster, service: q.PrimaryService, min: p.NewService.Min, max: p.NewService.Max, target: p.Backlog,
		id: "backlog", expression: "waiting / (primary + FILL(canary, 0))", label: "messages that wait for each task",
		metrics: []any{
			query("waiting", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", dimension{"QueueName", *w.Queue.QueueName()}),
			running("primary", q.PrimaryService),
			running("canary", q.CanaryService),
		},
	})
}

// watch makes the alarms TARGET-dlq-not-empty, TARGET-oldest-message and, where the target compares a proportion,
// TARGET-canary-failures, and a dashboard that shows the queue and both versions side by side.
func (w *QueueWorkerCanary) watch(p QueueWorkerCanaryProps) {
	seen := watch{scope: w.scope, target: w.target, topic: p.Topic}
	waiting := []awscloudwatch.IMetric{w.Queue.MetricApproximateNumberOfMessagesVisible(maximum())}
	if w.DeadLetters != nil {
		seen.alarm("dlq-not-empty", "Messages could not be processed: they are in the dead-letter queue.",
			w.DeadLetters.MetricApproximateNumberOfMessagesVisible(maximum()), 1, 1)
		waiting = append(waiting, w.DeadLetters.MetricApproximateNumberOfMessagesVisible(maximum()))
	}
	age := w.Queue.MetricApproximateAgeOfOldestMessage(maximum())
	seen.alarm("oldest-message", "The oldest message has waited for long: the worker does not keep up.", age, 3**p.Visibility.ToSeconds(nil), 3)
	q := w.target.ECSQueue
	if failed, total := w.outcomes(lastPart(q.CanaryService)); failed != nil {
		seen.alarm("canary-failures", "The canary fails too many messages.",
			share("failed / total", "share of failed messages", map[string]awscloudwatch.IMetric{"failed": failed, "total": total}), p.FailureShare, 2)
	}
	var failed, done []awscloudwatch.IMetric
	for _, service := range []string{lastPart(q.PrimaryService), lastPart(q.CanaryService)} {
		if f, t := w.outcomes(service); f != nil {
			failed, done = append(failed, f), append(done, t)
		}
	}
	w.Dashboard = seen.dashboard(
		[]awscloudwatch.IWidget{graph("Failed, by version", failed), graph("Processed, by version", done)},
		[]awscloudwatch.IWidget{graph("Messages that wait, dead letters", waiting), graph("Age of the oldest message", []awscloudwatch.IMetric{age})},
	)
	w.Alarms = seen.alarms
}

// outcomes are the metrics by which a target compares the versions, of one service: nil where it compares none.
func (w *QueueWorkerCanary) outcomes(service string) (failed, total awscloudwatch.IMetric) {
	for _, comparison := range w.target.Checks.Compare {
		if comparison.Proportion == nil {
			continue
		}
		metric := func(name string) awscloudwatch.IMetric {
			return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String(comparison.Proportion.Namespace), MetricName: &name, Statistic: jsii.String("Sum"), Period: minute(),
				DimensionsMap: &map[string]*string{comparison.Proportion.By.Dimension: &service}, Label: jsii.String(service + " " + strings.ToLower(name)),
			})
		}
		return metric(comparison.Proportion.Failed), metric(comparison.Proportion.Total)
	}
	return nil, nil
}
