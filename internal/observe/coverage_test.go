package observe

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/judge"
)

func TestThroughout(t *testing.T) {
	now := minute(30) // the window is minutes 1 to 28
	for name, row := range map[string]struct {
		set  func(*fakeCloudWatch)
		want bool
	}{
		"every minute": {func(f *fakeCloudWatch) { f.sampled("a", 1, 28) }, true},
		"a gap":        {func(f *fakeCloudWatch) { f.sampled("a", 1, 15); f.sampled("a", 16, 28) }, false},
		"none":         {func(*fakeCloudWatch) {}, false},
		"the minute before the window does not count": {func(f *fakeCloudWatch) { f.sampled("a", 0, 27) }, false},
		"a minute without samples is a gap": {func(f *fakeCloudWatch) {
			f.sampled("a", 1, 28)
			f.put("AWS/SQS/a{QueueName=orders,} SampleCount 60", minute(9), 0)
		}, false},
		"answered in part": {func(f *fakeCloudWatch) {
			f.sampled("a", 1, 28)
			f.status = map[string]types.StatusCode{"AWS/SQS/a{QueueName=orders,} SampleCount 60": types.StatusCodePartialData}
		}, false},
		"five minutes": {func(f *fakeCloudWatch) {
			f.metric[0].Period = aws.Int32(300)
			for m := 5; m < 25; m += 5 {
				f.put("AWS/SQS/a{QueueName=orders,} SampleCount 300", minute(m), 1)
			}
		}, true},
		"five minutes with a gap": {func(f *fakeCloudWatch) {
			f.metric[0].Period = aws.Int32(300)
			for m := 5; m < 20; m += 5 {
				f.put("AWS/SQS/a{QueueName=orders,} SampleCount 300", minute(m), 1)
			}
		}, false},
		"no whole period": {func(f *fakeCloudWatch) {
			f.metric[0].Period = aws.Int32(3600)
			f.put("AWS/SQS/a{QueueName=orders,} SampleCount 3600", minute(0), 60)
		}, false},
		"high resolution is asked by the minute": {func(f *fakeCloudWatch) {
			f.metric[0].Period = aws.Int32(10)
			f.sampled("a", 1, 28)
		}, true},
		"math over two metrics, one of which is published only when there is something": {func(f *fakeCloudWatch) {
			f.metric[0].MetricName, f.metric[0].Namespace = nil, nil
			for _, name := range []string{"f", "t"} {
				f.metric[0].Metrics = append(f.metric[0].Metrics, types.MetricDataQuery{Id: aws.String(name), MetricStat: &types.MetricStat{
					Metric: &types.Metric{Namespace: aws.String("AWS/SQS"), MetricName: aws.String(name), Dimensions: f.metric[0].Dimensions}, Period: aws.Int32(60), Stat: aws.String("Sum"),
				}})
			}
			f.metric[0].Metrics = append(f.metric[0].Metrics, types.MetricDataQuery{Id: aws.String("e"), Expression: aws.String("f/t")})
			f.sampled("t", 1, 28)
			f.sampled("f", 5, 6)
		}, true},
		"a query without metrics": {func(f *fakeCloudWatch) {
			f.metric[0].MetricName, f.metric[0].Namespace = nil, nil
			f.metric[0].Metrics = []types.MetricDataQuery{{Id: aws.String("e"), Expression: aws.String(`SELECT MAX(x) FROM y`)}}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeCloudWatch{}
			f.alarm("a", judge.OK, start.Add(-time.Hour))
			row.set(f)
			if got := evidence(t, f, now, aRelease("a")).Alarms[0].Throughout; got != row.want {
				t.Errorf("throughout is %v", got)
			}
		})
	}
}

func TestCompositeHasTheDataOfItsAlarms(t *testing.T) {
	f := &fakeCloudWatch{}
	f.alarm("idle", judge.OK, start.Add(-time.Hour))
	f.alarm("busy", judge.OK, start.Add(-time.Hour))
	f.sampled("busy", 1, 28)
	for name, rule := range map[string]string{
		"direct": `ALARM("busy") OR ALARM(idle)`, "nested": `ALARM(direct)`, "idle-only": `ALARM(idle)`, "foreign": `ALARM(elsewhere)`,
		"self": `ALARM(self)`, "circle": `ALARM(elcric)`, "elcric": `ALARM(circle)`,
	} {
		f.composite = append(f.composite, types.CompositeAlarm{AlarmName: aws.String(name), AlarmRule: aws.String(rule), StateValue: types.StateValueOk, StateTransitionedTimestamp: aws.Time(start.Add(-time.Hour))})
	}
	names := []string{"nested", "direct", "idle", "busy", "idle-only", "foreign", "self", "circle", "elcric"}
	var throughout []string
	for _, a := range evidence(t, f, minute(30), aRelease(names...)).Alarms {
		if a.Throughout {
			throughout = append(throughout, a.Name)
		}
	}
	if want := []string{"nested", "direct", "busy"}; !slices.Equal(throughout, want) {
		t.Errorf("%v, want %v", throughout, want)
	}
}
