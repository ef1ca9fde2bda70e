package infra

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// lastPart returns the last part of an ARN or a URL, and a name as it is.
func lastPart(text string) string { return text[strings.LastIndex(text, "/")+1:] }

// scale keeps the messages that wait for each task, of both services together, near the aim. The canary itself is not
// scaled: two policies on one backlog would each answer all of it.
func (w *QueueWorkerCanary) scale(p QueueWorkerCanaryProps) {
	count := w.Primary.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{MinCapacity: &p.Min, MaxCapacity: &p.Max})
	q := w.target.ECSQueue
	running := func(id, service string) any {
		return query(id, "ECS/ContainerInsights", "RunningTaskCount", "Average", map[string]*string{
			"ClusterName": jsii.String(lastPart(q.Cluster)), "ServiceName": jsii.String(lastPart(service)),
		})
	}
	policy := awsapplicationautoscaling.NewCfnScalingPolicy(w.scope, jsii.String("BacklogPerTask"), &awsapplicationautoscaling.CfnScalingPolicyProps{
		PolicyName: jsii.String(string(w.target.Name) + "-backlog-per-task"), PolicyType: jsii.String("TargetTrackingScaling"),
		ResourceId:       jsii.String("service/" + lastPart(q.Cluster) + "/" + lastPart(q.PrimaryService)),
		ServiceNamespace: jsii.String("ecs"), ScalableDimension: jsii.String("ecs:service:DesiredCount"),
		TargetTrackingScalingPolicyConfiguration: &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingScalingPolicyConfigurationProperty{
			TargetValue: &p.Backlog, ScaleOutCooldown: jsii.Number(60), ScaleInCooldown: jsii.Number(300),
			CustomizedMetricSpecification: &awsapplicationautoscaling.CfnScalingPolicy_CustomizedMetricSpecificationProperty{Metrics: []any{
				query("waiting", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", map[string]*string{"QueueName": w.Queue.QueueName()}),
				running("primary", q.PrimaryService),
				running("canary", q.CanaryService),
				&awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty{
					Id: jsii.String("backlog"), Expression: jsii.String("waiting / (primary + FILL(canary, 0))"),
					Label: jsii.String("messages that wait for each task"), ReturnData: jsii.Bool(true),
				},
			}},
		},
	})
	policy.Node().AddDependency(count)
}

func query(id, namespace, name, statistic string, dimensions map[string]*string) any {
	var list []any
	for _, key := range []string{"ClusterName", "ServiceName", "QueueName"} {
		if value, ok := dimensions[key]; ok {
			list = append(list, &awsapplicationautoscaling.CfnScalingPolicy_TargetTrackingMetricDimensionProperty{Name: jsii.String(key), Value: value})
		}
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

// alarms are the vetoes that a target's file names in checks.alarms: TARGET-dlq-not-empty, TARGET-oldest-message and,
// where the target compares a proportion, TARGET-canary-failures.
func (w *QueueWorkerCanary) alarms(p QueueWorkerCanaryProps) {
	if w.DeadLetters != nil {
		w.alarm(p, "dlq-not-empty", "Messages could not be processed: they are in the dead-letter queue.",
			w.DeadLetters.MetricApproximateNumberOfMessagesVisible(maximum()), 1, 1)
	}
	w.alarm(p, "oldest-message", "The oldest message has waited for long: the worker does not keep up.",
		w.Queue.MetricApproximateAgeOfOldestMessage(maximum()), 3**p.Visibility.ToSeconds(nil), 3)
	if failed, total := w.outcomes(lastPart(w.target.ECSQueue.CanaryService)); failed != nil {
		share := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: jsii.String("failed / total"), Label: jsii.String("share of failed messages"),
			UsingMetrics: &map[string]awscloudwatch.IMetric{"failed": failed, "total": total}, Period: minute(),
		})
		w.alarm(p, "canary-failures", "The canary fails too many messages.", share, p.FailureShare, 2)
	}
}

// alarm makes one alarm that goes off when a metric reaches a threshold in so many minutes of the last so many.
func (w *QueueWorkerCanary) alarm(p QueueWorkerCanaryProps, name, says string, metric awscloudwatch.IMetric, threshold, minutes float64) {
	alarm := awscloudwatch.NewAlarm(w.scope, jsii.String(logicalID(name)), &awscloudwatch.AlarmProps{
		AlarmName: jsii.String(string(w.target.Name) + "-" + name), AlarmDescription: &says, Metric: metric,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          &threshold, EvaluationPeriods: &minutes, DatapointsToAlarm: &minutes,
		TreatMissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	if p.Topic != nil {
		alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(p.Topic))
	}
	w.Alarms = append(w.Alarms, alarm)
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

// dashboard shows the queue and both versions side by side.
func (w *QueueWorkerCanary) dashboard() {
	q := w.target.ECSQueue
	var failed, done []awscloudwatch.IMetric
	for _, service := range []string{lastPart(q.PrimaryService), lastPart(q.CanaryService)} {
		if f, t := w.outcomes(service); f != nil {
			failed, done = append(failed, f), append(done, t)
		}
	}
	waiting := []awscloudwatch.IMetric{w.Queue.MetricApproximateNumberOfMessagesVisible(maximum())}
	if w.DeadLetters != nil {
		waiting = append(waiting, w.DeadLetters.MetricApproximateNumberOfMessagesVisible(maximum()))
	}
	age := []awscloudwatch.IMetric{w.Queue.MetricApproximateAgeOfOldestMessage(maximum())}
	w.Dashboard = awscloudwatch.NewDashboard(w.scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String(string(w.target.Name)),
		Widgets: &[]*[]awscloudwatch.IWidget{
			{graph("Failed, by version", failed), graph("Processed, by version", done)},
			{graph("Messages that wait, dead letters", waiting), graph("Age of the oldest message", age)},
			{awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{Title: jsii.String("Alarms"), Alarms: alarmsOf(w.Alarms), Width: jsii.Number(24)})},
		},
	})
}

func graph(title string, metrics []awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: &title, Left: &metrics, Width: jsii.Number(12), LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
	})
}

func alarmsOf(alarms []awscloudwatch.Alarm) *[]interfacesawscloudwatch.IAlarmRef {
	var all []interfacesawscloudwatch.IAlarmRef
	for _, alarm := range alarms {
		all = append(all, alarm)
	}
	return &all
}

func minute() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }

func maximum() *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minute()}
}
