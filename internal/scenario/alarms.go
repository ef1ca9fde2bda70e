package scenario

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/yamlfile"
)

const maxAlarmBytes = 4 << 20

// AlarmSet is what `aws cloudwatch describe-alarms` prints, as the SDK's own types.
type AlarmSet struct {
	Metric    []types.MetricAlarm
	Composite []types.CompositeAlarm
}

// Names returns the names of all alarms, metric alarms first.
func (a AlarmSet) Names() []string {
	var names []string
	for _, alarm := range a.Metric {
		names = append(names, *alarm.AlarmName)
	}
	for _, alarm := range a.Composite {
		names = append(names, *alarm.AlarmName)
	}
	return names
}

// metricAlarm leaves EvaluationCriteria unread: the SDK's type for it is an interface, and no alarm on a metric has it.
type metricAlarm struct {
	types.MetricAlarm
	EvaluationCriteria json.RawMessage
}

// ReadAlarms reads what `aws cloudwatch describe-alarms` prints. Fields that evaluation needs must be there and make
// sense; fields that are not known are passed over, since AWS adds some.
func ReadAlarms(name string, data []byte) (AlarmSet, error) {
	var printed struct {
		MetricAlarms    []metricAlarm
		CompositeAlarms []types.CompositeAlarm
		NextToken       string
	}
	var problems yamlfile.Problems
	add := func(problem yamlfile.Problem) {
		problem.File = name
		problems = append(problems, problem)
	}
	if err := json.Unmarshal(data, &printed); err != nil {
		add(jsonProblem(data, err))
		return AlarmSet{}, problems.Err()
	}
	if printed.MetricAlarms == nil && printed.CompositeAlarms == nil {
		add(wrong(yamlfile.Place{}, "has neither MetricAlarms nor CompositeAlarms but must be what `aws cloudwatch describe-alarms` prints"))
	}
	if printed.NextToken != "" {
		add(wrong(yamlfile.Place{}, "ends with a NextToken, so alarms are missing; fetch all pages"))
	}
	set := AlarmSet{Composite: printed.CompositeAlarms}
	seen := map[string]bool{}
	check := func(path string, alarm *string, rest []string) {
		if alarm == nil || *alarm == "" {
			add(yamlfile.Problem{Path: path, Text: "has no AlarmName"})
			return
		}
		if seen[*alarm] {
			rest = append(rest, "stands here a second time but must stand once")
		}
		seen[*alarm] = true
		for _, why := range rest {
			add(yamlfile.Problem{Path: fmt.Sprintf("%s (%s)", path, *alarm), Text: why})
		}
	}
	for i, alarm := range printed.MetricAlarms {
		check(fmt.Sprintf("MetricAlarms[%d]", i), alarm.AlarmName, metricAlarmProblems(alarm.MetricAlarm))
		set.Metric = append(set.Metric, alarm.MetricAlarm)
	}
	for i, alarm := range set.Composite {
		var why []string
		if alarm.AlarmRule == nil || *alarm.AlarmRule == "" {
			why = append(why, "has no AlarmRule")
		}
		check(fmt.Sprintf("CompositeAlarms[%d]", i), alarm.AlarmName, append(why, stateProblems(alarm.StateValue)...))
	}
	return set, problems.Err()
}

// metricAlarmProblems keeps the rules of PutMetricAlarm that evaluation depends on.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func metricAlarmProblems(alarm types.MetricAlarm) []string {
	var why []string
	need := func(holds bool, text string) {
		if !holds {
			why = append(why, text)
		}
	}
	need(alarm.EvaluationPeriods != nil && *alarm.EvaluationPeriods >= 1, "has no EvaluationPeriods, or less than 1")
	need(alarm.DatapointsToAlarm == nil || alarm.EvaluationPeriods == nil ||
		*alarm.DatapointsToAlarm >= 1 && *alarm.DatapointsToAlarm <= *alarm.EvaluationPeriods, "has DatapointsToAlarm that are not from 1 to EvaluationPeriods")
	need(slices.Contains(alarm.ComparisonOperator.Values(), alarm.ComparisonOperator),
		fmt.Sprintf("has the ComparisonOperator %s, which CloudWatch does not know", yamlfile.Quote(string(alarm.ComparisonOperator))))
	need(alarm.Threshold != nil || alarm.ThresholdMetricId != nil, "has no Threshold")
	treat := "missing"
	if alarm.TreatMissingData != nil {
		treat = *alarm.TreatMissingData
	}
	need(slices.Contains([]string{"missing", "breaching", "notBreaching", "ignore"}, treat),
		fmt.Sprintf("has TreatMissingData %s but it must be missing, breaching, notBreaching or ignore", yamlfile.Quote(treat)))
	if len(alarm.Metrics) == 0 {
		need(alarm.Namespace != nil && alarm.MetricName != nil, "has no Metrics, so it must have Namespace and MetricName")
		need((alarm.Statistic != "") != (alarm.ExtendedStatistic != nil), "must have either Statistic or ExtendedStatistic")
		need(alarm.Period != nil && validPeriod(*alarm.Period), "has no Period of 10, 20 or 30 seconds or a multiple of 60")
	}
	return append(why, stateProblems(alarm.StateValue)...)
}

func validPeriod(seconds int32) bool {
	return seconds == 10 || seconds == 20 || seconds == 30 || seconds > 0 && seconds%60 == 0
}

func stateProblems(state types.StateValue) []string {
	if state == "" || slices.Contains(state.Values(), state) {
		return nil
	}
	return []string{fmt.Sprintf("has the StateValue %s but it must be OK, ALARM or INSUFFICIENT_DATA", yamlfile.Quote(string(state)))}
}
