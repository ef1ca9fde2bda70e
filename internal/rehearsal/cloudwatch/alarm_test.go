package cloudwatch

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

func notBreaching(a *types.MetricAlarm) { a.TreatMissingData = aws.String("notBreaching") }

// An alarm knows nothing until its first tick, fires at the first tick after its data point shows, and clears once
// the range holds a later one.
func TestAlarmFollowsItsMetric(t *testing.T) {
	l, s := newService(30 * time.Second)
	install(t, s, metricAlarm("failures", notBreaching))
	if got := stateOf(t, s, "failures"); got != types.StateValueInsufficientData {
		t.Fatalf("at first %s", got)
	}
	l.AdvanceTo(at(1))
	if got := stateOf(t, s, "failures"); got != types.StateValueOk {
		t.Fatalf("after a minute without data %s", got)
	}
	s.Put("Orders", "Failed", nil, at(1), 3, 3, 1, 1)
	l.AdvanceTo(at(2).Add(29 * time.Second))
	if got := stateOf(t, s, "failures"); got != types.StateValueOk {
		t.Fatalf("before the data point shows %s", got)
	}
	l.AdvanceTo(at(3).Add(30 * time.Second))
	if got := stateOf(t, s, "failures"); got != types.StateValueAlarm {
		t.Fatalf("a minute after the data point shows %s", got)
	}
	s.Put("Orders", "Failed", nil, at(3), 0, 3, 0, 0)
	l.AdvanceTo(at(6))
	if got := stateOf(t, s, "failures"); got != types.StateValueOk {
		t.Fatalf("after a later fine data point %s", got)
	}
}

// A breaching data point stays in the evaluation range for a while: an alarm of 1 of 1 looks back over three minutes
// for real data, and only then treats data as missing.
func TestAlarmClearsOnceItsRangeIsEmpty(t *testing.T) {
	l, s := newService(0)
	install(t, s, metricAlarm("failures", notBreaching))
	s.Put("Orders", "Failed", nil, at(1), 3, 3, 1, 1)
	l.AdvanceTo(at(4).Add(59 * time.Second))
	if got := stateOf(t, s, "failures"); got != types.StateValueAlarm {
		t.Errorf("while minute 1 is in the range: %s", got)
	}
	l.AdvanceTo(at(6))
	if got := stateOf(t, s, "failures"); got != types.StateValueOk {
		t.Errorf("after minute 1 left the range: %s", got)
	}
}

func TestComparisonOperators(t *testing.T) {
	for op, want := range map[types.ComparisonOperator][3]bool{ // of 1, 2 and 3 against 2
		types.ComparisonOperatorGreaterThanThreshold:          {false, false, true},
		types.ComparisonOperatorGreaterThanOrEqualToThreshold: {false, true, true},
		types.ComparisonOperatorLessThanThreshold:             {true, false, false},
		types.ComparisonOperatorLessThanOrEqualToThreshold:    {true, true, false},
	} {
		for i, fires := range want {
			l, s := newService(0)
			install(t, s, metricAlarm("a", func(a *types.MetricAlarm) { a.ComparisonOperator, a.Threshold = op, aws.Float64(2) }))
			s.Put("Orders", "Failed", nil, at(0), float64(i+1), 1, 0, 0)
			l.AdvanceTo(at(2))
			if got := stateOf(t, s, "a"); (got == types.StateValueAlarm) != fires {
				t.Errorf("%d %s 2: %s", i+1, op, got)
			}
		}
	}
}

func TestMathAlarm(t *testing.T) {
	l, s := newService(0)
	install(t, s, types.MetricAlarm{
		AlarmName: aws.String("rate"), EvaluationPeriods: aws.Int32(3), DatapointsToAlarm: aws.Int32(2), Threshold: aws.Float64(2),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		Metrics: []types.MetricDataQuery{
			{Id: aws.String("e"), Expression: aws.String("100*FILL(f,0)/t"), ReturnData: aws.Bool(true)},
			func() types.MetricDataQuery {
				q := stat("f", "Failed", "Sum", 60)
				q.ReturnData = aws.Bool(false)
				return q
			}(),
			func() types.MetricDataQuery {
				q := stat("t", "Total", "Sum", 60)
				q.ReturnData = aws.Bool(false)
				return q
			}(),
		},
	})
	put := func(minute, failed, total float64) {
		if failed > 0 {
			s.Put("Orders", "Failed", nil, at(minute), failed, total, 0, 1)
		}
		s.Put("Orders", "Total", nil, at(minute), total, total, 1, 1)
	}
	put(0, 0, 100)
	put(1, 5, 100)
	put(2, 0, 100)
	l.AdvanceTo(at(4))
	if got := stateOf(t, s, "rate"); got != types.StateValueOk {
		t.Fatalf("one of three: %s", got)
	}
	put(3, 9, 100)
	l.AdvanceTo(at(5))
	if got := stateOf(t, s, "rate"); got != types.StateValueAlarm {
		t.Fatalf("two of three: %s", got)
	}
}

func TestPercentileAlarmIgnoresFewSamples(t *testing.T) {
	for treatment, want := range map[string]types.StateValue{"ignore": types.StateValueInsufficientData, "evaluate": types.StateValueAlarm} {
		l, s := newService(0)
		install(t, s, metricAlarm("slow", func(a *types.MetricAlarm) {
			a.Statistic, a.ExtendedStatistic, a.EvaluateLowSampleCountPercentile = "", aws.String("p99"), aws.String(treatment)
		}))
		s.Series("Orders", "Failed").AddValues(at(0), []float64{5}, []float64{999})
		l.AdvanceTo(at(2))
		if got := stateOf(t, s, "slow"); got != want {
			t.Errorf("%s with 999 of 1000 samples: %s, want %s", treatment, got, want)
		}
	}
}

func TestDefineRefuses(t *testing.T) {
	for says, change := range map[string]func(*types.MetricAlarm){
		"no AlarmName":         func(a *types.MetricAlarm) { a.AlarmName = nil },
		"at least 1 out of 1":  func(a *types.MetricAlarm) { a.DatapointsToAlarm = aws.Int32(2) },
		"TreatMissingData":     func(a *types.MetricAlarm) { a.TreatMissingData = aws.String("maybe") },
		"ComparisonOperator":   func(a *types.MetricAlarm) { a.ComparisonOperator = types.ComparisonOperatorGreaterThanUpperThreshold },
		"anomaly detection":    func(a *types.MetricAlarm) { a.ThresholdMetricId = aws.String("ad1") },
		"no Threshold":         func(a *types.MetricAlarm) { a.Threshold = nil },
		"period of 10 s":       func(a *types.MetricAlarm) { a.Period = aws.Int32(10) },
		"statistic \"IQM\"":    func(a *types.MetricAlarm) { a.Statistic = "IQM" },
		"neither a MetricName": func(a *types.MetricAlarm) { a.MetricName = nil },
		"longer than an alarm": func(a *types.MetricAlarm) { a.EvaluationPeriods = aws.Int32(1441) },
		"both a MetricName":    func(a *types.MetricAlarm) { a.Metrics = []types.MetricDataQuery{stat("m", "Total", "Sum", 60)} },
		"both e and f return": func(a *types.MetricAlarm) {
			a.MetricName, a.Metrics = nil, []types.MetricDataQuery{formula("e", "f"), stat("f", "Failed", "Sum", 60)}
		},
		"depends on itself": func(a *types.MetricAlarm) {
			loops := formula("g", "e")
			loops.ReturnData = aws.Bool(false)
			a.MetricName, a.Metrics = nil, []types.MetricDataQuery{formula("e", "g"), loops}
		},
	} {
		if _, err := Define(metricAlarm("a", change)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	if Silent("idle").Name() != "idle" {
		t.Error("a silent alarm has another name")
	}
}

// The story of an alarm does not depend on when, or how often, somebody asks: it is what a CloudWatch that evaluates
// at every tick would tell.
func TestLazinessDoesNotShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		periods := int32(rapid.IntRange(1, 3).Draw(t, "periods"))
		treat := rapid.SampledFrom([]string{"missing", "ignore", "breaching", "notBreaching"}).Draw(t, "treatment")
		minutes := rapid.SliceOfN(rapid.IntRange(-1, 1), 1, 30).Draw(t, "minutes")
		late := rapid.IntRange(0, 30).Draw(t, "late")
		play := func(ask bool) string {
			l := loop.New(start, seed)
			s := New(l)
			leaf, err := Define(metricAlarm("leaf", func(a *types.MetricAlarm) {
				a.EvaluationPeriods, a.TreatMissingData = aws.Int32(periods), aws.String(treat)
			}))
			if err != nil {
				t.Fatal(err)
			}
			top, err := DefineComposite(types.CompositeAlarm{AlarmName: aws.String("top"), AlarmRule: aws.String(`ALARM(leaf) OR INSUFFICIENT_DATA(leaf)`)})
			if err != nil {
				t.Fatal(err)
			}
			s.Install(leaf, top)
			for m, v := range minutes {
				l.AdvanceTo(at(float64(m + 1)))
				if v >= 0 {
					s.Put("Orders", "Failed", nil, at(float64(m)), float64(v), 1, 0, 1)
				}
				if m == late {
					s.Put("Orders", "Failed", nil, at(float64(m/2)), 1, 1, 0, 1) // into a minute that shows already
				}
				if ask {
					s.catchUp(s.now())
				}
			}
			l.AdvanceTo(at(40))
			return story(t, s, "leaf") + story(t, s, "top")
		}
		if eager, lazy := play(true), play(false); eager != lazy {
			t.Fatalf("asked every minute:\n%s\nasked at the end:\n%s", eager, lazy)
		}
	})
}

type fatal interface{ Fatal(...any) }

func story(t fatal, s *Service, name string) string {
	out, err := s.describeHistory(&sdk.DescribeAlarmHistoryInput{
		AlarmName: aws.String(name), ScanBy: types.ScanByTimestampAscending,
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, item := range out.AlarmHistoryItems {
		fmt.Fprintf(&text, "%s %s %s %s\n", name, item.Timestamp.Format(time.StampMilli), *item.HistorySummary, *item.HistoryData)
	}
	return text.String()
}

// An alarm is not evaluated before it exists.
func TestAlarmsBeginWhenInstalled(t *testing.T) {
	for seed := range uint64(20) {
		l := loop.New(start, seed)
		s := New(l)
		l.AdvanceTo(at(10.5))
		install(t, s, metricAlarm("a", notBreaching))
		l.AdvanceTo(at(12))
		if a := s.alarm("a"); stateOf(t, s, "a") != types.StateValueOk || a.since.Before(at(10.5)) || a.since.After(at(11.5)) {
			t.Fatalf("seed %d: %s since %s", seed, a.state, a.since)
		}
	}
}

func BenchmarkReleaseWorth(b *testing.B) {
	var definitions []*Definition
	for _, name := range []string{"dlq", "age", "rate"} {
		d, err := Define(metricAlarm(name, func(a *types.MetricAlarm) { a.EvaluationPeriods = aws.Int32(3) }))
		if err != nil {
			b.Fatal(err)
		}
		definitions = append(definitions, d)
	}
	queries := []types.MetricDataQuery{}
	for i := range 8 {
		queries = append(queries, stat(fmt.Sprint("q", i), fmt.Sprint("m", i), "Sum", 60))
	}
	b.ReportAllocs()
	for b.Loop() {
		l := loop.New(start, rand.Uint64())
		s := New(l)
		s.Install(definitions...)
		var series []*Series
		for i := range 12 {
			series = append(series, s.Series("Orders", fmt.Sprint("m", i), Dim{"Service", "orders"}))
		}
		for m := range 60 {
			l.AdvanceTo(at(float64(m + 1)))
			for _, one := range series {
				one.Add(at(float64(m)), 100, 100, 1, 1)
			}
			if m >= 20 {
				if _, err := s.getMetricData(read(at(20), at(float64(m)), queries...)); m > 20 && err != nil {
					b.Fatal(err)
				}
				if _, err := s.describeAlarms(&sdk.DescribeAlarmsInput{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// benchService is an account half an hour into a release: nine series, three alarms.
func benchService(b *testing.B) (*Service, *sdk.GetMetricDataInput) {
	l, s := newService(30 * time.Second)
	install(b, s, metricAlarm("a", nil), metricAlarm("b", nil), metricAlarm("c", nil))
	in := read(at(10), at(30))
	for i := range 9 {
		name := fmt.Sprint("m", i)
		in.MetricDataQueries = append(in.MetricDataQueries, stat(name, name, "Sum", 60))
		for m := range 30 {
			s.Put("Orders", name, nil, at(float64(m)), 1, 1, 1, 1)
		}
	}
	l.AdvanceTo(at(32))
	return s, in
}

func BenchmarkGetMetricData(b *testing.B) {
	s, in := benchService(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.getMetricData(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDescribeAlarms(b *testing.B) {
	s, _ := benchService(b)
	in := &sdk.DescribeAlarmsInput{AlarmNames: []string{"a", "b", "c"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.describeAlarms(in); err != nil {
			b.Fatal(err)
		}
	}
}
