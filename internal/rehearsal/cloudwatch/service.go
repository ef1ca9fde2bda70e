package cloudwatch

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

const (
	account = "123456789012"
	region  = "eu-central-1"
)

// Service is the CloudWatch of one simulated account.
type Service struct {
	loop   *loop.Loop
	rng    *rand.Rand
	delay  Delay
	page   int // data points
	few    int // alarms, or changes of them
	status Status
	series []*Series

	alarms []*alarm // by name
	ticks  []*alarm // the metric alarms in the order in which a minute evaluates them
	tick   int64    // the minute that is being evaluated
	turn   int      // the next of ticks in it
	buffer []datapoint
	moment moment

	first   int64       // the number of the first minute since 1970 of
	minutes []time.Time // which were asked for

	metricAlarms door.Lists[types.MetricAlarm]
}

// Delay draws how long after the end of its minute a data point shows up.
type Delay func(*rand.Rand) time.Duration

// usual is 5 to 90 s: most metrics show up within a minute, and hardly any after the two minutes that AWS's
// documentation tells to wait for them.
func usual(rng *rand.Rand) time.Duration {
	return 5*time.Second + time.Duration(rng.Int64N(int64(85*time.Second)))
}

// New returns a CloudWatch without metrics and alarms.
func New(l *loop.Loop) *Service {
	return &Service{loop: l, rng: l.Source("cloudwatch"), delay: usual}
}

// SetDelay changes how late data points show up from now on.
func (s *Service) SetDelay(d Delay) { s.delay = d }

// SetPage makes GetMetricData answer at most n data points a page, whatever it is asked for; 0 undoes it.
func (s *Service) SetPage(n int) { s.page = n }

// SetRecords makes lists of alarms, and of their changes, come n at a time; 0 undoes it.
func (s *Service) SetRecords(n int) { s.few = n }

// Status draws how a series comes out of GetMetricData: Complete, PartialData (half of what there was is missing, and no
// page brings it) or InternalError (nothing comes).
type Status func(*rand.Rand) types.StatusCode

// SetStatus lets GetMetricData go wrong in its answers; nil undoes it.
func (s *Service) SetStatus(status Status) { s.status = status }

// Dim is one dimension of a metric.
type Dim struct{ Name, Value string }

// Series returns the metric with exactly these dimensions, in any order, and makes it where it does not exist.
func (s *Service) Series(namespace, metric string, dims ...Dim) *Series {
	sorted := slices.SortedFunc(slices.Values(dims), compareDims)
	if found := s.find(namespace, metric, sorted); found != nil {
		return found
	}
	made := &Series{service: s, namespace: namespace, name: metric, dims: sorted}
	s.series = append(s.series, made)
	return made
}

// Put adds to the minute of at: what count samples add up to, and the least and the greatest of them.
func (s *Service) Put(namespace, metric string, dims []Dim, at time.Time, sum, count, least, most float64) {
	s.Series(namespace, metric, dims...).Add(at, sum, count, least, most)
}

// find returns the metric with exactly these dimensions, sorted by name, or nil.
func (s *Service) find(namespace, metric string, sorted []Dim) *Series {
	for _, series := range s.series {
		if series.name == metric && series.namespace == namespace && slices.Equal(series.dims, sorted) {
			return series
		}
	}
	return nil
}

func compareDims(a, b Dim) int { return strings.Compare(a.Name, b.Name) }

// now returns the present minute and the present, in nanoseconds since 1970.
func (s *Service) now() int64 { return s.loop.Now().UnixNano() }

// invalid is how CloudWatch refuses a request that makes no sense.
func invalid(message string) error {
	return &smithy.GenericAPIError{Code: "ValidationError", Message: message, Fault: smithy.FaultClient}
}
