package cloudwatch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// Bounds of one GetMetricData.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
const (
	maxQueries    = 500
	maxDatapoints = 100_800
)

// GetMetricData answers what showed at the time of the call. Periods lie on the clock's own multiples; the start is
// rounded down to a minute, the end is excluded.
func (s *Service) GetMetricData(ctx context.Context, in *sdk.GetMetricDataInput, _ ...func(*sdk.Options)) (*sdk.GetMetricDataOutput, error) {
	return door.Call(ctx, "cloudwatch:GetMetricData", in, func() (*sdk.GetMetricDataOutput, error) { return s.getMetricData(in) })
}

// query is one compiled MetricDataQuery of a call.
type query struct {
	id, label string
	period    int64 // nanoseconds
	formula   term
	returned  bool
}

// reading is one call of GetMetricData: its queries, and the metrics they read.
type reading struct {
	service *Service
	in      *sdk.GetMetricDataInput
	queries []query
	sources []source
	series  []*Series
	seen    int64 // what showed by then is answered, nanoseconds
}

func (s *Service) getMetricData(in *sdk.GetMetricDataInput) (*sdk.GetMetricDataOutput, error) {
	if in.StartTime == nil || in.EndTime == nil || !in.StartTime.Before(*in.EndTime) {
		return nil, invalid("The parameter StartTime must be less than the parameter EndTime.")
	}
	if len(in.MetricDataQueries) == 0 || len(in.MetricDataQueries) > maxQueries {
		return nil, invalid("MetricDataQueries must hold 1 to 500 queries.")
	}
	r := &reading{service: s, in: in, seen: s.now()}
	if err := r.compile(); err != nil {
		return nil, err
	}
	limit := maxDatapoints
	if in.MaxDatapoints != nil {
		limit = min(limit, int(*in.MaxDatapoints))
	}
	if s.page > 0 {
		limit = min(limit, s.page)
	}
	if limit < 1 {
		return nil, invalid("MaxDatapoints must be at least 1.")
	}
	skip := 0
	if in.NextToken != nil {
		var err error
		if skip, r.seen, err = r.parseToken(*in.NextToken); err != nil {
			return nil, err
		}
	}
	return r.answer(skip, limit), nil
}

// validID holds the pattern ^[a-z][a-zA-Z0-9_]*$.
func validID(id string) bool {
	for i := range len(id) {
		c := id[i]
		small, other := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
		if !small && (i == 0 || !other) {
			return false
		}
	}
	return id != ""
}

func (r *reading) compile() error {
	r.queries = make([]query, len(r.in.MetricDataQueries))
	r.sources = make([]source, 0, len(r.queries))
	for i := range r.queries {
		id := aws.ToString(r.in.MetricDataQueries[i].Id)
		if !validID(id) {
			return invalid("The value " + id + " for parameter MetricDataQueries Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.")
		}
		for j := range i {
			if r.queries[j].id == id {
				return invalid("The values for parameter Id in MetricDataQueries are not unique: " + id)
			}
		}
		r.queries[i].id = id
	}
	for i := range r.queries {
		if err := r.compileQuery(i); err != nil {
			return invalid("Error in query '" + r.queries[i].id + "': " + err.Error())
		}
	}
	r.series = make([]*Series, len(r.sources))
	for i, src := range r.sources {
		r.series[i] = r.service.find(src.namespace, src.name, src.dims)
	}
	return nil
}

func (r *reading) compileQuery(i int) error {
	q, in := &r.queries[i], &r.in.MetricDataQueries[i]
	q.returned = in.ReturnData == nil || *in.ReturnData
	q.label = aws.ToString(in.Label)
	if (in.MetricStat == nil) == (in.Expression == nil) {
		return fmt.Errorf("exactly one of MetricStat and Expression is wanted")
	}
	var err error
	q.formula, q.period, err = r.compileOne(i, nil)
	if err == nil && in.Period != nil && in.MetricStat == nil {
		q.period = int64(*in.Period) * int64(time.Second)
	}
	if q.label == "" {
		q.label = q.id
		if in.MetricStat != nil {
			q.label = *in.MetricStat.Metric.MetricName
		}
	}
	return err
}

// compileOne compiles one query with the queries that its expression names; above are those that led here.
func (r *reading) compileOne(i int, above []int) (term, int64, error) {
	in := &r.in.MetricDataQueries[i]
	if in.MetricStat != nil {
		return r.compileMetric(in.MetricStat)
	}
	if slices.Contains(above, i) {
		return term{}, 0, fmt.Errorf("%s depends on itself", aws.ToString(in.Id))
	}
	var period int64
	t, err := compile(aws.ToString(in.Expression), func(id string) (term, error) {
		j := slices.IndexFunc(r.queries, func(q query) bool { return q.id == id })
		if j < 0 {
			return term{}, fmt.Errorf("the id %s is not defined", id)
		}
		inner, p, err := r.compileOne(j, append(above, i))
		if err == nil && period != 0 && p != period {
			err = fmt.Errorf("series of different periods")
		}
		period = p
		return inner, err
	})
	return t, period, err
}

func (r *reading) compileMetric(m *types.MetricStat) (term, int64, error) {
	seconds := aws.ToInt32(m.Period)
	if seconds < 60 || seconds%60 != 0 {
		return term{}, 0, fmt.Errorf("a period of %d s is not simulated; multiples of 60 s are", seconds)
	}
	src, err := sourceOf(m)
	if err != nil {
		return term{}, 0, err
	}
	r.sources = append(r.sources, src)
	return variable(len(r.sources) - 1), int64(seconds) * int64(time.Second), nil
}

// answer fills one page with the data points from skip on. A series whose data points do not all fit is PartialData on
// this page and goes on in the next.
func (r *reading) answer(skip, limit int) *sdk.GetMetricDataOutput {
	out := &sdk.GetMetricDataOutput{MetricDataResults: make([]types.MetricDataResult, 0, len(r.queries))}
	count := 0 // of all data points so far, on whatever page
	more := false
	for i := range r.queries {
		q := &r.queries[i]
		if !q.returned {
			continue
		}
		times, values := r.points(q)
		low, high := clamp(skip-count, len(values)), clamp(skip+limit-count, len(values))
		count += len(values)
		if skip > 0 && low == len(values) {
			continue // all of it was on an earlier page
		}
		status := types.StatusCodeComplete
		if high < len(values) {
			status, more = types.StatusCodePartialData, true
		}
		out.MetricDataResults = append(out.MetricDataResults, types.MetricDataResult{
			Id: &q.id, Label: &q.label, StatusCode: status, // q is this call's own
			Timestamps: times[low:high:high], Values: values[low:high:high],
		})
	}
	if more {
		out.NextToken = aws.String(r.token(skip + limit))
	} else if r.service.status != nil {
		r.spoil(out)
	}
	return out
}

// spoil lets the last page go wrong as Status draws it.
func (r *reading) spoil(out *sdk.GetMetricDataOutput) {
	for i := range out.MetricDataResults {
		result := &out.MetricDataResults[i]
		keep := len(result.Values)
		switch status := r.service.status(r.service.rng); status {
		case types.StatusCodePartialData:
			result.StatusCode, keep = status, keep/2
		case types.StatusCodeInternalError:
			result.StatusCode, keep = status, 0
		}
		result.Timestamps, result.Values = result.Timestamps[:keep], result.Values[:keep]
	}
}

func clamp(n, most int) int { return max(0, min(n, most)) }

// points returns every data point of a query, the newest first unless told otherwise.
func (r *reading) points(q *query) ([]time.Time, []float64) {
	length := q.period / minute
	from, end := r.in.StartTime.UnixNano()/minute, (r.in.EndTime.UnixNano()+minute-1)/minute
	if rest := from % length; rest > 0 {
		from += length - rest
	}
	only := q.formula.only - 1
	if only >= 0 {
		from, end = r.series[only].within(from, end, length)
	}
	var times []time.Time
	var values []float64
	if only >= 0 && length == 1 && r.sources[only].stat.kind < percentile {
		times, values = r.minutes(only, from, end)
		from = end
	} else {
		most := max(0, (end-from+length-1)/length)
		times, values = make([]time.Time, 0, most), make([]float64, 0, most)
	}
	m := moment{sources: r.sources, series: r.series, seen: r.seen}
	for ; from < end; from += length {
		m.from, m.to = from, from+length
		if v, ok := q.formula.value(&m); ok {
			times, values = append(times, time.Unix(from*60, 0).UTC()), append(values, v)
		}
	}
	if r.in.ScanBy != types.ScanByTimestampAscending {
		times = slices.Clone(times) // others may have been answered the same
		slices.Reverse(times)
		slices.Reverse(values)
	}
	return times, values
}

// minutes returns what a source has minute by minute: what nearly everybody asks, and nothing to compute.
func (r *reading) minutes(only int, from, end int64) ([]time.Time, []float64) {
	series, stat := r.series[only], r.sources[only].stat
	shows := func(minute int64) bool {
		p := &series.points[minute-series.first]
		return p.count > 0 && p.visible <= r.seen
	}
	for from < end && !shows(from) {
		from++
	}
	for from < end && !shows(end-1) {
		end--
	}
	if from >= end {
		return nil, nil
	}
	values := make([]float64, 0, end-from)
	for minute := from; minute < end; minute++ {
		if shows(minute) {
			values = append(values, stat.ofPoint(&series.points[minute-series.first]))
		}
	}
	if len(values) == int(end-from) {
		return r.service.starts(from, end), values
	}
	times := make([]time.Time, 0, len(values))
	for minute := from; minute < end; minute++ {
		if shows(minute) {
			times = append(times, time.Unix(minute*60, 0).UTC())
		}
	}
	return times, values
}

// starts returns when the minutes [from, end) start. All answers share the memory.
func (s *Service) starts(from, end int64) []time.Time {
	if len(s.minutes) == 0 || from < s.first {
		s.first, s.minutes = from, nil
	}
	for next := s.first + int64(len(s.minutes)); next < end; next++ {
		s.minutes = append(s.minutes, time.Unix(next*60, 0).UTC())
	}
	return s.minutes[from-s.first : end-s.first : end-s.first]
}

// token names the next page: how many data points came before it, and what showed when the first page was answered.
func (r *reading) token(skip int) string {
	return "page:" + strconv.Itoa(skip) + ":" + strconv.FormatInt(r.seen, 10)
}

func (r *reading) parseToken(token string) (skip int, seen int64, err error) {
	parts := strings.Split(token, ":")
	if len(parts) == 3 && parts[0] == "page" {
		n, errN := strconv.Atoi(parts[1])
		at, errAt := strconv.ParseInt(parts[2], 10, 64)
		if errN == nil && errAt == nil && n > 0 && at <= r.seen {
			return n, at, nil
		}
	}
	return 0, 0, &types.InvalidNextToken{Message: aws.String("The next token is not valid")}
}
