//go:build emulator

package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// metrics puts what is counted here into the emulator's CloudWatch, every few seconds.
type metrics struct {
	client *cloudwatch.Client
	mu     sync.Mutex
	data   map[string][]cwtypes.MetricDatum // by namespace, not published yet
}

func (m *metrics) add(namespace string, data ...cwtypes.MetricDatum) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.data == nil {
		m.data = map[string][]cwtypes.MetricDatum{}
	}
	m.data[namespace] = append(m.data[namespace], data...)
}

// publishing publishes what was counted until the test ends.
func (m *metrics) publishing(t *testing.T) {
	t.Helper()
	over := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		for !closed(over) {
			select {
			case <-over:
			case <-time.After(3 * time.Second):
				m.publish(t)
			}
		}
	})
	t.Cleanup(func() { close(over); all.Wait() })
}

func (m *metrics) publish(t *testing.T) {
	m.mu.Lock()
	counted := m.data
	m.data = nil
	m.mu.Unlock()
	for namespace, data := range counted {
		for ; len(data) > 0; data = data[min(500, len(data)):] {
			if _, err := m.client.PutMetricData(context.Background(), &cloudwatch.PutMetricDataInput{
				Namespace: &namespace, MetricData: data[:min(500, len(data))],
			}); err != nil {
				t.Errorf("put the metrics of %s: %v", namespace, err)
			}
		}
	}
}

// logged is a container's output as CloudWatch Logs takes it: lines in the embedded metric format become metrics.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type logged struct {
	to      io.Writer
	metrics *metrics
	rest    []byte // of a line
}

func (l *logged) Write(text []byte) (int, error) {
	l.rest = append(l.rest, text...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			break
		}
		l.line(line)
		l.rest = rest
	}
	return l.to.Write(text)
}

func (l *logged) line(text []byte) {
	var meta struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	var fields map[string]any
	if json.Unmarshal(text, &meta) != nil || json.Unmarshal(text, &fields) != nil {
		return
	}
	for _, directive := range meta.AWS.CloudWatchMetrics {
		for _, names := range directive.Dimensions {
			var dimensions []cwtypes.Dimension
			for _, name := range names {
				value, _ := fields[name].(string)
				dimensions = append(dimensions, cwtypes.Dimension{Name: &name, Value: &value})
			}
			for _, metric := range directive.Metrics {
				value, _ := fields[metric.Name].(float64)
				l.metrics.add(directive.Namespace, cwtypes.MetricDatum{
					MetricName: aws.String(metric.Name), Value: &value, Unit: cwtypes.StandardUnit(metric.Unit),
					Timestamp: aws.Time(time.UnixMilli(meta.AWS.Timestamp)), Dimensions: dimensions,
				})
			}
		}
	}
}
