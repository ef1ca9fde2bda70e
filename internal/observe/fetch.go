package observe

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// metricsPerCall is the most that one GetMetricData takes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
const metricsPerCall = 500

// pagesPerCall bounds the pages of one answer: 500 metrics of two weeks make 101 of 100,800 data points.
const pagesPerCall = 500

// point is one data point of a series.
type point struct {
	at    int64 // seconds since 1970: a day of ten metrics has tens of thousands of points
	value float64
}

// time returns when the point's period started.
func (p point) time() time.Time { return time.Unix(p.at, 0).UTC() }

// answer is what came back for one series. Only a Complete one may be used.
type answer struct {
	points  []point          // in any order, a page that came twice twice
	status  types.StatusCode // of the last page; empty where CloudWatch did not mention the series
	message string           // what CloudWatch says about it
}

// fetch asks for everything in as few calls as possible. Nothing is asked where no minute is final yet.
func (o *Observer) fetch(ctx context.Context, a *ask) error {
	a.answers = make([]answer, len(a.asked))
	if a.window.empty() || len(a.asked) == 0 {
		for i := range a.answers {
			a.answers[i].status = types.StatusCodeComplete // of nothing
		}
		return nil
	}
	for chunk := range slices.Chunk(a.queries(), metricsPerCall) {
		if err := o.fetchChunk(ctx, a, chunk); err != nil {
			return err
		}
	}
	for i, answer := range a.answers {
		if answer.status == types.StatusCodeForbidden {
			return release.Errorf(release.Denied, "get metric data", "CloudWatch forbids to read %s%s; give the target's look role access to it", a.asked[i], answer.said())
		}
	}
	return nil
}

func (o *Observer) fetchChunk(ctx context.Context, a *ask, queries []types.MetricDataQuery) error {
	in := &cloudwatch.GetMetricDataInput{
		MetricDataQueries: queries,
		StartTime:         aws.Time(a.from()),
		EndTime:           aws.Time(a.window.Until),
		ScanBy:            types.ScanByTimestampAscending,
	}
	for range pagesPerCall {
		out, err := o.client.GetMetricData(ctx, in)
		if err != nil {
			return awserr.Wrap("get metric data", err)
		}
		for i := range out.MetricDataResults {
			if err := a.take(&out.MetricDataResults[i]); err != nil {
				return err
			}
		}
		token := aws.ToString(out.NextToken)
		if token == "" {
			return nil
		}
		if token == aws.ToString(in.NextToken) {
			break
		}
		in.NextToken = out.NextToken
	}
	return release.Errorf(release.Unexpected, "get metric data", "CloudWatch answers the same pages again and again")
}

// take adds one page of one series. The status of a later page replaces that of an earlier one: PartialData says that
// the rest is on a page to come, and stays where none comes.
func (a *ask) take(result *types.MetricDataResult) error {
	digits, named := strings.CutPrefix(aws.ToString(result.Id), "q")
	i, err := strconv.Atoi(digits)
	if !named || err != nil || i < 0 || i >= len(a.answers) || len(result.Timestamps) != len(result.Values) {
		return release.Errorf(release.Unexpected, "get metric data", "CloudWatch answered a series %q that was not asked for, or timestamps without values", aws.ToString(result.Id))
	}
	to := &a.answers[i]
	to.points = slices.Grow(to.points, len(result.Values))
	for j, value := range result.Values {
		to.points = append(to.points, point{at: result.Timestamps[j].Unix(), value: value})
	}
	to.status = result.StatusCode
	for _, m := range result.Messages {
		to.message = strings.TrimSpace(aws.ToString(m.Code) + " " + aws.ToString(m.Value))
	}
	return nil
}

// said returns what CloudWatch says about a series, to be added to a sentence.
func (a answer) said() string {
	if a.message == "" {
		return ""
	}
	return " (" + a.message + ")"
}

// incomplete says what is wrong with the answers to the given series, or "".
func (a *ask) incomplete(indexes ...int) string {
	for _, i := range indexes {
		switch status := a.answers[i].status; status {
		case types.StatusCodeComplete:
		case "":
			return "CloudWatch did not answer for " + a.asked[i].String()
		default:
			return "CloudWatch answered " + string(status) + " for " + a.asked[i].String() + a.answers[i].said()
		}
	}
	return ""
}
