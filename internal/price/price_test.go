package price

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"pgregory.net/rapid"
)

func TestBillOfAUsualRelease(t *testing.T) {
	bill := Of(Usage{
		Transitions: 126, Invocations: 60, GBSeconds: 3, Writes: 400, Reads: 100,
		MetricsRead: 240, MetricPuts: 2, Publishes: 1, CustomEvents: 3, QueueRequests: 5,
	})
	want := 126*0.025/1e3 + 60*0.2/1e6 + 3*0.0000133334 + 400*0.625/1e6 + 100*0.125/1e6 +
		240*0.01/1e3 + 2*0.01/1e3 + 0.5/1e6 + 3/1e6 + 5*0.4/1e6
	if math.Abs(bill.USD-want) > 1e-12 {
		t.Errorf("the bill is %.9f USD, want %.9f", bill.USD, want)
	}
	if len(bill.Lines) != len(Rates()) {
		t.Errorf("%d lines for a usage of everything; %d rates", len(bill.Lines), len(Rates()))
	}
}

func TestBillOfNothing(t *testing.T) {
	if bill := Of(Usage{}); bill.USD != 0 || len(bill.Lines) != 0 {
		t.Errorf("nothing used costs %v", bill)
	}
}

func TestEveryRateIsComplete(t *testing.T) {
	for _, rate := range Rates() {
		if rate.Item == "" || rate.Unit == "" || rate.USD <= 0 || rate.Per <= 0 || !strings.HasPrefix(rate.Source, "https://aws.amazon.com/") {
			t.Errorf("rate %+v is incomplete", rate)
		}
	}
}

// Whoever quotes a price of what stands finds out how it is known.
func TestEveryMonthIsComplete(t *testing.T) {
	for _, kind := range []Standing{Alarm, MathAlarm, Key, Dashboard, CanaryTask} {
		if m := MonthOf(kind); m.USD <= 0 || !strings.HasPrefix(m.Page, "https://aws.amazon.com/") || m.Read == "" {
			t.Errorf("%s: %+v is incomplete", kind, m)
		}
	}
	if m := MonthOf("typewriter"); m != (Month{}) {
		t.Errorf("what is not known costs %+v", m)
	}
}

func TestCallsAreCountedInBilledUnits(t *testing.T) {
	tests := []struct {
		name   string
		action string
		in     any
		want   Usage
	}{
		{"the table knows what a write costs", "dynamodb:PutItem", nil, Usage{}},
		{"metrics", "cloudwatch:GetMetricData", &cloudwatch.GetMetricDataInput{MetricDataQueries: make([]cwtypes.MetricDataQuery, 4)}, Usage{MetricsRead: 4}},
		{"a metric", "cloudwatch:PutMetricData", nil, Usage{MetricPuts: 1}},
		{"a publish", "sns:Publish", nil, Usage{Publishes: 1}},
		{"an event", "events:PutEvents", nil, Usage{CustomEvents: 1}},
		{"a queue's attributes", "sqs:GetQueueAttributes", nil, Usage{QueueRequests: 1}},
		{"alarms are free", "cloudwatch:DescribeAlarms", nil, Usage{}},
		{"ECS is free", "ecs:UpdateService", nil, Usage{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got Usage
			got.Call(test.action, test.in)
			if got != test.want {
				t.Errorf("%s counts %+v, want %+v", test.action, got, test.want)
			}
		})
	}
}

func TestInvocationCountsGBSeconds(t *testing.T) {
	var got Usage
	got.Invoke(2*time.Second, 256)
	if want := (Usage{Invocations: 1, GBSeconds: 0.5}); got != want {
		t.Errorf("2 s at 256 MB count %+v, want %+v", got, want)
	}
}

func TestCostsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Usage {
			amount := rapid.Float64Range(0, 1e6)
			return Usage{
				Transitions: amount.Draw(t, name+" transitions"), Invocations: amount.Draw(t, name+" invocations"),
				GBSeconds: amount.Draw(t, name+" GB-seconds"), Writes: amount.Draw(t, name+" writes"),
				Reads: amount.Draw(t, name+" reads"), MetricsRead: amount.Draw(t, name+" metrics"),
				MetricPuts: amount.Draw(t, name+" puts"), Publishes: amount.Draw(t, name+" publishes"),
				CustomEvents: amount.Draw(t, name+" events"), QueueRequests: amount.Draw(t, name+" queue"),
			}
		}
		a, b := draw("a"), draw("b")
		apart := Of(a).USD + Of(b).USD
		a.Add(b)
		if together := Of(a).USD; math.Abs(together-apart) > 1e-9*max(1, apart) {
			t.Fatalf("together %v USD, apart %v USD", together, apart)
		}
	})
}
