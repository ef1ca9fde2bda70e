package cloudwatch

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/golden"
)

var bothTypes = []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}

func installComposite(t testing.TB, s *Service, name, rule string) {
	t.Helper()
	d, err := DefineComposite(types.CompositeAlarm{AlarmName: aws.String(name), AlarmRule: aws.String(rule)})
	if err != nil {
		t.Fatal(err)
	}
	s.Install(d)
}

func TestDescribeAlarmsLeavesCompositesOutUnlessAskedFor(t *testing.T) {
	_, s := newService(0)
	install(t, s, metricAlarm("b", nil), metricAlarm("a", nil))
	installComposite(t, s, "c", "ALARM(a)")
	for name, row := range map[string]struct {
		in                *sdk.DescribeAlarmsInput
		metric, composite []string
	}{
		"nothing asked":  {&sdk.DescribeAlarmsInput{}, []string{"a", "b"}, nil},
		"both":           {&sdk.DescribeAlarmsInput{AlarmTypes: bothTypes}, []string{"a", "b"}, []string{"c"}},
		"names":          {&sdk.DescribeAlarmsInput{AlarmTypes: bothTypes, AlarmNames: []string{"c", "b", "x"}}, []string{"b"}, []string{"c"}},
		"composite only": {&sdk.DescribeAlarmsInput{AlarmTypes: bothTypes[1:]}, nil, []string{"c"}},
		"prefix":         {&sdk.DescribeAlarmsInput{AlarmNamePrefix: aws.String("a")}, []string{"a"}, nil},
		"state":          {&sdk.DescribeAlarmsInput{StateValue: types.StateValueAlarm}, nil, nil},
	} {
		out, err := s.describeAlarms(row.in)
		if err != nil {
			t.Fatal(err)
		}
		var metric, composite []string
		for _, a := range out.MetricAlarms {
			metric = append(metric, *a.AlarmName)
		}
		for _, a := range out.CompositeAlarms {
			composite = append(composite, *a.AlarmName)
		}
		if !slices.Equal(metric, row.metric) || !slices.Equal(composite, row.composite) {
			t.Errorf("%s: %v and %v", name, metric, composite)
		}
	}
	for _, in := range []*sdk.DescribeAlarmsInput{
		{AlarmNames: make([]string, 101)},
		{MaxRecords: aws.Int32(0)},
		{MaxRecords: aws.Int32(101)},
		{NextToken: aws.String("x")},
		{ChildrenOfAlarmName: aws.String("c")},
	} {
		if _, err := s.describeAlarms(in); err == nil {
			t.Errorf("%+v was accepted", in)
		}
	}
}

func TestDescribeAlarmsPages(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		_, s := newService(0)
		var want []string
		for i := range rapid.IntRange(0, 12).Draw(rt, "alarms") {
			name := fmt.Sprintf("a%02d", i)
			want = append(want, name)
			if i%3 == 1 {
				installComposite(t, s, name, "FALSE")
			} else {
				install(t, s, metricAlarm(name, nil))
			}
		}
		in := &sdk.DescribeAlarmsInput{AlarmTypes: bothTypes, MaxRecords: aws.Int32(int32(rapid.IntRange(1, 5).Draw(rt, "page")))}
		var got []string
		for {
			out, err := s.describeAlarms(in)
			if err != nil {
				rt.Fatal(err)
			}
			for _, a := range out.MetricAlarms {
				got = append(got, *a.AlarmName)
			}
			for _, a := range out.CompositeAlarms {
				got = append(got, *a.AlarmName)
			}
			if in.NextToken = out.NextToken; out.NextToken == nil {
				break
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			rt.Fatalf("pages hold %v, want %v", got, want)
		}
	})
}

// Whatever a caller does with an answer, the account stays as it is. Answers may share with each other what both say.
func TestAnswersAreCopies(t *testing.T) {
	l, s := newService(0)
	a := metricAlarm("math", func(a *types.MetricAlarm) {
		q := stat("m", "Total", "Sum", 60)
		q.MetricStat.Metric.Dimensions = []types.Dimension{{Name: aws.String("Service"), Value: aws.String("x")}}
		a.MetricName, a.Namespace, a.Period, a.Statistic, a.Metrics = nil, nil, nil, "", []types.MetricDataQuery{q}
		a.AlarmActions = []string{"arn"}
	})
	install(t, s, a, metricAlarm("plain", func(a *types.MetricAlarm) {
		a.Dimensions = []types.Dimension{{Name: aws.String("Service"), Value: aws.String("x")}}
	}))
	installComposite(t, s, "top", "ALARM(plain)")
	s.Put("Orders", "Total", nil, at(0), 1, 1, 1, 1)
	l.AdvanceTo(at(3))
	answers := func() []any {
		alarms, err := s.describeAlarms(&sdk.DescribeAlarmsInput{AlarmTypes: bothTypes})
		if err != nil {
			t.Fatal(err)
		}
		history, err := s.describeHistory(&sdk.DescribeAlarmHistoryInput{AlarmTypes: bothTypes})
		if err != nil {
			t.Fatal(err)
		}
		data, err := s.getMetricData(read(at(0), at(3), stat("m", "Total", "Sum", 60)))
		if err != nil {
			t.Fatal(err)
		}
		return []any{alarms, history, data}
	}
	want := fmt.Sprint(dump(answers()...))
	for _, answer := range answers() {
		scribble(reflect.ValueOf(answer))
	}
	scribble(reflect.ValueOf(&a))
	for _, a := range s.alarms {
		a.shown = nil
	}
	if got := fmt.Sprint(dump(answers()...)); got != want {
		t.Errorf("what a caller wrote into an answer changed the world:\n%s\n%s", want, got)
	}
}

// scribble overwrites everything that can be reached through pointers and slices.
func scribble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			scribble(v.Elem())
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				scribble(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i))
		}
	case reflect.String:
		v.SetString("scribbled")
	case reflect.Int32, reflect.Int64:
		v.SetInt(-1)
	case reflect.Float64:
		v.SetFloat(-1)
	}
}

func dump(values ...any) string {
	var text strings.Builder
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.String, reflect.Int32, reflect.Int64, reflect.Float64:
			fmt.Fprint(&text, v.Interface(), " ")
		}
	}
	for _, v := range values {
		walk(reflect.ValueOf(v))
	}
	return text.String()
}

func TestSetAlarmStateLastsUntilTheNextTick(t *testing.T) {
	l, s := newService(0)
	install(t, s, metricAlarm("a", notBreaching))
	installComposite(t, s, "top", "ALARM(a)")
	l.AdvanceTo(at(5))
	set := func(name string, state types.StateValue) error {
		_, err := s.setAlarmState(&sdk.SetAlarmStateInput{AlarmName: aws.String(name), StateValue: state, StateReason: aws.String("drill"), StateReasonData: aws.String(`{"drill":true}`)})
		return err
	}
	if err := set("a", types.StateValueAlarm); err != nil {
		t.Fatal(err)
	}
	if stateOf(t, s, "a") != types.StateValueAlarm || stateOf(t, s, "top") != types.StateValueAlarm {
		t.Error("the state was not set, or the composite alarm did not follow")
	}
	l.AdvanceTo(at(6))
	if stateOf(t, s, "a") != types.StateValueOk || stateOf(t, s, "top") != types.StateValueOk {
		t.Error("the state outlived the next evaluation")
	}
	if err := set("top", types.StateValueAlarm); err != nil || stateOf(t, s, "top") != types.StateValueAlarm {
		t.Errorf("a composite alarm could not be set: %v", err)
	}
	if err := set("x", types.StateValueAlarm); err == nil || !strings.Contains(err.Error(), "ResourceNotFound") {
		t.Errorf("an unknown alarm: %v", err)
	}
	if err := set("a", "RED"); err == nil {
		t.Error("an unknown state was accepted")
	}
}

// The history of one alarm in AWS's own words and JSON; -update rewrites the file.
func TestHistoryGolden(t *testing.T) {
	l, s := newService(0)
	install(t, s, metricAlarm("orders-failures", func(a *types.MetricAlarm) {
		a.EvaluationPeriods, a.DatapointsToAlarm, a.Threshold = aws.Int32(3), aws.Int32(2), aws.Float64(2.5)
	}))
	installComposite(t, s, "orders", `ALARM("orders-failures")`)
	for m, v := range []float64{0, 3, 4, 0, 1} {
		s.Put("Orders", "Failed", nil, at(float64(m)), v, 1, 0, 0)
	}
	l.AdvanceTo(at(20))
	golden.File(t, "testdata/history.txt", story(t, s, "orders-failures")+story(t, s, "orders"))
}

func TestHistoryFilters(t *testing.T) {
	l, s := newService(0)
	install(t, s, metricAlarm("a", nil), metricAlarm("b", nil))
	for m := range 10 {
		s.Put("Orders", "Failed", nil, at(float64(m)), float64(m%2), 1, 0, 0)
	}
	l.AdvanceTo(at(12))
	all, err := s.describeHistory(&sdk.DescribeAlarmHistoryInput{AlarmName: aws.String("a"), ScanBy: types.ScanByTimestampAscending})
	if err != nil || len(all.AlarmHistoryItems) != 10 {
		t.Fatalf("%d items, %v", len(all.AlarmHistoryItems), err)
	}
	items := all.AlarmHistoryItems
	for name, row := range map[string]struct {
		change func(*sdk.DescribeAlarmHistoryInput)
		want   int
	}{
		"from":       {func(in *sdk.DescribeAlarmHistoryInput) { in.StartDate = items[7].Timestamp }, 3},
		"to":         {func(in *sdk.DescribeAlarmHistoryInput) { in.EndDate = items[7].Timestamp }, 8},
		"other kind": {func(in *sdk.DescribeAlarmHistoryInput) { in.HistoryItemType = types.HistoryItemTypeAction }, 0},
		"kind":       {func(in *sdk.DescribeAlarmHistoryInput) { in.HistoryItemType = types.HistoryItemTypeStateUpdate }, 10},
		"composites": {func(in *sdk.DescribeAlarmHistoryInput) { in.AlarmTypes = bothTypes[1:] }, 0},
		"every":      {func(in *sdk.DescribeAlarmHistoryInput) { in.AlarmName = nil }, 20},
	} {
		in := &sdk.DescribeAlarmHistoryInput{AlarmName: aws.String("a")}
		row.change(in)
		out, err := s.describeHistory(in)
		if err != nil || len(out.AlarmHistoryItems) != row.want {
			t.Errorf("%s: %d items, %v; want %d", name, len(out.AlarmHistoryItems), err, row.want)
		}
	}
	in := &sdk.DescribeAlarmHistoryInput{AlarmName: aws.String("a"), MaxRecords: aws.Int32(3)}
	var paged []types.AlarmHistoryItem
	for {
		out, err := s.describeHistory(in)
		if err != nil {
			t.Fatal(err)
		}
		paged = append(paged, out.AlarmHistoryItems...)
		if in.NextToken = out.NextToken; out.NextToken == nil {
			break
		}
	}
	slices.Reverse(paged) // the newest came first
	for i := range paged {
		if !paged[i].Timestamp.Equal(*items[i].Timestamp) {
			t.Fatalf("item %d is at %s, want %s", i, paged[i].Timestamp, items[i].Timestamp)
		}
	}
}
