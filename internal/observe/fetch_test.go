package observe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

// scripted answers GetMetricData with pages that were written down before.
type scripted struct {
	fakeCloudWatch
	pages []*cloudwatch.GetMetricDataOutput
	calls int
}

func (s *scripted) GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	page := *s.pages[s.calls%len(s.pages)]
	if s.calls++; s.calls%len(s.pages) != 0 {
		page.NextToken = aws.String(fmt.Sprint("page ", s.calls))
	}
	return &page, nil
}

// carve cuts whole answers into pages as CloudWatch may: any point on any page, in any order, whole pages twice.
func carve(whole []types.MetricDataResult, rng *rand.Rand) []*cloudwatch.GetMetricDataOutput {
	pages := make([]*cloudwatch.GetMetricDataOutput, 1+rng.IntN(5))
	for i := range pages {
		pages[i] = &cloudwatch.GetMetricDataOutput{}
		for _, result := range whole {
			part := types.MetricDataResult{Id: result.Id, StatusCode: types.StatusCodePartialData}
			if i == len(pages)-1 {
				part.StatusCode = types.StatusCodeComplete
			}
			for j := range result.Values {
				if j%len(pages) == i || rng.IntN(4) == 0 {
					part.Timestamps, part.Values = append(part.Timestamps, result.Timestamps[j]), append(part.Values, result.Values[j])
				}
			}
			rng.Shuffle(len(part.Values), func(a, b int) {
				part.Timestamps[a], part.Timestamps[b] = part.Timestamps[b], part.Timestamps[a]
				part.Values[a], part.Values[b] = part.Values[b], part.Values[a]
			})
			pages[i].MetricDataResults = append(pages[i].MetricDataResults, part)
		}
	}
	last := pages[len(pages)-1]
	rng.Shuffle(len(pages)-1, func(a, b int) { pages[a], pages[b] = pages[b], pages[a] })
	return append(slices.Clone(pages), pages[rng.IntN(len(pages))], last)
}

// However CloudWatch cuts, orders and repeats what it has to say, the evidence is the same.
func TestRepeatedAndUnorderedPagesDoNotShow(t *testing.T) {
	r := latencyRelease()
	r.Target.Checks.Compare = append(r.Target.Checks.Compare, aRelease().Target.Checks.Compare...)
	rapid.Check(t, func(t *rapid.T) {
		f := &fakeCloudWatch{}
		for m := 1; m < 10; m++ {
			for _, service := range []string{"orders", "orders-canary"} {
				units := float64(rapid.IntRange(0, 50).Draw(t, "units"))
				f.counted(service, m, units, float64(rapid.IntRange(0, 3).Draw(t, "failed")))
				f.timed(service, m, units, [3]float64{units / 2, units, units}, 80, 250)
			}
		}
		want, err := f.observer(minute(12)).Evidence(context.Background(), r, aSighting())
		if err != nil {
			t.Fatal(err)
		}
		whole, err := f.GetMetricData(context.Background(), f.getMetricData[0])
		if err != nil {
			t.Fatal(err)
		}
		s := &scripted{pages: carve(whole.MetricDataResults, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))}
		got, err := New(s, func() time.Time { return minute(12) }).Evidence(context.Background(), r, aSighting())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\n%+v\nin pages:\n%+v", err, want, got)
		}
	})
}

// Tokens that lead round in circles end the look, with an error that is tried again.
func TestPagesInACircleEnd(t *testing.T) {
	s := &scripted{pages: []*cloudwatch.GetMetricDataOutput{{NextToken: aws.String("a")}, {NextToken: aws.String("b")}, {NextToken: aws.String("c")}}}
	s.pages = append(s.pages, s.pages...)
	for i := range s.pages {
		s.pages[i].NextToken = aws.String(fmt.Sprint(i % 2))
	}
	r := aRelease()
	_, err := New(circle{s}, func() time.Time { return minute(9) }).Evidence(context.Background(), r, aSighting())
	if release.CodeOf(err) != release.Unexpected || s.calls != pagesPerCall {
		t.Errorf("%d calls, %v", s.calls, err)
	}
}

// circle answers the same two tokens in turns.
type circle struct{ *scripted }

func (c circle) GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	c.calls++
	return &cloudwatch.GetMetricDataOutput{NextToken: aws.String(fmt.Sprint(c.calls % 2))}, nil
}

// What CloudWatch says about a series that it could not answer stands in the sentence.
func TestMessagesAreToldOn(t *testing.T) {
	s := &scripted{}
	var results []types.MetricDataResult
	for i := range 5 {
		results = append(results, types.MetricDataResult{Id: aws.String(fmt.Sprint("q", i)), StatusCode: types.StatusCodeComplete})
	}
	results[1].StatusCode = types.StatusCodeInternalError
	results[1].Messages = []types.MessageData{{Code: aws.String("InternalError"), Value: aws.String("try again")}}
	s.pages = []*cloudwatch.GetMetricDataOutput{{MetricDataResults: results}}
	e, err := New(s, func() time.Time { return minute(9) }).Evidence(context.Background(), aRelease(), aSighting())
	if err != nil || !strings.Contains(e.Comparisons[0].Problem, "InternalError for Orders/Failed{Service=orders-canary} (InternalError try again)") {
		t.Errorf("%+v, %v", e.Comparisons, err)
	}
}

// FuzzAnswers gives whatever comes for an answer: evidence that cannot be is refused with a code, never taken, never a
// panic.
func FuzzAnswers(f *testing.F) {
	f.Add("q0", int64(3), 5., 1, "Complete", "")
	f.Add("q1", int64(3), -1., 2, "PartialData", "next")
	f.Add("x", int64(-9), math.NaN(), 1, "", "")
	f.Fuzz(func(t *testing.T, id string, at int64, value float64, stamps int, status, token string) {
		result := types.MetricDataResult{Id: &id, StatusCode: types.StatusCode(status), Values: []float64{value, value}}
		for i := range max(0, min(stamps, 3)) {
			result.Timestamps = append(result.Timestamps, minute(0).Add(time.Duration(at)*time.Second*time.Duration(i+1)))
		}
		s := &scripted{pages: []*cloudwatch.GetMetricDataOutput{{MetricDataResults: []types.MetricDataResult{result}, NextToken: aws.String(token)}}}
		r := latencyRelease()
		r.Target.Checks.Compare = append(r.Target.Checks.Compare, aRelease().Target.Checks.Compare...)
		e, err := New(once{s}, func() time.Time { return minute(12) }).Evidence(context.Background(), r, aSighting())
		if coded := (*release.Error)(nil); err != nil && !errors.As(err, &coded) {
			t.Fatalf("an error without a code: %v", err)
		}
		for _, c := range e.Comparisons {
			for _, m := range c.Minutes {
				if m.Canary.Failed > m.Canary.Units || m.Canary.Failed < 0 || m.Baseline.Failed > m.Baseline.Units {
					t.Fatalf("%+v", m)
				}
			}
			for _, m := range c.Latency {
				for i := range m.Canary.Slow {
					if m.Canary.Slow[i] < 0 || m.Canary.Slow[i] > m.Canary.Units {
						t.Fatalf("%+v", m)
					}
				}
			}
		}
	})
}

// once answers one page, and then that there is no more.
type once struct{ *scripted }

func (o once) GetMetricData(ctx context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	if o.calls > 0 {
		return &cloudwatch.GetMetricDataOutput{}, nil
	}
	o.calls++
	return o.pages[0], nil
}

// BenchmarkEvidence looks at ten comparisons of a day of minutes.
func BenchmarkEvidence(b *testing.B) {
	f := &fakeCloudWatch{}
	r := aRelease()
	r.Target.Checks.Compare = nil
	for i := range 10 {
		name := fmt.Sprint("Orders", i)
		r.Target.Checks.Compare = append(r.Target.Checks.Compare, release.Comparison{Name: name, Proportion: &release.Proportion{
			Namespace: name, Failed: "Failed", Total: "Processed", By: release.ByDimension{Dimension: "Service"},
		}})
		for m := range 24 * 60 {
			for _, service := range []string{"orders", "orders-canary"} {
				f.put(name+"/Processed{Service="+service+",} Sum 60", minute(m), 900)
				f.put(name+"/Failed{Service="+service+",} Sum 60", minute(m), 2)
			}
		}
	}
	if _, err := f.observer(minute(24*60)).Evidence(context.Background(), r, aSighting()); err != nil {
		b.Fatal(err)
	}
	whole, err := f.GetMetricData(context.Background(), f.getMetricData[0])
	if err != nil {
		b.Fatal(err)
	}
	s := &scripted{pages: []*cloudwatch.GetMetricDataOutput{whole}}
	o := New(s, func() time.Time { return minute(24 * 60) })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Evidence(context.Background(), r, aSighting()); err != nil {
			b.Fatal(err)
		}
	}
}
