package scenario

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/yamlfile"
)

const maxTraceBytes = 16 << 20

// sample is one value of a series: how much work arrived in the interval that begins at a time.
type sample struct {
	at    time.Time
	count float64
	place yamlfile.Place
}

// ReadTrace reads a real series as arrivals: CSV with the columns timestamp and value, or the JSON that
// `aws cloudwatch get-metric-data` prints for one metric with statistic Sum. The interval is the shortest time between
// two values; where a value is absent nothing arrived, since CloudWatch leaves out what nobody published. Times without
// a zone are UTC.
func ReadTrace(name string, data []byte) (Arrivals, error) {
	read := readCSV
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		read = readMetricData
	}
	samples, problems := read(data)
	if len(problems) == 0 {
		problems = ordered(samples)
	}
	if len(problems) > 0 {
		for i := range problems {
			problems[i].File = name
		}
		return Arrivals{}, problems.Err()
	}
	return arrivals(samples), nil
}

func wrong(at yamlfile.Place, format string, args ...any) yamlfile.Problem {
	return yamlfile.Problem{Place: at, Text: fmt.Sprintf(format, args...)}
}

func readCSV(data []byte) ([]sample, yamlfile.Problems) {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.ReuseRecord = true
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, yamlfile.Problems{wrong(yamlfile.Place{}, "is empty but must have the columns timestamp and value")}
	}
	if err != nil {
		return nil, yamlfile.Problems{csvProblem(err)}
	}
	when, value := slices.Index(header, "timestamp"), slices.Index(header, "value")
	if when < 0 || value < 0 {
		return nil, yamlfile.Problems{wrong(yamlfile.Place{Line: 1, Column: 1}, "has the columns %s but must have timestamp and value", strconv.Quote(strings.Join(header, ",")))}
	}
	var samples []sample
	var problems yamlfile.Problems
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return samples, problems
		}
		if err != nil {
			return nil, append(problems, csvProblem(err))
		}
		line, column := reader.FieldPos(when)
		s, why := sampleOf(row[when], row[value])
		s.place = yamlfile.Place{Line: line, Column: column}
		if why != "" {
			problems = append(problems, wrong(s.place, "%s", why))
		}
		samples = append(samples, s)
	}
}

func csvProblem(err error) yamlfile.Problem {
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		return wrong(yamlfile.Place{Line: syntax.Line, Column: max(1, syntax.Column)}, "is not readable as CSV: %v", syntax.Err)
	}
	return wrong(yamlfile.Place{}, "is not readable as CSV: %v", err)
}

func sampleOf(when, value string) (s sample, why string) {
	at, ok := timeOf(when)
	if !ok {
		return s, fmt.Sprintf("has the timestamp %s but it must be like 2026-01-05 09:00:00 or 2026-01-05T09:00:00Z", yamlfile.Quote(when))
	}
	count, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsNaN(count) || math.IsInf(count, 0) || count < 0 {
		return s, fmt.Sprintf("has the value %s but it must be a number of messages, not below 0", yamlfile.Quote(value))
	}
	return sample{at: at, count: count}, ""
}

func timeOf(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// metricData is what `aws cloudwatch get-metric-data` prints.
type metricData struct {
	MetricDataResults []struct {
		ID         string `json:"Id"`
		Timestamps []string
		Values     []*float64
	}
	NextToken string
}

func readMetricData(data []byte) ([]sample, yamlfile.Problems) {
	var d metricData
	one := func(format string, args ...any) ([]sample, yamlfile.Problems) {
		return nil, yamlfile.Problems{wrong(yamlfile.Place{}, format, args...)}
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, yamlfile.Problems{jsonProblem(data, err)}
	}
	switch {
	case len(d.MetricDataResults) != 1:
		return one("has %d series in MetricDataResults but must have exactly one: the messages that arrived", len(d.MetricDataResults))
	case d.NextToken != "":
		return one("ends with a NextToken, so values are missing; fetch all pages (the AWS CLI does so unless it is told not to)")
	}
	series := d.MetricDataResults[0]
	if len(series.Timestamps) != len(series.Values) {
		return one("has %d Timestamps but %d Values; there must be a value for each", len(series.Timestamps), len(series.Values))
	}
	var samples []sample
	var problems yamlfile.Problems
	for i, when := range series.Timestamps {
		value := "null"
		if series.Values[i] != nil {
			value = strconv.FormatFloat(*series.Values[i], 'g', -1, 64)
		}
		s, why := sampleOf(when, value)
		if why != "" {
			problem := wrong(yamlfile.Place{}, "%s", why)
			problem.Path = fmt.Sprintf("MetricDataResults[0], entry %d,", i)
			problems = append(problems, problem)
		}
		samples = append(samples, s)
	}
	slices.SortStableFunc(samples, func(a, b sample) int { return a.at.Compare(b.at) }) // CloudWatch prints the newest first
	return samples, problems
}

// jsonProblem finds the line of an error of encoding/json.
func jsonProblem(data []byte, err error) yamlfile.Problem {
	var offset int64
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = mismatch.Offset
	}
	before := data[:min(max(0, int(offset)-1), len(data))]
	place := yamlfile.Place{Line: 1 + bytes.Count(before, []byte("\n")), Column: len(before) - bytes.LastIndexByte(before, '\n')}
	return wrong(place, "is not readable: %v", err)
}

func ordered(samples []sample) yamlfile.Problems {
	var problems yamlfile.Problems
	if len(samples) < 2 {
		return append(problems, wrong(yamlfile.Place{}, "has %d values but must have at least 2 (their distance tells how long each one counts)", len(samples)))
	}
	for i, s := range samples[1:] {
		before := samples[i].at
		switch {
		case s.at.Equal(before):
			problems = append(problems, wrong(s.place, "has the timestamp %s a second time but each must stand once", s.at.Format(time.DateTime)))
		case s.at.Before(before):
			problems = append(problems, wrong(s.place, "has the timestamp %s after %s but rows must be in the order of time", s.at.Format(time.DateTime), before.Format(time.DateTime)))
		}
	}
	return problems
}

func arrivals(samples []sample) Arrivals {
	interval := samples[1].at.Sub(samples[0].at)
	for i := range samples[1:] {
		interval = min(interval, samples[i+1].at.Sub(samples[i].at))
	}
	var a Arrivals
	start := samples[0].at
	for _, s := range samples {
		from := s.at.Sub(start)
		a.add(from, from+interval, s.count/interval.Seconds())
	}
	a.length = samples[len(samples)-1].at.Sub(start) + interval
	return a
}
