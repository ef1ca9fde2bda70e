package scenario_test

import (
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

const goodAlarm = `{"AlarmName": "orders-dlq-not-empty", "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum",
	"Dimensions": [{"Name": "QueueName", "Value": "orders-dlq"}], "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 0.0,
	"ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching", "StateValue": "OK", "StateUpdatedTimestamp": "2026-01-04T22:31:07.512000+00:00"}`

func TestReadAlarms(t *testing.T) {
	text := `{"MetricAlarms": [` + goodAlarm + `,
		{"AlarmName": "math", "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "SomethingNew": {"A": 1},
		 "EvaluationCriteria": {"PromQLCriteria": {"Query": "x"}},
		 "Metrics": [{"Id": "m", "ReturnData": true, "MetricStat": {"Metric": {"Namespace": "Orders", "MetricName": "Failed"}, "Period": 60, "Stat": "Sum"}}]},
		{"AlarmName": "p99", "Namespace": "Orders", "MetricName": "Latency", "ExtendedStatistic": "p99", "Period": 10, "EvaluationPeriods": 1, "ThresholdMetricId": "ad1", "ComparisonOperator": "GreaterThanUpperThreshold"}],
	"CompositeAlarms": [{"AlarmName": "any", "AlarmRule": "ALARM(math) OR ALARM(p99)", "StateValue": "INSUFFICIENT_DATA"}]}`
	set, err := scenario.ReadAlarms("a.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(set.Names(), " "); got != "orders-dlq-not-empty math p99 any" {
		t.Errorf("names %s", got)
	}
	alarm := set.Metric[0]
	if *alarm.Threshold != 0 || *alarm.Period != 60 || *alarm.DatapointsToAlarm != 2 || *alarm.Dimensions[0].Value != "orders-dlq" || alarm.StateValue != "OK" || alarm.StateUpdatedTimestamp.Year() != 2026 {
		t.Errorf("%+v", alarm)
	}
	if *set.Metric[1].Metrics[0].MetricStat.Stat != "Sum" || *set.Composite[0].AlarmRule != "ALARM(math) OR ALARM(p99)" {
		t.Errorf("%+v", set)
	}
}

func TestReadAlarmsRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"no name", `"AlarmName": "orders-dlq-not-empty", `, "", "a.json: MetricAlarms[0] has no AlarmName"},
		{"no threshold", `"Threshold": 0.0,`, "", "a.json: MetricAlarms[0] (orders-dlq-not-empty) has no Threshold"},
		{"no metric", `"MetricName": "ApproximateNumberOfMessagesVisible", `, "", "has no Metrics, so it must have Namespace and MetricName"},
		{"no statistic", `"Statistic": "Maximum",`, "", "must have either Statistic or ExtendedStatistic"},
		{"odd period", `"Period": 60`, `"Period": 45`, "has no Period of 10, 20 or 30 seconds or a multiple of 60"},
		{"no periods", `"EvaluationPeriods": 3`, `"EvaluationPeriods": 0`, "has no EvaluationPeriods, or less than 1"},
		{"M above N", `"DatapointsToAlarm": 2`, `"DatapointsToAlarm": 4`, "has DatapointsToAlarm that are not from 1 to EvaluationPeriods"},
		{"operator", `"GreaterThanThreshold"`, `"Above"`, `has the ComparisonOperator "Above", which CloudWatch does not know`},
		{"missing data", `"notBreaching"`, `"good"`, `has TreatMissingData "good" but it must be missing, breaching, notBreaching or ignore`},
		{"state", `"OK"`, `"FINE"`, `has the StateValue "FINE" but it must be OK, ALARM or INSUFFICIENT_DATA`},
		{"text for a number", `"Period": 60`, `"Period": "60"`, "a.json:2:"},
		{"cut off", "}`", "", ""},
	} {
		text := `{"MetricAlarms": [` + strings.Replace(goodAlarm, c.old, c.new, 1) + "]}"
		if c.name == "cut off" {
			text, c.want = text[:40], "is not readable: unexpected end of JSON input"
		}
		_, err := scenario.ReadAlarms("a.json", []byte(text))
		if err == nil || !strings.Contains(err.Error(), c.want) || release.CodeOf(err) != release.Invalid {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for text, want := range map[string]string{
		`{"MetricAlarms": [` + goodAlarm + "," + goodAlarm + `]}`:       "MetricAlarms[1] (orders-dlq-not-empty) stands here a second time",
		`{"MetricAlarms": [], "CompositeAlarms": [{"AlarmName": "a"}]}`: "CompositeAlarms[0] (a) has no AlarmRule",
		`{"MetricAlarms": [], "NextToken": "x"}`:                        "ends with a NextToken, so alarms are missing",
		`{"AlarmName": "a"}`:                                            "has neither MetricAlarms nor CompositeAlarms",
		`[]`:                                                            "is not readable",
	} {
		if _, err := scenario.ReadAlarms("a.json", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzReadAlarms(f *testing.F) {
	f.Add(`{"MetricAlarms": [` + goodAlarm + `]}`)
	f.Add(`{"CompositeAlarms": [{"AlarmName": "any", "AlarmRule": "ALARM(math)"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		set, err := scenario.ReadAlarms("a.json", []byte(text))
		if err != nil {
			if release.CodeOf(err) != release.Invalid {
				t.Fatalf("code %s: %v", release.CodeOf(err), err)
			}
			return
		}
		for _, alarm := range set.Metric {
			if *alarm.AlarmName == "" || *alarm.EvaluationPeriods < 1 {
				t.Fatalf("%+v", alarm)
			}
		}
	})
}
