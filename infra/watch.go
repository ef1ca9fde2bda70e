package infra

import (
	"fmt"
	"math"

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

// dashboard shows what the lines are and where to ask, rows of graphs, and the alarms below them.
func (w *watch) dashboard(versions string, rows ...[]awscloudwatch.IWidget) awscloudwatch.Dashboard {
	name := w.target.Name
	says := fmt.Sprintf("**%s** %s Where a line has a gap there was no work, or it is still to come: CloudWatch is minutes late.\n\n"+
		"What serves, what happens next and when, and what you can do: `serin status %s`. What came of earlier releases: `serin history %s`.", name, versions, name, name)
	widgets := []*[]awscloudwatch.IWidget{{
		awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{Markdown: &says, Width: jsii.Number(24), Height: jsii.Number(3)}),
	}}
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

// The colours of both versions on every graph: CloudWatch's own blue and orange, which also people tell apart who see few
// colours. Lines of versions that are found by search have CloudWatch's choice.
const (
	primaryColour = "#1f77b4"
	canaryColour  = "#ff7f0e"
	alarmColour   = "#d62728"
)

// graph draws metrics from zero on, in a unit that stands at the axis, with a line where an alarm goes off.
func graph(title, unit string, metrics []awscloudwatch.IMetric, thresholds ...threshold) awscloudwatch.IWidget {
	props := awscloudwatch.GraphWidgetProps{
		Title: &title, Left: &metrics, Width: jsii.Number(12),
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0), Label: &unit, ShowUnits: jsii.Bool(false)},
	}
	if len(thresholds) > 0 {
		var lines []*awscloudwatch.HorizontalAnnotation
		for _, t := range thresholds {
			lines = append(lines, &awscloudwatch.HorizontalAnnotation{Value: &t.at, Label: jsii.String("alarm " + t.alarm), Color: jsii.String(alarmColour)})
		}
		props.LeftAnnotations = &lines
	}
	return awscloudwatch.NewGraphWidget(&props)
}

// threshold is where an alarm goes off, in the unit of the graph that shows it.
type threshold struct {
	alarm string
	at    float64
}

// ofShare is the threshold of an alarm on a share from 0 to 1, on a graph in percent: 7, not 7.000000000000001.
func ofShare(alarm string, share float64) threshold {
	const digits = 1e9
	return threshold{alarm, math.Round(share*100*digits) / digits}
}

// percent is a quotient of metrics in percent, as a line of one version.
func percent(expression, label, colour string, metrics map[string]awscloudwatch.IMetric) awscloudwatch.IMetric {
	expression = "100 * (" + expression + ")"
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: &expression, Label: &label, Color: &colour, UsingMetrics: &metrics, Period: minute(),
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

// labelled is maximum for a graph. An alarm on a metric with a label would be another kind of alarm.
func labelled(label string) *awscloudwatch.MetricOptions {
	options := maximum()
	options.Label = &label
	return options
}
