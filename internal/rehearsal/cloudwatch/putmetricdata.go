package cloudwatch

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// Bounds of one PutMetricData.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
const (
	maxData       = 1000
	maxDimensions = 30
	oldestDatum   = 14 * 24 * time.Hour
	newestDatum   = 2 * time.Hour
)

// PutMetricData publishes single values, values with counts, and statistic sets.
func (s *Service) PutMetricData(ctx context.Context, in *sdk.PutMetricDataInput, _ ...func(*sdk.Options)) (*sdk.PutMetricDataOutput, error) {
	return door.Call(ctx, "cloudwatch:PutMetricData", in, func() (*sdk.PutMetricDataOutput, error) { return s.putMetricData(in) })
}

func (s *Service) putMetricData(in *sdk.PutMetricDataInput) (*sdk.PutMetricDataOutput, error) {
	namespace := aws.ToString(in.Namespace)
	switch {
	case namespace == "":
		return nil, &types.MissingRequiredParameterException{Message: aws.String("The parameter Namespace is required.")}
	case strings.HasPrefix(namespace, "AWS/"):
		return nil, wrongValue("The value AWS/ for parameter Namespace is invalid.")
	case len(in.MetricData) == 0 || len(in.MetricData) > maxData:
		return nil, wrongValue("MetricData must hold 1 to 1000 data.")
	}
	for i := range in.MetricData {
		if err := s.checkDatum(&in.MetricData[i]); err != nil {
			return nil, wrongValue(fmt.Sprintf("MetricData.member.%d: %v", i+1, err))
		}
	}
	for i := range in.MetricData {
		s.putDatum(namespace, &in.MetricData[i])
	}
	return &sdk.PutMetricDataOutput{}, nil
}

func wrongValue(message string) error {
	return &types.InvalidParameterValueException{Message: aws.String(message)}
}

func (s *Service) checkDatum(d *types.MetricDatum) error {
	now := s.loop.Now()
	kinds := 0
	for _, given := range []bool{d.Value != nil, d.StatisticValues != nil, len(d.Values) > 0} {
		if given {
			kinds++
		}
	}
	switch {
	case aws.ToString(d.MetricName) == "":
		return fmt.Errorf("MetricName is required")
	case kinds != 1:
		return fmt.Errorf("exactly one of Value, Values and StatisticValues is required")
	case len(d.Counts) > 0 && len(d.Counts) != len(d.Values):
		return fmt.Errorf("Values and Counts must have the same length")
	case len(d.Dimensions) > maxDimensions:
		return fmt.Errorf("at most %d dimensions are allowed", maxDimensions)
	case d.Timestamp != nil && (d.Timestamp.Before(now.Add(-oldestDatum)) || d.Timestamp.After(now.Add(newestDatum))):
		return fmt.Errorf("Timestamp must lie within two weeks before and two hours after now")
	}
	for _, v := range append([]float64{aws.ToFloat64(d.Value)}, d.Values...) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("a value must be finite")
		}
	}
	return nil
}

func (s *Service) putDatum(namespace string, d *types.MetricDatum) {
	at := s.loop.Now()
	if d.Timestamp != nil {
		at = *d.Timestamp
	}
	series := s.Series(namespace, *d.MetricName, dimsOf(d.Dimensions)...)
	switch {
	case d.StatisticValues != nil:
		v := d.StatisticValues
		series.Add(at, aws.ToFloat64(v.Sum), aws.ToFloat64(v.SampleCount), aws.ToFloat64(v.Minimum), aws.ToFloat64(v.Maximum))
	case d.Value != nil:
		series.AddValues(at, []float64{*d.Value}, []float64{1})
	default:
		counts := d.Counts
		if len(counts) == 0 {
			counts = make([]float64, len(d.Values))
			for i := range counts {
				counts[i] = 1
			}
		}
		series.AddValues(at, d.Values, counts)
	}
}
