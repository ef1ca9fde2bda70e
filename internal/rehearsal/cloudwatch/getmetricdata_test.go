package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

func TestStatistics(t *testing.T) {
	l, s := newService(0)
	s.Put("Orders", "Latency", nil, at(0), 10, 4, 1, 5)
	s.Series("Orders", "Latency").AddValues(at(1), []float64{10, 1, 2}, []float64{1, 50, 49})
	s.Series("Orders", "Latency").AddValues(at(1.5), []float64{10}, []float64{1})
	s.Series("Orders", "Latency").AddValues(at(2), []float64{1, 2}, []float64{2, 2})
	l.AdvanceTo(at(10))
	for _, row := range []struct {
		statistic string
		from, to  float64
		want      []float64
	}{
		{"Sum", 0, 2, []float64{10, 168}},
		{"SampleCount", 0, 2, []float64{4, 101}},
		{"Average", 0, 1, []float64{2.5}},
		{"Minimum", 0, 2, []float64{1, 1}},
		{"Maximum", 0, 2, []float64{5, 10}},
		{"p50", 0, 2, []float64{2}}, // of the first minute only a sum is known: CloudWatch has no percentile there
		{"p0", 1, 2, []float64{1}},
		{"p50", 2, 3, []float64{1}}, // exactly half of the samples
		{"p99", 1, 2, []float64{10}},
		{"p98", 1, 2, []float64{2}},
		{"p100", 1, 2, []float64{10}},
		{"TC(:2)", 1, 2, []float64{99}},
		{"TC(1:2)", 1, 2, []float64{49}},
		{"TC(2:)", 1, 2, []float64{2}},
		{"PR(:1)", 1, 2, []float64{5000. / 101}},
	} {
		t.Run(row.statistic, func(t *testing.T) {
			out, err := s.getMetricData(read(at(row.from), at(row.to), stat("m", "Latency", row.statistic, 60)))
			if err != nil {
				t.Fatal(err)
			}
			if got := out.MetricDataResults[0].Values; !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestPeriodsAddUpMinutes(t *testing.T) {
	l, s := newService(0)
	for m := range 12 {
		s.Put("Orders", "Total", nil, at(float64(m)), float64(m), 1, float64(m), float64(m))
	}
	l.AdvanceTo(at(20))
	out, err := s.getMetricData(read(at(2), at(12), stat("five", "Total", "Sum", 300), stat("one", "Total", "Sum", 60)))
	if err != nil {
		t.Fatal(err)
	}
	// The first period that begins within the range begins at minute 5; the last is cut by nothing but the data.
	if got := out.MetricDataResults[0].Values; !slices.Equal(got, []float64{5 + 6 + 7 + 8 + 9, 10 + 11}) {
		t.Errorf("five minutes: %v", got)
	}
	if got := out.MetricDataResults[1].Values; len(got) != 10 || got[0] != 2 || got[9] != 11 {
		t.Errorf("one minute: %v; the start is included, the end is not", got)
	}
}

// Where nothing was published there is nothing to look at, and that does not show.
func TestALongRangeAroundFewPoints(t *testing.T) {
	l, s := newService(0)
	for m := 7; m < 11; m++ {
		s.Put("Orders", "Total", nil, at(float64(m)), float64(m), 1, 0, 0)
	}
	l.AdvanceTo(at(20))
	for _, row := range []struct {
		from   float64
		period int32
		want   string
	}{{-1000, 60, "7m 7, 8m 8, 9m 9, 10m 10"}, {-1000, 300, "5m 24, 10m 10"}, {8, 60, "8m 8, 9m 9, 10m 10"}, {6, 300, "10m 10"}, {11, 60, ""}} {
		for _, query := range []types.MetricDataQuery{stat("m", "Total", "Sum", row.period), formula("m", "n*1")} {
			queries := []types.MetricDataQuery{query}
			if query.Expression != nil {
				queries = append(queries, stat("n", "Total", "Sum", row.period))
			}
			out, err := s.getMetricData(read(at(row.from), at(20), queries...))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, v := range out.MetricDataResults[0].Values {
				got = append(got, fmt.Sprintf("%.0fm %v", out.MetricDataResults[0].Timestamps[i].Sub(start).Minutes(), v))
			}
			if text := strings.Join(got, ", "); text != row.want {
				t.Errorf("from minute %v by %d s: %s, want %s", row.from, row.period, text, row.want)
			}
		}
	}
}

func TestNewestFirstUnlessTold(t *testing.T) {
	l, s := newService(0)
	for m := range 3 {
		s.Put("Orders", "Total", nil, at(float64(m)), float64(m), 1, 0, 0)
	}
	l.AdvanceTo(at(5))
	in := read(at(0), at(5), stat("m", "Total", "Sum", 60))
	in.ScanBy = ""
	out, err := s.getMetricData(in)
	if err != nil {
		t.Fatal(err)
	}
	result := out.MetricDataResults[0]
	if !slices.Equal(result.Values, []float64{2, 1, 0}) || !result.Timestamps[0].Equal(at(2)) {
		t.Errorf("got %v at %v", result.Values, result.Timestamps)
	}
}

func TestDataShowLate(t *testing.T) {
	l, s := newService(45 * time.Second)
	s.Put("Orders", "Total", nil, at(0), 7, 7, 1, 1)
	query := read(at(0), at(10), stat("m", "Total", "Sum", 60))
	for _, row := range []struct {
		at   time.Time
		want int
	}{{at(1), 0}, {at(1).Add(44 * time.Second), 0}, {at(1).Add(45 * time.Second), 1}} {
		l.AdvanceTo(row.at)
		out, err := s.getMetricData(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(out.MetricDataResults[0].Values); got != row.want {
			t.Errorf("at %s: %d data points, want %d", row.at, got, row.want)
		}
	}
}

func TestUsualDelayIsFiveToNinetySeconds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	least, most := time.Hour, time.Duration(0)
	for range 10_000 {
		d := usual(rng)
		least, most = min(least, d), max(most, d)
	}
	if least < 5*time.Second || most > 90*time.Second || most-least < 80*time.Second {
		t.Errorf("delays from %s to %s", least, most)
	}
}

func TestDimensionsMustBeExact(t *testing.T) {
	l, s := newService(0)
	s.Put("Orders", "Total", []Dim{{"Service", "a"}, {"Region", "x"}}, at(0), 1, 1, 1, 1)
	l.AdvanceTo(at(2))
	ask := func(dims ...types.Dimension) int {
		q := stat("m", "Total", "Sum", 60)
		q.MetricStat.Metric.Dimensions = dims
		out, err := s.getMetricData(read(at(0), at(2), q))
		if err != nil {
			t.Fatal(err)
		}
		return len(out.MetricDataResults[0].Values)
	}
	service := types.Dimension{Name: aws.String("Service"), Value: aws.String("a")}
	region := types.Dimension{Name: aws.String("Region"), Value: aws.String("x")}
	if ask(region, service) != 1 || ask(service, region) != 1 {
		t.Error("the order of dimensions matters")
	}
	if ask(service) != 0 || ask() != 0 {
		t.Error("a metric answers for fewer dimensions than it has")
	}
}

// However small the pages, together they hold every data point once, in order, and a series is Complete on the page
// with its last one only.
func TestPagesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := loop.New(start, 7)
		s := New(l)
		queries := make([]types.MetricDataQuery, rapid.IntRange(1, 5).Draw(t, "series"))
		for i := range queries {
			name := fmt.Sprint("m", i)
			queries[i] = stat(name, name, "Sum", 60)
			for m := range rapid.IntRange(0, 12).Draw(t, "points") {
				s.Put("Orders", name, nil, at(float64(m)), float64(m+100*i), 1, 0, 0)
			}
		}
		l.AdvanceTo(at(30))
		in := read(at(0), at(30), queries...)
		whole, err := s.getMetricData(in)
		if err != nil {
			t.Fatal(err)
		}
		s.SetPage(rapid.IntRange(1, 20).Draw(t, "page"))
		values, complete := map[string][]float64{}, map[string]bool{}
		for pages := 0; ; pages++ {
			out, err := s.getMetricData(in)
			if err != nil || pages > 100 {
				t.Fatalf("page %d: %v", pages, err)
			}
			for _, r := range out.MetricDataResults {
				if complete[*r.Id] {
					t.Fatalf("%s goes on after it was complete", *r.Id)
				}
				values[*r.Id] = append(values[*r.Id], r.Values...)
				complete[*r.Id] = r.StatusCode == types.StatusCodeComplete
			}
			if out.NextToken == nil {
				break
			}
			in.NextToken = out.NextToken
			l.AdvanceTo(l.Now().Add(time.Second)) // what shows meanwhile does not shift the pages
			s.Put("Orders", "m0", nil, at(20), 1, 1, 1, 1)
		}
		for _, r := range whole.MetricDataResults {
			if !slices.Equal(values[*r.Id], r.Values) || !complete[*r.Id] {
				t.Fatalf("%s: pages hold %v (complete %v), the whole %v", *r.Id, values[*r.Id], complete[*r.Id], r.Values)
			}
		}
	})
}

func TestAnswersGoWrongAsTold(t *testing.T) {
	l, s := newService(0)
	for m := range 4 {
		s.Put("Orders", "Total", nil, at(float64(m)), 1, 1, 1, 1)
	}
	l.AdvanceTo(at(10))
	for status, want := range map[types.StatusCode]int{types.StatusCodeComplete: 4, types.StatusCodePartialData: 2, types.StatusCodeInternalError: 0} {
		s.SetStatus(func(*rand.Rand) types.StatusCode { return status })
		out, err := s.getMetricData(read(at(0), at(10), stat("m", "Total", "Sum", 60)))
		if err != nil {
			t.Fatal(err)
		}
		if r := out.MetricDataResults[0]; r.StatusCode != status || len(r.Values) != want || len(r.Timestamps) != want || out.NextToken != nil {
			t.Errorf("%s: %+v", status, r)
		}
	}
}

func TestGetMetricDataRefuses(t *testing.T) {
	_, s := newService(0)
	good := stat("m", "Total", "Sum", 60)
	for name, row := range map[string]struct {
		in   *sdk.GetMetricDataInput
		says string
	}{
		"start after end":  {read(at(2), at(1), good), "StartTime must be less"},
		"no query":         {read(at(0), at(1)), "1 to 500"},
		"same id twice":    {read(at(0), at(1), good, good), "not unique"},
		"id in capitals":   {read(at(0), at(1), stat("M", "Total", "Sum", 60)), "pattern"},
		"short period":     {read(at(0), at(1), stat("m", "Total", "Sum", 10)), "period of 10 s"},
		"trimmed mean":     {read(at(0), at(1), stat("m", "Total", "TM(10%:90%)", 60)), "TM(10%:90%)"},
		"neither":          {read(at(0), at(1), types.MetricDataQuery{Id: aws.String("m")}), "exactly one of"},
		"unknown id":       {read(at(0), at(1), formula("e", "m+1")), "m is not defined"},
		"unknown function": {read(at(0), at(1), good, formula("e", "RATE(m)")), "RATE(series) is not simulated"},
		"itself":           {read(at(0), at(1), formula("e", "e+1")), "depends on itself"},
		"mixed periods":    {read(at(0), at(1), good, stat("n", "Total", "Sum", 300), formula("e", "m+n")), "different periods"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.getMetricData(row.in)
			api, ok := errors.AsType[smithy.APIError](err)
			if !ok || api.ErrorCode() != "ValidationError" || !strings.Contains(api.ErrorMessage(), row.says) {
				t.Errorf("got %v, want a ValidationError about %q", err, row.says)
			}
		})
	}
	in := read(at(0), at(1), good)
	in.NextToken = aws.String("page:x:y")
	if _, err := s.getMetricData(in); err == nil || !strings.Contains(err.Error(), "InvalidNextToken") {
		t.Errorf("a made-up token: %v", err)
	}
}

func TestMathInGetMetricData(t *testing.T) {
	l, s := newService(0)
	s.Put("Orders", "Total", nil, at(0), 50, 50, 1, 1)
	s.Put("Orders", "Failed", nil, at(0), 5, 50, 0, 1)
	s.Put("Orders", "Total", nil, at(1), 20, 20, 1, 1)
	l.AdvanceTo(at(5))
	hidden := func(q types.MetricDataQuery) types.MetricDataQuery { q.ReturnData = aws.Bool(false); return q }
	out, err := s.getMetricData(read(at(0), at(3),
		hidden(stat("f", "Failed", "Sum", 60)), hidden(stat("t", "Total", "Sum", 60)),
		formula("bare", "100*f/t"), formula("filled", "IF(t>0, 100*FILL(f,0)/t, 0)"), formula("twice", "filled*2")))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]float64{"bare": {10}, "filled": {10, 0}, "twice": {20, 0}}
	if len(out.MetricDataResults) != len(want) {
		t.Fatalf("%d results; series with ReturnData false are not answered", len(out.MetricDataResults))
	}
	for _, r := range out.MetricDataResults {
		if !slices.Equal(r.Values, want[*r.Id]) {
			t.Errorf("%s: %v, want %v", *r.Id, r.Values, want[*r.Id])
		}
	}
}

func TestPutMetricData(t *testing.T) {
	l, s := newService(0)
	datum := func(change func(*types.MetricDatum)) *sdk.PutMetricDataInput {
		d := types.MetricDatum{MetricName: aws.String("Dirty"), Value: aws.Float64(1), Dimensions: []types.Dimension{{Name: aws.String("StateMachine"), Value: aws.String("serin")}}}
		if change != nil {
			change(&d)
		}
		return &sdk.PutMetricDataInput{Namespace: aws.String("Serin"), MetricData: []types.MetricDatum{d}}
	}
	for name, row := range map[string]struct {
		in   *sdk.PutMetricDataInput
		says string // empty: accepted
	}{
		"value": {datum(nil), ""},
		"statistic set": {datum(func(d *types.MetricDatum) {
			d.Value, d.StatisticValues = nil, &types.StatisticSet{Sum: aws.Float64(4), SampleCount: aws.Float64(2), Minimum: aws.Float64(1), Maximum: aws.Float64(3)}
		}), ""},
		"values":        {datum(func(d *types.MetricDatum) { d.Value, d.Values = nil, []float64{1, 2} }), ""},
		"AWS namespace": {&sdk.PutMetricDataInput{Namespace: aws.String("AWS/SQS"), MetricData: datum(nil).MetricData}, "AWS/"},
		"no namespace":  {&sdk.PutMetricDataInput{MetricData: datum(nil).MetricData}, "Namespace"},
		"nothing":       {&sdk.PutMetricDataInput{Namespace: aws.String("Serin")}, "1 to 1000"},
		"both":          {datum(func(d *types.MetricDatum) { d.Values = []float64{1} }), "exactly one"},
		"not finite":    {datum(func(d *types.MetricDatum) { d.Value = aws.Float64(math.Inf(1)) }), "finite"},
		"too old":       {datum(func(d *types.MetricDatum) { d.Timestamp = aws.Time(start.Add(-15 * 24 * time.Hour)) }), "two weeks"},
		"counts":        {datum(func(d *types.MetricDatum) { d.Value, d.Values, d.Counts = nil, []float64{1}, []float64{1, 2} }), "same length"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.putMetricData(row.in)
			if row.says == "" && err != nil || row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)) {
				t.Errorf("got %v, want %q", err, row.says)
			}
		})
	}
	l.AdvanceTo(at(2))
	q := types.MetricDataQuery{Id: aws.String("m"), MetricStat: &types.MetricStat{Period: aws.Int32(60), Stat: aws.String("Sum"), Metric: &types.Metric{
		Namespace: aws.String("Serin"), MetricName: aws.String("Dirty"), Dimensions: datum(nil).MetricData[0].Dimensions,
	}}}
	out, err := s.getMetricData(read(at(0), at(2), q))
	if err != nil || !slices.Equal(out.MetricDataResults[0].Values, []float64{1 + 4 + 1 + 2}) {
		t.Errorf("got %v, %v", out, err)
	}
}

func TestHandleKnowsItsOperations(t *testing.T) {
	l, s := newService(0)
	install(t, s, metricAlarm("a", nil))
	s.Put("Orders", "Total", nil, at(0), 1, 1, 1, 1)
	within(t, l, func(ctx context.Context) {
		for _, in := range []any{
			&sdk.DescribeAlarmsInput{}, &sdk.DescribeAlarmHistoryInput{}, read(at(0), at(1), stat("m", "Total", "Sum", 60)),
			&sdk.PutMetricDataInput{Namespace: aws.String("Serin"), MetricData: []types.MetricDatum{{MetricName: aws.String("x"), Value: aws.Float64(1)}}},
			&sdk.SetAlarmStateInput{AlarmName: aws.String("a"), StateValue: types.StateValueOk, StateReason: aws.String("test")},
		} {
			if out, handled, err := s.Handle(ctx, in); !handled || err != nil || out == nil {
				t.Errorf("%T: %v, %v, %v", in, out, handled, err)
			}
		}
		if _, handled, _ := s.Handle(ctx, &sdk.DeleteAlarmsInput{}); handled {
			t.Error("an operation that is not simulated was handled")
		}
	})
}
