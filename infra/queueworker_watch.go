package infra

import (
	"fmt"
	"slices"

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
	waiting := []awscloudwatch.IMetric{w.Queue.MetricApproximateNumberOfMessagesVisible(labelled("waiting"))}
	if w.DeadLetters != nil {
		seen.alarm("dlq-not-empty", "Messages could not be processed: they are in the dead-letter queue.",
			w.DeadLetters.MetricApproximateNumberOfMessagesVisible(maximum()), 1, 1)
		waiting = append(waiting, w.DeadLetters.MetricApproximateNumberOfMessagesVisible(labelled("dead letters")))
	}
	longest := 3 * *p.Visibility.ToSeconds(nil)
	seen.alarm("oldest-message", "The oldest message has waited for long: the worker does not keep up.", w.Queue.MetricApproximateAgeOfOldestMessage(maximum()), longest, 3)
	primary, canary := lastPart(w.target.ECSQueue.PrimaryService), lastPart(w.target.ECSQueue.CanaryService)
	if failed, total := w.outcomes(canary, canaryColour); failed != nil {
		seen.alarm("canary-failures", "The canary fails too many messages.",
			share("failed / total", "share of failed messages", map[string]awscloudwatch.IMetric{"failed": failed, "total": total}), p.FailureShare, 2)
	}
	rows := [][]awscloudwatch.IWidget{{
		graph("Messages that wait, dead letters", "messages", waiting),
		graph("Age of the oldest message", "seconds", []awscloudwatch.IMetric{w.Queue.MetricApproximateAgeOfOldestMessage(labelled("oldest message"))}, threshold{"oldest-message", longest}),
	}}
	if row := w.compared(primary, canary, p.FailureShare); row != nil {
		rows = slices.Insert(rows, 0, row)
	}
	w.Dashboard = seen.dashboard(fmt.Sprintf("While a release goes on, `%s` (orange) does a share of the work with the new version, beside `%s` (blue).", canary, primary), rows...)
	w.Alarms = seen.alarms
}

// compared shows what is compared of both services: nil where nothing is.
func (w *QueueWorkerCanary) compared(primary, canary string, most float64) []awscloudwatch.IWidget {
	var failed, done []awscloudwatch.IMetric
	for _, arm := range []struct{ id, service, colour string }{{"primary", primary, primaryColour}, {"canary", canary, canaryColour}} {
		f, t := w.outcomes(arm.service, arm.colour)
		if f == nil {
			return nil
		}
		failed = append(failed, percent(fmt.Sprintf("FILL(%[1]s_failed, 0) / %[1]s_total", arm.id), arm.service, arm.colour,
			map[string]awscloudwatch.IMetric{arm.id + "_failed": f, arm.id + "_total": t}))
		done = append(done, t)
	}
	return []awscloudwatch.IWidget{
		graph("Share that fails, by service", "%", failed, ofShare("canary-failures", most)),
		graph("Processed, by service", "messages a minute", done),
	}
}

// outcomes are the metrics by which a target compares the versions, of one service: nil where it compares none.
func (w *QueueWorkerCanary) outcomes(service, colour string) (failed, total awscloudwatch.IMetric) {
	for _, comparison := range w.target.Checks.Compare {
		if comparison.Proportion == nil {
			continue
		}
		metric := func(name string) awscloudwatch.IMetric {
			return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String(comparison.Proportion.Namespace), MetricName: &name, Statistic: jsii.String("Sum"), Period: minute(),
				DimensionsMap: &map[string]*string{comparison.Proportion.By.Dimension: &service}, Label: &service, Color: &colour,
			})
		}
		return metric(comparison.Proportion.Failed), metric(comparison.Proportion.Total)
	}
	return nil, nil
}
