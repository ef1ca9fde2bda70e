package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// watch makes a target's alarms, the vetoes that its file names in checks.alarms, and its dashboard.
type watch struct {
	scope  constructs.Construct
	target *Target
	topic  awssns.ITopic // told by the alarms; nil: they tell nobody but serin
	alarms []awscloudwatch.Alarm
}

// alarm makes the alarm TARGET-name, which goes off when a metric reaches a threshold in so many minutes of the last so
// many. A minute without data is a good one: most metrics of failures are published only where there are some.
func (w *watch) alarm(name, says string, metric awscloudwatch.IMetric, threshold, minutes float64) {
	alarm := awscloudwatch.NewAlarm(w.scope, jsii.String(logicalID(name)), &awscloudwatch.AlarmProps{
		AlarmName: jsii.String(string(w.target.Name) + "-" + name), AlarmDescription: &says, Metric: metric,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          &threshold, EvaluationPeriods: &minutes, DatapointsToAlarm: &minutes,
		TreatMissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	if w.topic != nil {
		alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(w.topic))
	}
	w.alarms = append(w.alarms, alarm)
}

// dashboard shows rows of graphs, and the alarms below them.
func (w *watch) dashboard(rows ...[]awscloudwatch.IWidget) awscloudwatch.Dashboard {
	var widgets []*[]awscloudwatch.IWidget
	for _, row := range rows {
		widgets = append(widgets, &row)
	}
	var alarms []interfacesawscloudwatch.IAlarmRef
	for _, alarm := range w.alarms {
		alarms = append(alarms, alarm)
	}
	widgets = append(widgets, &[]awscloudwatch.IWidget{
		awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{Title: jsii.String("Alarms"), Alarms: &alarms, Width: jsii.Number(24)}),
	})
	return awscloudwatch.NewDashboard(w.scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String(string(w.target.Name)), Widgets: &widgets,
	})
}

func graph(title string, metrics []awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: &title, Left: &metrics, Width: jsii.Number(12), LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
	})
}

// share is a quotient of metrics, by their names in an expression.
func share(expression, label string, metrics map[string]awscloudwatch.IMetric) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: &expression, Label: &label, UsingMetrics: &metrics, Period: minute(),
	})
}

func minute() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }

func maximum() *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minute()}
}
